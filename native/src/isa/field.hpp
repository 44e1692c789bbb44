// Scalar prime-field arithmetic on four 64-bit limbs, Montgomery form with R = 2^256, values always canonical (< p).
// Included once per instruction set inside its own namespace.
#pragma once
#include "../types.hpp"
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace zk {
namespace ZK_ISA {

#define ZK_INLINE inline __attribute__((always_inline))
// g++ decides which arrays become registers before it unrolls short loops, unless told to unroll them.
#if defined(__clang__)
#define ZK_UNROLL
#else
#define ZK_UNROLL _Pragma("GCC unroll 16")
#endif

template <class P>
struct Derived;

/** Base field modulus q. */
struct QP {
  static constexpr u64 M[4] = {0x3c208c16d87cfd47ull, 0x97816a916871ca8dull, 0xb85045b68181585dull, 0x30644e72e131a029ull};
};
/** Scalar field modulus r. */
struct RP {
  static constexpr u64 M[4] = {0x43e1f593f0000001ull, 0x2833e84879b97091ull, 0xb85045b68181585dull, 0x30644e72e131a029ull};
};

constexpr u64 negInverse64(u64 m) {
  u64 x = 1;
  for (int i = 0; i < 6; i++) x *= 2 - m * x;
  return ~x + 1;
}
struct Limbs {
  u64 v[4];
};
/** 2^k mod m, by doubling. */
constexpr Limbs powerOfTwo(const u64 (&m)[4], int k) {
  Limbs a{{1, 0, 0, 0}};
  for (int i = 0; i < k; i++) {
    u64 carry = 0;
    Limbs d{};
    for (int j = 0; j < 4; j++) {
      d.v[j] = (a.v[j] << 1) | carry;
      carry = a.v[j] >> 63;
    }
    Limbs s{};
    u64 borrow = 0;
    for (int j = 0; j < 4; j++) {
      u128 t = (u128)d.v[j] - m[j] - borrow;
      s.v[j] = (u64)t;
      borrow = (u64)(t >> 64) & 1;
    }
    a = borrow ? d : s;
  }
  return a;
}

template <class P>
struct Derived {
  static constexpr u64 INV = negInverse64(P::M[0]);
  static constexpr Limbs R1 = powerOfTwo(P::M, 256);
  static constexpr Limbs R2 = powerOfTwo(P::M, 512);
  static constexpr Limbs R3 = powerOfTwo(P::M, 768);
  static constexpr Limbs TWO6 = powerOfTwo(P::M, 262);
  static constexpr Limbs TWICE = {{P::M[0] << 1, P::M[1] << 1 | P::M[0] >> 63, P::M[2] << 1 | P::M[1] >> 63, P::M[3] << 1 | P::M[2] >> 63}};
};

// Carries through four words are the one thing that compilers do badly; -DZK_PLAIN leaves these few instructions out.
#if defined(__x86_64__) && !defined(ZK_PLAIN)
#define ZK_ASM 1
#else
#define ZK_ASM 0
#endif

static ZK_INLINE u64 addc(u64 a, u64 b, u64& carry) {
#if defined(__x86_64__)
  unsigned long long r;
  carry = _addcarry_u64((unsigned char)carry, a, b, &r);
  return r;
#else
  u128 t = (u128)a + b + carry;
  carry = (u64)(t >> 64);
  return (u64)t;
#endif
}
static ZK_INLINE u64 subb(u64 a, u64 b, u64& borrow) {
#if defined(__x86_64__)
  unsigned long long r;
  borrow = _subborrow_u64((unsigned char)borrow, a, b, &r);
  return r;
#else
  u128 t = (u128)a - b - borrow;
  borrow = (u64)(t >> 64) & 1;
  return (u64)t;
#endif
}

/** r += b over four words; the sum fits. */
static ZK_INLINE void addWords(u64* r, const u64* b) {
#if ZK_ASM
  __asm__("addq %4, %0\n\tadcq %5, %1\n\tadcq %6, %2\n\tadcq %7, %3" : "+&r"(r[0]), "+&r"(r[1]), "+&r"(r[2]), "+&r"(r[3]) : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3]) : "cc");
#else
  u64 c = 0;
  for (int i = 0; i < 4; i++) r[i] = addc(r[i], b[i], c);
#endif
}
/** r −= b over four words; all ones when b was larger, else zero. */
static ZK_INLINE u64 subWords(u64* r, const u64* b) {
#if ZK_ASM
  u64 mask;
  __asm__("subq %5, %0\n\tsbbq %6, %1\n\tsbbq %7, %2\n\tsbbq %8, %3\n\tsbbq %4, %4" : "+&r"(r[0]), "+&r"(r[1]), "+&r"(r[2]), "+&r"(r[3]), "=&r"(mask) : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3]) : "cc");
  return mask;
#else
  u64 c = 0;
  for (int i = 0; i < 4; i++) r[i] = subb(r[i], b[i], c);
  return 0 - c;
#endif
}
/** Subtracts m from v unless v is smaller, without a branch: which it is cannot be foretold. */
static ZK_INLINE void subUnlessSmaller(u64* v, const u64* m) {
  u64 t[4] = {v[0], v[1], v[2], v[3]};
#if ZK_ASM
  __asm__(
      "subq %8, %0\n\tsbbq %9, %1\n\tsbbq %10, %2\n\tsbbq %11, %3\n\tcmovcq %4, %0\n\tcmovcq %5, %1\n\tcmovcq %6, %2\n\tcmovcq %7, %3"
      : "+&r"(t[0]), "+&r"(t[1]), "+&r"(t[2]), "+&r"(t[3])
      : "r"(v[0]), "r"(v[1]), "r"(v[2]), "r"(v[3]), "m"(m[0]), "m"(m[1]), "m"(m[2]), "m"(m[3])
      : "cc");
  for (int i = 0; i < 4; i++) v[i] = t[i];
#else
  const u64 keep = subWords(t, m);
  for (int i = 0; i < 4; i++) v[i] = t[i] ^ ((t[i] ^ v[i]) & keep);
#endif
}

/** An element of the prime field P. */
template <class P>
struct Fp {
  u64 v[4];

  static ZK_INLINE Fp zero() { return Fp{{0, 0, 0, 0}}; }
  static ZK_INLINE Fp one() { return of(Derived<P>::R1); }
  static ZK_INLINE Fp of(const Limbs& l) { return Fp{{l.v[0], l.v[1], l.v[2], l.v[3]}}; }
  static ZK_INLINE Fp from(const U256& a) {
    Fp r;
    memcpy(r.v, &a, 32);
    return r;
  }
  ZK_INLINE U256 raw() const {
    U256 r;
    memcpy(&r, v, 32);
    return r;
  }
  ZK_INLINE bool isZero() const { return (v[0] | v[1] | v[2] | v[3]) == 0; }
  ZK_INLINE bool operator==(const Fp& o) const {
    return ((v[0] ^ o.v[0]) | (v[1] ^ o.v[1]) | (v[2] ^ o.v[2]) | (v[3] ^ o.v[3])) == 0;
  }
  /** Whether the limbs, as an integer, are below the modulus. */
  ZK_INLINE bool isCanonical() const {
    u64 b = 0;
    for (int i = 0; i < 4; i++) (void)subb(v[i], P::M[i], b);
    return b != 0;
  }
  /** Subtracts the modulus once when the value is not below it. */
  ZK_INLINE void reduceOnce() { subUnlessSmaller(v, P::M); }
  /** Canonical form of any 256-bit value (at most five subtractions). */
  ZK_INLINE void reduceFully() {
    while (!isCanonical()) reduceOnce();
  }
  ZK_INLINE Fp operator+(const Fp& o) const {
    Fp r = *this;
    addWords(r.v, o.v);
    r.reduceOnce();
    return r;
  }
  ZK_INLINE Fp operator-(const Fp& o) const {
    Fp r = *this;
    const u64 mask = subWords(r.v, o.v);
    const u64 m[4] = {P::M[0] & mask, P::M[1] & mask, P::M[2] & mask, P::M[3] & mask};
    addWords(r.v, m);
    return r;
  }
  ZK_INLINE Fp operator-() const { return isZero() ? *this : zero() - *this; }
  ZK_INLINE Fp dbl() const { return *this + *this; }

  // Loose values: representatives below 2p, or as said. Four times the modulus is less than 2^256.
  /** this − o + p for canonical operands: below 2p. */
  ZK_INLINE Fp subLoose(const Fp& o) const {
    Fp r = *this;
    addWords(r.v, P::M);
    (void)subWords(r.v, o.v);
    return r;
  }
  /** this − a − b + 2p for loose this and canonical a and b: canonical. */
  ZK_INLINE Fp subBoth(const Fp& a, const Fp& b) const {
    Fp r = *this;
    addWords(r.v, Derived<P>::TWICE.v);
    (void)subWords(r.v, a.v);
    (void)subWords(r.v, b.v);
    r.reduceTwice();
    return r;
  }
  /** this − o for loose this and canonical o: canonical. */
  ZK_INLINE Fp subFrom(const Fp& o) const {
    Fp r = subLoose(o);
    r.reduceTwice();
    return r;
  }
  /** Canonical form of a value below 4p. */
  ZK_INLINE void reduceTwice() {
    subUnlessSmaller(v, Derived<P>::TWICE.v);
    subUnlessSmaller(v, P::M);
  }
  /** p − this where the mask is all ones, this where it is zero; at most p. */
  ZK_INLINE Fp negateMasked(u64 mask) const {
    Fp n = of({{P::M[0], P::M[1], P::M[2], P::M[3]}});
    (void)subWords(n.v, v);
    for (int i = 0; i < 4; i++) n.v[i] = v[i] ^ ((v[i] ^ n.v[i]) & mask);
    return n;
  }

  /** Montgomery product: this · o / 2^256. */
  ZK_INLINE Fp operator*(const Fp& o) const {
    Fp r = mulLoose(o);
    r.reduceOnce();
    return r;
  }
  /** The product of loose values, loose: (2p)² / 2^256 + p < 1.8p. */
  ZK_INLINE Fp mulLoose(const Fp& o) const {
#if defined(ZK_USE_ADX)
    return mulAdx(*this, o);
#else
    u64 t0 = 0, t1 = 0, t2 = 0, t3 = 0;
    ZK_UNROLL
    for (int i = 0; i < 4; i++) {
      const u64 y = o.v[i];
      u128 c = (u128)v[0] * y + t0;
      t0 = (u64)c;
      c = (u128)v[1] * y + (u64)(c >> 64) + t1;
      t1 = (u64)c;
      c = (u128)v[2] * y + (u64)(c >> 64) + t2;
      t2 = (u64)c;
      c = (u128)v[3] * y + (u64)(c >> 64) + t3;
      const u64 low = (u64)c, high = (u64)(c >> 64);
      const u64 m = t0 * Derived<P>::INV;
      c = (u128)m * P::M[0] + t0;
      c = (u128)m * P::M[1] + (u64)(c >> 64) + t1;
      t0 = (u64)c;
      c = (u128)m * P::M[2] + (u64)(c >> 64) + t2;
      t1 = (u64)c;
      c = (u128)m * P::M[3] + (u64)(c >> 64) + low;
      t2 = (u64)c;
      t3 = (u64)(c >> 64) + high;  // no carry out: 4p < 2^256
    }
    return Fp{{t0, t1, t2, t3}};
#endif
  }
  ZK_INLINE Fp sqr() const { return *this * *this; }
  ZK_INLINE Fp toMont() const { return *this * of(Derived<P>::R2); }
  ZK_INLINE Fp fromMont() const { return *this * Fp{{1, 0, 0, 0}}; }

  Fp pow(const u64* e, int limbs) const {
    Fp r = one();
    for (int i = limbs * 64 - 1; i >= 0; i--) {
      r = r.sqr();
      if ((e[i / 64] >> (i % 64)) & 1) r = r * *this;
    }
    return r;
  }
  Fp pow(u64 e) const { return pow(&e, 1); }

  static Fp small(u64 x) { return Fp{{x, 0, 0, 0}}.toMont(); }

  /** Multiplicative inverse in Montgomery form, by the binary GCD with 31 steps per multi-word update (after Pornin,
   *  eprint 2020/972); zero gives zero. */
  Fp inverse() const;

#if defined(ZK_USE_ADX)
  static ZK_INLINE Fp mulAdx(const Fp& x, const Fp& y) {
    u64 t0, t1, t2, t3, a, lo, rdx;
    const u64* xp = x.v;
    const u64* yp = y.v;
    static constexpr struct {
      u64 m[4], inv;
    } K = {{P::M[0], P::M[1], P::M[2], P::M[3]}, Derived<P>::INV};
// Adds m·p to t and shifts one word down; a holds the word above t3. CF and OF are two independent carry chains.
#define ZK_REDUCE                              \
  "movq %[inv], %%rdx\n\t"                   \
  "imulq %[t0], %%rdx\n\t"                     \
  "xorl %k[lo], %k[lo]\n\t"                    \
  "mulxq %[m0], %[lo], %[c]\n\t"             \
  "adcxq %[t0], %[lo]\n\t"                     \
  "movq %[c], %[t0]\n\t"                       \
  "adcxq %[t1], %[t0]\n\t"                     \
  "mulxq %[m1], %[lo], %[t1]\n\t"            \
  "adoxq %[lo], %[t0]\n\t"                     \
  "adcxq %[t2], %[t1]\n\t"                     \
  "mulxq %[m2], %[lo], %[t2]\n\t"           \
  "adoxq %[lo], %[t1]\n\t"                     \
  "adcxq %[t3], %[t2]\n\t"                     \
  "mulxq %[m3], %[lo], %[t3]\n\t"           \
  "adoxq %[lo], %[t2]\n\t"                     \
  "movl $0, %k[lo]\n\t"                        \
  "adcxq %[lo], %[t3]\n\t"                     \
  "adoxq %[a], %[t3]\n\t"
#define ZK_ROW(off)                            \
  "movq " #off "(%[y]), %%rdx\n\t"             \
  "xorl %k[lo], %k[lo]\n\t"                    \
  "mulxq 0(%[x]), %[lo], %[a]\n\t"             \
  "adoxq %[lo], %[t0]\n\t"                     \
  "adcxq %[a], %[t1]\n\t"                      \
  "mulxq 8(%[x]), %[lo], %[a]\n\t"             \
  "adoxq %[lo], %[t1]\n\t"                     \
  "adcxq %[a], %[t2]\n\t"                      \
  "mulxq 16(%[x]), %[lo], %[a]\n\t"            \
  "adoxq %[lo], %[t2]\n\t"                     \
  "adcxq %[a], %[t3]\n\t"                      \
  "mulxq 24(%[x]), %[lo], %[a]\n\t"            \
  "adoxq %[lo], %[t3]\n\t"                     \
  "movl $0, %k[lo]\n\t"                        \
  "adcxq %[lo], %[a]\n\t"                      \
  "adoxq %[lo], %[a]\n\t"
    u64 c;
    __asm__(
        "movq 0(%[y]), %%rdx\n\t"
        "xorl %k[lo], %k[lo]\n\t"
        "mulxq 0(%[x]), %[t0], %[t1]\n\t"
        "mulxq 8(%[x]), %[lo], %[t2]\n\t"
        "adoxq %[lo], %[t1]\n\t"
        "mulxq 16(%[x]), %[lo], %[t3]\n\t"
        "adoxq %[lo], %[t2]\n\t"
        "mulxq 24(%[x]), %[lo], %[a]\n\t"
        "adoxq %[lo], %[t3]\n\t"
        "movl $0, %k[lo]\n\t"
        "adoxq %[lo], %[a]\n\t" ZK_REDUCE ZK_ROW(8) ZK_REDUCE ZK_ROW(16) ZK_REDUCE ZK_ROW(24) ZK_REDUCE
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [a] "=&r"(a), [lo] "=&r"(lo), [c] "=&r"(c), "=&d"(rdx)
        : [x] "r"(xp), [y] "r"(yp), [m0] "m"(K.m[0]), [m1] "m"(K.m[1]), [m2] "m"(K.m[2]), [m3] "m"(K.m[3]), [inv] "m"(K.inv), "m"(*(const u64(*)[4])xp), "m"(*(const u64(*)[4])yp)
        : "cc");
#undef ZK_REDUCE
#undef ZK_ROW
    return Fp{{t0, t1, t2, t3}};
  }
#endif
};

/** (f·a + g·b) / 2^31 for signed 32-bit-ish f, g; the division is exact. Returns 1 and negates when the result is negative. */
static inline bool gcdCombine(u64* out, const u64* a, const u64* b, i64 f, i64 g) {
  i128 acc = 0;
  u64 w[5];
  for (int i = 0; i < 4; i++) {
    acc += (i128)f * (i128)(u128)a[i] + (i128)g * (i128)(u128)b[i];
    w[i] = (u64)acc;
    acc >>= 64;
  }
  w[4] = (u64)acc;
  for (int i = 0; i < 4; i++) out[i] = (w[i] >> 31) | (w[i + 1] << 33);
  if ((i64)w[4] < 0) {
    u64 c = 1;
    for (int i = 0; i < 4; i++) {
      out[i] = ~out[i] + c;
      c = c && out[i] == 0;
    }
    return true;
  }
  return false;
}

template <class P>
Fp<P> Fp<P>::inverse() const {
  u64 a[4], b[4];
  memcpy(a, v, 32);
  memcpy(b, P::M, 32);
  Fp u{{1, 0, 0, 0}}, w = zero();
  constexpr int ROUNDS = 17;  // ceil((2·254 − 1) / 31)
  for (int round = 0; round < ROUNDS; round++) {
    // 64-bit approximations: the low 31 bits exactly, and the top 33 of the longer operand.
    int top = 3;
    while (top > 0 && (a[top] | b[top]) == 0) top--;
    u64 ah, bh;
    if (top == 0) {
      ah = a[0];
      bh = b[0];
    } else {
      const u64 o = a[top] | b[top];
      const int s = __builtin_clzll(o);
      u64 at = s ? (a[top] << s) | (a[top - 1] >> (64 - s)) : a[top];
      u64 bt = s ? (b[top] << s) | (b[top - 1] >> (64 - s)) : b[top];
      ah = (a[0] & 0x7fffffffu) | (at >> 31 << 31);
      bh = (b[0] & 0x7fffffffu) | (bt >> 31 << 31);
    }
    i64 f0 = 1, g0 = 0, f1 = 0, g1 = 1;
    for (int i = 0; i < 31; i++) {
      const u64 odd = 0 - (ah & 1);
      const u64 swap = odd & (0 - (u64)(ah < bh));
      u64 t = (ah ^ bh) & swap;
      ah ^= t;
      bh ^= t;
      t = ((u64)f0 ^ (u64)f1) & swap;
      f0 ^= t;
      f1 ^= t;
      t = ((u64)g0 ^ (u64)g1) & swap;
      g0 ^= t;
      g1 ^= t;
      ah -= bh & odd;
      f0 -= f1 & (i64)odd;
      g0 -= g1 & (i64)odd;
      ah >>= 1;
      f1 <<= 1;
      g1 <<= 1;
    }
    u64 na[4], nb[4];
    if (gcdCombine(na, a, b, f0, g0)) f0 = -f0, g0 = -g0;
    if (gcdCombine(nb, a, b, f1, g1)) f1 = -f1, g1 = -g1;
    memcpy(a, na, 32);
    memcpy(b, nb, 32);
    // The same on the cofactors, modulo p: exact division by 2^31 after adding a multiple of p.
    auto lift = [&](i64 f, i64 g) {
      Fp r;
      i128 acc = 0;
      u64 x[5];
      for (int i = 0; i < 4; i++) {
        acc += (i128)f * (i128)(u128)u.v[i] + (i128)g * (i128)(u128)w.v[i];
        x[i] = (u64)acc;
        acc >>= 64;
      }
      i64 hi = (i64)acc;
      const u64 m = (x[0] * Derived<P>::INV) & 0x7fffffffu;
      u128 c = 0;
      for (int i = 0; i < 4; i++) {
        c += (u128)m * P::M[i] + x[i];
        x[i] = (u64)c;
        c >>= 64;
      }
      hi += (i64)(u64)c;
      x[4] = (u64)hi;
      for (int i = 0; i < 4; i++) r.v[i] = (x[i] >> 31) | (x[i + 1] << 33);
      // now −p < value < 2p
      if (hi < 0) {
        u64 cc = 0;
        for (int i = 0; i < 4; i++) r.v[i] = addc(r.v[i], P::M[i], cc);
      }
      r.reduceOnce();
      return r;
    };
    const Fp nu = lift(f0, g0), nw = lift(f1, g1);
    u = nu;
    w = nw;
  }
  // b is now the gcd 1 and w = v^-1 (as plain integers); back to Montgomery form.
  return w * of(Derived<P>::R3);
}

using Fq = Fp<QP>;
using Fr = Fp<RP>;

/** Fq2 = Fq[u]/(u² + 1). */
struct Fq2 {
  Fq a, b;
  static ZK_INLINE Fq2 zero() { return {Fq::zero(), Fq::zero()}; }
  static ZK_INLINE Fq2 one() { return {Fq::one(), Fq::zero()}; }
  static ZK_INLINE Fq2 from(const F2& x) { return {Fq::from(x.c0), Fq::from(x.c1)}; }
  ZK_INLINE F2 raw() const { return {a.raw(), b.raw()}; }
  ZK_INLINE bool isZero() const { return a.isZero() && b.isZero(); }
  ZK_INLINE bool operator==(const Fq2& o) const { return a == o.a && b == o.b; }
  ZK_INLINE bool isCanonical() const { return a.isCanonical() && b.isCanonical(); }
  ZK_INLINE void reduceFully() {
    a.reduceFully();
    b.reduceFully();
  }
  ZK_INLINE Fq2 operator+(const Fq2& o) const { return {a + o.a, b + o.b}; }
  ZK_INLINE Fq2 operator-(const Fq2& o) const { return {a - o.a, b - o.b}; }
  ZK_INLINE Fq2 operator-() const { return {-a, -b}; }
  ZK_INLINE Fq2 dbl() const { return {a.dbl(), b.dbl()}; }
  inline Fq2 operator*(const Fq2& o) const {
    const Fq x = a * o.a, y = b * o.b, s = (a + b) * (o.a + o.b);
    return {x - y, s - x - y};
  }
  ZK_INLINE Fq2 operator*(const Fq& o) const { return {a * o, b * o}; }
  inline Fq2 sqr() const {
    const Fq m = a * b;
    return {(a + b) * (a - b), m.dbl()};
  }
  Fq2 inverse() const {
    const Fq n = (a.sqr() + b.sqr()).inverse();
    return {a * n, -(b * n)};
  }
  // The same names as in Fq; here everything is canonical.
  inline Fq2 mulLoose(const Fq2& o) const { return *this * o; }
  ZK_INLINE Fq2 subLoose(const Fq2& o) const { return *this - o; }
  ZK_INLINE Fq2 subBoth(const Fq2& x, const Fq2& y) const { return *this - x - y; }
  ZK_INLINE Fq2 subFrom(const Fq2& o) const { return *this - o; }
  ZK_INLINE void reduceOnce() {}
  ZK_INLINE Fq2 negateMasked(u64 mask) const {
    Fq2 r{a.negateMasked(mask), b.negateMasked(mask)};
    r.a.reduceOnce();
    r.b.reduceOnce();
    return r;
  }
  ZK_INLINE Fq2 conj() const { return {a, -b}; }
  Fq2 pow(const u64* e, int limbs) const {
    Fq2 r = one();
    for (int i = limbs * 64 - 1; i >= 0; i--) {
      r = r.sqr();
      if ((e[i / 64] >> (i % 64)) & 1) r = r * *this;
    }
    return r;
  }
};

}  // namespace ZK_ISA
}  // namespace zk
