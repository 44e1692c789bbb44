// Eight BN254 field elements at a time in five 52-bit limbs (AVX-512 IFMA). Montgomery reduction with R = 2^260 and no
// final subtraction: 2^260 is 84 times the modulus, so inputs with a·b < 84·k·p² give a result below (1 + k)·p.
// Limbs of multiplicands must be normalised (each in [0, 2^52)); sums and differences are kept loose until then.
#pragma once
#include "field.hpp"
#if defined(ZK_USE_IFMA)

namespace zk {
namespace ZK_ISA {

using Z = __m512i;
constexpr u64 M52 = (1ull << 52) - 1;

struct L5 {
  u64 v[5];
};
constexpr L5 split52(const Limbs& a) {
  return {{a.v[0] & M52, ((a.v[0] >> 52) | (a.v[1] << 12)) & M52, ((a.v[1] >> 40) | (a.v[2] << 24)) & M52,
           ((a.v[2] >> 28) | (a.v[3] << 36)) & M52, a.v[3] >> 16}};
}
template <class P>
struct P52 {
  static constexpr u64 INV = Derived<P>::INV & M52;
  static constexpr L5 M = split52({{P::M[0], P::M[1], P::M[2], P::M[3]}});
  static constexpr L5 ONE = split52(powerOfTwo(P::M, 260));
};

/** k·p in 52-bit limbs, normalised except that the sign stays in the top limb. */
template <class P>
constexpr L5 multiple(int k) {
  L5 r{};
  i128 c = 0;
  ZK_UNROLL
  for (int j = 0; j < 5; j++) {
    c += (i128)k * (i64)P52<P>::M.v[j];
    if (j < 4) {
      r.v[j] = (u64)c & M52;
      c >>= 52;
    } else {
      r.v[j] = (u64)c;
    }
  }
  return r;
}

struct V {
  Z l[5];
};

/** Table of the multiple of p that brings a value in [i·2^253, (i+1)·2^253), i = −8..7, into [2^220, p + 2^253]. Index is i mod 16. */
template <class P>
struct RangeTable {
  alignas(64) u64 t[5][16];
  constexpr RangeTable() : t() {
    for (int s = 0; s < 16; s++) {
      const int i = s < 8 ? s : s - 16;
      int k = -9;
      for (;; k++) {
        // i·2^253 + k·p ≥ 2^220, compared on the top limb (units of 2^208)
        const L5 m = multiple<P>(k);
        const i64 top = (i64)m.v[4] + (i64)i * (1ll << 45);
        if (top >= 4096) break;
      }
      const L5 m = multiple<P>(k);
      ZK_UNROLL
      for (int j = 0; j < 5; j++) t[j][s] = m.v[j];
    }
  }
};

template <class P>
struct F8 {
  static constexpr RangeTable<P> RANGE{};

  static ZK_INLINE Z bc(u64 x) { return _mm512_set1_epi64((long long)x); }
  static ZK_INLINE V broadcast(const L5& a) { return {{bc(a.v[0]), bc(a.v[1]), bc(a.v[2]), bc(a.v[3]), bc(a.v[4])}}; }
  static ZK_INLINE V zero() {
    const Z z = _mm512_setzero_si512();
    return {{z, z, z, z, z}};
  }

  /** Propagates signed carries; the top limb keeps the sign. */
  static ZK_INLINE void norm(V& a) {
    const Z m = bc(M52);
    ZK_UNROLL
    for (int i = 0; i < 4; i++) {
      a.l[i + 1] = _mm512_add_epi64(a.l[i + 1], _mm512_srai_epi64(a.l[i], 52));
      a.l[i] = _mm512_and_si512(a.l[i], m);
    }
  }

  /** Carries without clearing the high bits: enough for a multiplicand, of which only the low 52 bits of a limb count. */
  static ZK_INLINE void carry(V& a) {
    ZK_UNROLL
    for (int i = 0; i < 4; i++) a.l[i + 1] = _mm512_add_epi64(a.l[i + 1], _mm512_srai_epi64(a.l[i], 52));
  }

  /** Clears what carry() has carried: carry() and clear() together are norm(). The top limb must not be negative. */
  static ZK_INLINE void clear(V& a) {
    ZK_UNROLL
    for (int i = 0; i < 4; i++) a.l[i] = _mm512_and_si512(a.l[i], bc(M52));
  }

  static ZK_INLINE void reduceStep(Z& t0, Z& t1, Z& t2, Z& t3, Z& t4, Z& t5) {
    const Z zero = _mm512_setzero_si512();
    const Z q = _mm512_madd52lo_epu64(zero, t0, bc(P52<P>::INV));
    const Z m0 = bc(P52<P>::M.v[0]), m1 = bc(P52<P>::M.v[1]), m2 = bc(P52<P>::M.v[2]), m3 = bc(P52<P>::M.v[3]), m4 = bc(P52<P>::M.v[4]);
    t0 = _mm512_madd52lo_epu64(t0, q, m0);
    t1 = _mm512_madd52lo_epu64(t1, q, m1);
    t2 = _mm512_madd52lo_epu64(t2, q, m2);
    t3 = _mm512_madd52lo_epu64(t3, q, m3);
    t4 = _mm512_madd52lo_epu64(t4, q, m4);
    t1 = _mm512_madd52hi_epu64(t1, q, m0);
    t2 = _mm512_madd52hi_epu64(t2, q, m1);
    t3 = _mm512_madd52hi_epu64(t3, q, m2);
    t4 = _mm512_madd52hi_epu64(t4, q, m3);
    t5 = _mm512_madd52hi_epu64(t5, q, m4);
    t1 = _mm512_add_epi64(t1, _mm512_srli_epi64(t0, 52));
  }

  /** a·b / 2^260, limbs normalised. */
  static ZK_INLINE V mul(const V& a, const V& b) {
    V r = mulLoose(a, b);
    norm(r);
    return r;
  }
  /** a·b / 2^260 for a further product only. */
  static ZK_INLINE V mulOnly(const V& a, const V& b) {
    V r = mulLoose(a, b);
    carry(r);
    return r;
  }
  static ZK_INLINE V sqr(const V& a) {
    V r = sqrLoose(a);
    norm(r);
    return r;
  }
  /** a·b / 2^260 with limbs below 2^57, for sums. */
  static ZK_INLINE V mulLoose(const V& a, const V& b) {
    const Z z = _mm512_setzero_si512();
    Z t[11];
    ZK_UNROLL
    for (int i = 0; i < 11; i++) t[i] = z;
    ZK_UNROLL
    for (int i = 0; i < 5; i++) {
      ZK_UNROLL
      for (int j = 0; j < 5; j++) t[i + j] = _mm512_madd52lo_epu64(t[i + j], a.l[j], b.l[i]);
      ZK_UNROLL
      for (int j = 0; j < 5; j++) t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], a.l[j], b.l[i]);
      reduceStep(t[i], t[i + 1], t[i + 2], t[i + 3], t[i + 4], t[i + 5]);
    }
    return {{t[5], t[6], t[7], t[8], t[9]}};
  }
  static ZK_INLINE V sqrLoose(const V& a) {
    const Z z = _mm512_setzero_si512();
    Z t[11], c[10];
    ZK_UNROLL
    for (int i = 0; i < 11; i++) t[i] = z;
    ZK_UNROLL
    for (int i = 0; i < 10; i++) c[i] = z;
    ZK_UNROLL
    for (int i = 0; i < 5; i++)
      ZK_UNROLL
      for (int j = i + 1; j < 5; j++) {
        c[i + j] = _mm512_madd52lo_epu64(c[i + j], a.l[i], a.l[j]);
        c[i + j + 1] = _mm512_madd52hi_epu64(c[i + j + 1], a.l[i], a.l[j]);
      }
    ZK_UNROLL
    for (int i = 1; i < 9; i++) t[i] = _mm512_add_epi64(c[i], c[i]);
    ZK_UNROLL
    for (int i = 0; i < 5; i++) {
      t[2 * i] = _mm512_madd52lo_epu64(t[2 * i], a.l[i], a.l[i]);
      t[2 * i + 1] = _mm512_madd52hi_epu64(t[2 * i + 1], a.l[i], a.l[i]);
    }
    ZK_UNROLL
    for (int i = 0; i < 5; i++) reduceStep(t[i], t[i + 1], t[i + 2], t[i + 3], t[i + 4], t[i + 5]);
    return {{t[5], t[6], t[7], t[8], t[9]}};
  }

  static ZK_INLINE V add(const V& a, const V& b) {
    V r;
    ZK_UNROLL
    for (int i = 0; i < 5; i++) r.l[i] = _mm512_add_epi64(a.l[i], b.l[i]);
    return r;
  }
  static ZK_INLINE V sub(const V& a, const V& b) {
    V r;
    ZK_UNROLL
    for (int i = 0; i < 5; i++) r.l[i] = _mm512_sub_epi64(a.l[i], b.l[i]);
    return r;
  }
  template <int K>
  static ZK_INLINE V addMultiple(const V& a) {
    constexpr L5 m = multiple<P>(K);
    V r;
    ZK_UNROLL
    for (int i = 0; i < 5; i++) r.l[i] = _mm512_add_epi64(a.l[i], bc(m.v[i]));
    return r;
  }
  static ZK_INLINE V shl2(const V& a) {
    V r;
    ZK_UNROLL
    for (int i = 0; i < 5; i++) r.l[i] = _mm512_slli_epi64(a.l[i], 2);
    return r;
  }
  static ZK_INLINE V shl1(const V& a) {
    V r;
    ZK_UNROLL
    for (int i = 0; i < 5; i++) r.l[i] = _mm512_add_epi64(a.l[i], a.l[i]);
    return r;
  }
  /** Negates the lanes of the mask, plus 2p there; loose. */
  static ZK_INLINE V negateMasked(const V& a, __mmask8 m) {
    constexpr L5 m2 = multiple<P>(2);
    V r;
    ZK_UNROLL
    for (int i = 0; i < 5; i++) r.l[i] = _mm512_mask_sub_epi64(a.l[i], m, bc(m2.v[i]), a.l[i]);
    return r;
  }
  /** Brings a loose value in (−8·2^253, 8·2^253) into (0, p + 2^253] (about 1.67p), normalised. */
  static ZK_INLINE V range(const V& a) {
    const Z i = _mm512_srai_epi64(a.l[4], 45);
    V r;
    ZK_UNROLL
    for (int j = 0; j < 5; j++) {
      const Z lo = _mm512_load_si512(&RANGE.t[j][0]), hi = _mm512_load_si512(&RANGE.t[j][8]);
      r.l[j] = _mm512_add_epi64(a.l[j], _mm512_permutex2var_epi64(lo, i, hi));
    }
    norm(r);
    return r;
  }

  /** Four 64-bit limbs (each a vector of eight lanes) to five 52-bit limbs. */
  static ZK_INLINE V split(const Z& a0, const Z& a1, const Z& a2, const Z& a3) {
    const Z m = bc(M52);
    V r;
    r.l[0] = _mm512_and_si512(a0, m);
    r.l[1] = _mm512_and_si512(_mm512_shrdi_epi64(a0, a1, 52), m);
    r.l[2] = _mm512_and_si512(_mm512_shrdi_epi64(a1, a2, 40), m);
    r.l[3] = _mm512_and_si512(_mm512_shrdi_epi64(a2, a3, 28), m);
    r.l[4] = _mm512_srli_epi64(a3, 16);
    return r;
  }
  static ZK_INLINE void join(const V& a, Z& r0, Z& r1, Z& r2, Z& r3) {
    r0 = _mm512_or_si512(a.l[0], _mm512_slli_epi64(a.l[1], 52));
    r1 = _mm512_or_si512(_mm512_srli_epi64(a.l[1], 12), _mm512_slli_epi64(a.l[2], 40));
    r2 = _mm512_or_si512(_mm512_srli_epi64(a.l[2], 24), _mm512_slli_epi64(a.l[3], 28));
    r3 = _mm512_or_si512(_mm512_srli_epi64(a.l[3], 36), _mm512_slli_epi64(a.l[4], 16));
  }

  static ZK_INLINE Z pair(const void* lo, const void* hi) {
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i*)lo)), _mm256_loadu_si256((const __m256i*)hi), 1);
  }
  /** 4×4 transposes of 64-bit words inside each 256-bit half: rows of points 0..3 (low) and 4..7 (high) to limbs. */
  static ZK_INLINE void transpose4(Z a, Z b, Z c, Z d, Z& r0, Z& r1, Z& r2, Z& r3) {
    const Z ab0 = _mm512_unpacklo_epi64(a, b), ab1 = _mm512_unpackhi_epi64(a, b);
    const Z cd0 = _mm512_unpacklo_epi64(c, d), cd1 = _mm512_unpackhi_epi64(c, d);
    const Z even = _mm512_set_epi64(13, 12, 5, 4, 9, 8, 1, 0), odd = _mm512_set_epi64(15, 14, 7, 6, 11, 10, 3, 2);
    r0 = _mm512_permutex2var_epi64(ab0, even, cd0);
    r1 = _mm512_permutex2var_epi64(ab1, even, cd1);
    r2 = _mm512_permutex2var_epi64(ab0, odd, cd0);
    r3 = _mm512_permutex2var_epi64(ab1, odd, cd1);
  }
  /** Loads eight 32-byte elements from eight addresses. */
  static ZK_INLINE V load(const char* const p[8], size_t off) {
    Z r0, r1, r2, r3;
    transpose4(pair(p[0] + off, p[4] + off), pair(p[1] + off, p[5] + off), pair(p[2] + off, p[6] + off), pair(p[3] + off, p[7] + off), r0, r1, r2, r3);
    return split(r0, r1, r2, r3);
  }
  static ZK_INLINE void store(char* const p[8], size_t off, const V& a) {
    Z l0, l1, l2, l3, r[4];
    join(a, l0, l1, l2, l3);
    transpose4(l0, l1, l2, l3, r[0], r[1], r[2], r[3]);
    ZK_UNROLL
    for (int i = 0; i < 4; i++) {
      _mm256_storeu_si256((__m256i*)(p[i] + off), _mm512_castsi512_si256(r[i]));
      _mm256_storeu_si256((__m256i*)(p[i + 4] + off), _mm512_extracti64x4_epi64(r[i], 1));
    }
  }
  /** Eight consecutive 32-byte elements. */
  static ZK_INLINE V loadRow(const char* p) {
    const Z a = _mm512_loadu_si512(p), b = _mm512_loadu_si512(p + 64), c = _mm512_loadu_si512(p + 128), d = _mm512_loadu_si512(p + 192);
    // a = e0 e1, b = e2 e3, c = e4 e5, d = e6 e7
    Z r0, r1, r2, r3;
    transpose4(_mm512_shuffle_i64x2(a, c, 0x44), _mm512_shuffle_i64x2(a, c, 0xee), _mm512_shuffle_i64x2(b, d, 0x44), _mm512_shuffle_i64x2(b, d, 0xee), r0, r1, r2, r3);
    return split(r0, r1, r2, r3);
  }
  static ZK_INLINE void storeRow(char* p, const V& v) {
    Z l0, l1, l2, l3, r0, r1, r2, r3;
    join(v, l0, l1, l2, l3);
    transpose4(l0, l1, l2, l3, r0, r1, r2, r3);
    _mm512_storeu_si512(p, _mm512_shuffle_i64x2(r0, r1, 0x44));
    _mm512_storeu_si512(p + 64, _mm512_shuffle_i64x2(r2, r3, 0x44));
    _mm512_storeu_si512(p + 128, _mm512_shuffle_i64x2(r0, r1, 0xee));
    _mm512_storeu_si512(p + 192, _mm512_shuffle_i64x2(r2, r3, 0xee));
  }
  /** Canonical form of a normalised value in [0, 2p). */
  static ZK_INLINE V canonical(const V& a) {
    V s = addMultiple<-1>(a);
    norm(s);
    const __mmask8 neg = _mm512_movepi64_mask(s.l[4]);
    V r;
    ZK_UNROLL
    for (int i = 0; i < 5; i++) r.l[i] = _mm512_mask_mov_epi64(s.l[i], neg, a.l[i]);
    return r;
  }
  static ZK_INLINE V loadV(const u64* p) {
    V r;
    ZK_UNROLL
    for (int i = 0; i < 5; i++) r.l[i] = _mm512_load_si512(p + 8 * i);
    return r;
  }
  static ZK_INLINE void storeV(u64* p, const V& a) {
    ZK_UNROLL
    for (int i = 0; i < 5; i++) _mm512_store_si512(p + 8 * i, a.l[i]);
  }
  /** Lane i as a canonical scalar element holding the same integer. */
  static ZK_INLINE Fp<P> lane(const V& a, int i) {
    u64 l[5];
    ZK_UNROLL
    for (int j = 0; j < 5; j++) {
      alignas(64) u64 t[8];
      _mm512_store_si512(t, a.l[j]);
      l[j] = t[i];
    }
    Fp<P> r{{l[0] | l[1] << 52, l[1] >> 12 | l[2] << 40, l[2] >> 24 | l[3] << 28, l[3] >> 36 | l[4] << 16}};
    r.reduceFully();
    return r;
  }
  static ZK_INLINE V fromLanes(const Fp<P> x[8]) {
    const char* p[8];
    ZK_UNROLL
    for (int i = 0; i < 8; i++) p[i] = (const char*)&x[i];
    return load(p, 0);
  }
};

}  // namespace ZK_ISA
}  // namespace zk
#endif
