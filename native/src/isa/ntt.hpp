// Values on the domain {ω^i} to values on the odd coset {ω_2n^(2i+1)}, both in natural order, without a bit reversal:
// an inverse transform that leaves coefficients in bit-reversed order (Cooley–Tukey butterflies, one twiddle per block,
// twiddles in bit-reversed order), a multiplication by g^rev(i)/n, and the transposed network back to natural order.
//
// Passes: the top levels run on column tiles (rows far apart, copied into a local buffer), the lowest LOCAL levels of both
// networks run together on contiguous blocks that fit the second-level cache.
#pragma once
#include "field.hpp"
#include "../kernel.hpp"
#if defined(ZK_USE_IFMA)
#include "ifma.hpp"
#endif

namespace zk {
namespace ZK_ISA {

constexpr int LOCAL = 12;
constexpr int MAX_TILE = 8;
constexpr size_t NTT_SCRATCH = (size_t)40 * 4096 + (size_t)320 * 256 + 4096;

static inline Fr rootOfUnity(int logn) {
  // 5 is the smallest non-residue of Fr; r − 1 = 2^28·odd
  static constexpr u64 ODD[4] = {0x9b9709143e1f593full, 0x181585d2833e8487ull, 0x131a029b85045b68ull, 0x000000030644e72eull};
  Fr w = Fr::small(5).pow(ODD, 4);
  for (int i = 28; i > logn; i--) w = w.sqr();
  return w;
}

/** How the levels above the local blocks are grouped: tile passes of at most MAX_TILE levels. */
struct Plan {
  int tiles, local;
  int levels[4];
  explicit Plan(int logn) : tiles(0), local(logn < LOCAL ? logn : LOCAL), levels{0, 0, 0, 0} {
    int rest = logn - local;
    if (rest <= 0) return;
    tiles = (rest + MAX_TILE - 1) / MAX_TILE;
    for (int i = 0; i < tiles; i++) {
      levels[i] = (rest + tiles - i - 1) / (tiles - i);
      rest -= levels[i];
    }
  }
};

// ---- scalar version --------------------------------------------------------------------------------------------------

namespace ntt64 {

/** t[0] = first, t[2^k + i] = t[i]·step_k with step_k = root^(2^(top−k)): bit-reversed powers. */
static void powers(Fr* t, int bits, Fr first, Fr root, int top) {
  t[0] = first;
  for (int k = 0; k < bits; k++) {
    Fr s = root;
    for (int j = 0; j < top - k; j++) s = s.sqr();
    for (size_t i = 0; i < (size_t)1 << k; i++) t[((size_t)1 << k) + i] = t[i] * s;
  }
}
static size_t tableBytes(int logn) { return sizeof(Fr) * ((size_t)2 << logn); }
/** Layout: inverse twiddles (n/2), forward twiddles (n/2), twist (n). */
static void buildTable(void* tables, int logn, int which) {
  const size_t n = (size_t)1 << logn, half = n / 2 ? n / 2 : 1;
  Fr* t = (Fr*)tables;
  // exponent of table entry 2^k is n/4 >> k
  if (which == 0) powers(t, logn - 1, Fr::one(), rootOfUnity(logn).inverse(), logn - 2);
  if (which == 1) powers(t + half, logn - 1, Fr::one(), rootOfUnity(logn), logn - 2);
  if (which == 2) powers(t + 2 * half, logn, Fr::small(n).inverse(), rootOfUnity(logn + 1), logn - 1);
}
/** Network levels on `rows` rows of `width` adjacent elements, row r at a + r·stride; `block` is the index of this block. */
static ZK_INLINE void down(Fr* a, size_t rows, size_t stride, size_t width, size_t block, const Fr* tw) {
  size_t first = block;
  for (size_t half = rows / 2; half >= 1; half /= 2, first *= 2)
    for (size_t b = 0, r = 0; r < rows; b++, r += 2 * half) {
      const Fr z = tw[first + b];
      const bool unit = first + b == 0;
      for (size_t i = r; i < r + half; i++)
        for (size_t c = 0; c < width; c++) {
          Fr &u = a[i * stride + c], &v = a[(i + half) * stride + c];
          const Fr t = unit ? v : v * z;
          v = u - t;
          u = u + t;
        }
    }
}
static ZK_INLINE void up(Fr* a, size_t rows, size_t stride, size_t width, size_t block, const Fr* tw) {
  size_t first = block * (rows / 2);
  for (size_t half = 1; half < rows; half *= 2, first /= 2)
    for (size_t b = 0, r = 0; r < rows; b++, r += 2 * half) {
      const Fr z = tw[first + b];
      const bool unit = first + b == 0;
      for (size_t i = r; i < r + half; i++)
        for (size_t c = 0; c < width; c++) {
          Fr &u = a[i * stride + c], &v = a[(i + half) * stride + c];
          const Fr d = u - v;
          u = u + v;
          v = unit ? d : d * z;
        }
    }
}
static int passes(int logn) { return 2 * Plan(logn).tiles + 1; }
static size_t tasks(int logn, int pass) {
  const Plan p(logn);
  if (pass == p.tiles) return (size_t)1 << (logn - p.local);
  const int i = pass < p.tiles ? pass : 2 * p.tiles - pass;
  // columns of eight elements
  return ((size_t)1 << (logn - p.levels[i])) / 8;
}
/** Geometry of task `task` of tile pass i: first element, rows, stride, block index. */
struct Tile {
  size_t at, rows, stride, block;
  Tile(const Plan& p, int logn, int i, size_t task) {
    int above = 0;
    for (int k = 0; k < i; k++) above += p.levels[k];
    const size_t size = (size_t)1 << (logn - above);
    rows = (size_t)1 << p.levels[i];
    stride = size / rows;
    const size_t columns = stride / 8;
    block = task / columns;
    at = block * size + (task % columns) * 8;
  }
};
static void run(void* data, const void* tables, int logn, int pass, size_t task, void*) {
  const Plan p(logn);
  const size_t n = (size_t)1 << logn, half = n / 2 ? n / 2 : 1;
  Fr* a = (Fr*)data;
  const Fr *inv = (const Fr*)tables, *fwd = inv + half, *twist = fwd + half;
  if (pass == p.tiles) {
    const size_t s = (size_t)1 << p.local;
    Fr* x = a + task * s;
    down(x, s, 1, 1, task, inv);
    for (size_t i = 0; i < s; i++) x[i] = x[i] * twist[task * s + i];
    up(x, s, 1, 1, task, fwd);
  } else if (pass < p.tiles) {
    const Tile t(p, logn, pass, task);
    down(a + t.at, t.rows, t.stride, 8, t.block, inv);
  } else {
    const Tile t(p, logn, 2 * p.tiles - pass, task);
    up(a + t.at, t.rows, t.stride, 8, t.block, fwd);
  }
}

}  // namespace ntt64

#if defined(ZK_USE_IFMA)
// ---- eight lanes -----------------------------------------------------------------------------------------------------
// Tables and local buffers are rows of eight elements, five 52-bit limbs each ("rows": 40 words). Values between passes are
// 32-byte elements below 2^256, loose. In local buffers values are signed and loose.

namespace ntt52 {

using R8 = F8<RP>;
constexpr int SMALLEST = 7;  // smaller domains use the scalar version

static ZK_INLINE V loadRow52(const u64* p) { return R8::loadV(p); }
static ZK_INLINE V entry(const u64* t, size_t i) {
  const u64* p = t + i / 8 * 40 + i % 8;
  return {{R8::bc(p[0]), R8::bc(p[8]), R8::bc(p[16]), R8::bc(p[24]), R8::bc(p[32])}};
}
/** Shifts a signed loose value of magnitude below 32p to a normalised positive one. */
static ZK_INLINE V lift(const V& a) {
  V r = R8::addMultiple<32>(a);
  R8::norm(r);
  return r;
}
/** The same as a multiplicand only. */
static ZK_INLINE V liftOnly(const V& a) {
  V r = R8::addMultiple<32>(a);
  R8::carry(r);
  return r;
}
/** Reduces a normalised value in [0, 2^260) to [0, 1.7p). */
static ZK_INLINE V shrink(const V& a) {
  // q = floor(a / 2^253)·floor(2^265/p) / 2^12, at most one below the quotient by p plus the truncation of a
  constexpr u64 C = 2708;  // floor(2^265 / r)
  const Z top = _mm512_srli_epi64(a.l[4], 45);
  const Z q = _mm512_srli_epi64(_mm512_madd52lo_epu64(_mm512_setzero_si512(), top, R8::bc(C)), 12);
  V t = R8::zero();
  ZK_UNROLL
  for (int i = 0; i < 5; i++) t.l[i] = _mm512_madd52lo_epu64(t.l[i], q, R8::bc(P52<RP>::M.v[i]));
  ZK_UNROLL
  for (int i = 0; i < 4; i++) t.l[i + 1] = _mm512_madd52hi_epu64(t.l[i + 1], q, R8::bc(P52<RP>::M.v[i]));
  V r = R8::sub(a, t);
  R8::norm(r);
  return r;
}
static ZK_INLINE void storeNormal(char* p, V v) {
  R8::norm(v);
  R8::storeRow(p, v);
}
static ZK_INLINE void transpose8(Z r[8]) {
  Z t[8], u[8];
  ZK_UNROLL
  for (int i = 0; i < 4; i++) {
    t[2 * i] = _mm512_unpacklo_epi64(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi64(r[2 * i], r[2 * i + 1]);
  }
  ZK_UNROLL
  for (int h = 0; h < 2; h++)
    ZK_UNROLL
    for (int j = 0; j < 2; j++) {
      u[4 * h + j] = _mm512_shuffle_i64x2(t[4 * h + j], t[4 * h + 2 + j], 0x88);
      u[4 * h + 2 + j] = _mm512_shuffle_i64x2(t[4 * h + j], t[4 * h + 2 + j], 0xdd);
    }
  ZK_UNROLL
  for (int j = 0; j < 4; j++) {
    r[j] = _mm512_shuffle_i64x2(u[j], u[4 + j], 0x88);
    r[j + 4] = _mm512_shuffle_i64x2(u[j], u[4 + j], 0xdd);
  }
}
/** Transposes eight rows of eight elements, limb by limb. */
static ZK_INLINE void transposeRows(u64* p) {
  ZK_UNROLL
  for (int l = 0; l < 5; l++) {
    Z r[8];
    ZK_UNROLL
    for (int i = 0; i < 8; i++) r[i] = _mm512_load_si512(p + 40 * i + 8 * l);
    transpose8(r);
    ZK_UNROLL
    for (int i = 0; i < 8; i++) _mm512_store_si512(p + 40 * i + 8 * l, r[i]);
  }
}

/** Bit-reversed powers as ntt64::powers, in rows, times 2^260. */
static void powers(u64* t, int bits, Fr first, Fr root, int top) {
  alignas(64) Fr x[8];
  ntt64::powers(x, bits < 3 ? bits : 3, first, root, top);
  const Fr toR260 = Fr::of(powerOfTwo(RP::M, 260));  // Montgomery product with 2^260 turns x·2^256 into x·2^260
  ZK_UNROLL
  for (int i = 0; i < 8; i++) x[i] = x[i] * toR260;
  R8::storeV(t, R8::fromLanes(x));
  for (int k = 3; k < bits; k++) {
    Fr s = root;
    for (int j = 0; j < top - k; j++) s = s.sqr();
    s = s * toR260;
    alignas(64) Fr y[8];
    ZK_UNROLL
    for (int i = 0; i < 8; i++) y[i] = s;
    const V step = R8::fromLanes(y);
    const size_t rows = ((size_t)1 << k) / 8;
    for (size_t i = 0; i < rows; i++) R8::storeV(t + (rows + i) * 40, R8::canonical(R8::mul(R8::loadV(t + i * 40), step)));
  }
}
static size_t tableBytes(int logn) { return logn < SMALLEST ? ntt64::tableBytes(logn) : (size_t)40 * ((size_t)2 << logn); }
static void buildTable(void* tables, int logn, int which) {
  if (logn < SMALLEST) return ntt64::buildTable(tables, logn, which);
  const size_t n = (size_t)1 << logn;
  u64* t = (u64*)tables;
  if (which == 0) powers(t, logn - 1, Fr::one(), rootOfUnity(logn).inverse(), logn - 2);
  if (which == 1) powers(t + n / 2 * 5, logn - 1, Fr::one(), rootOfUnity(logn), logn - 2);
  if (which != 2) return;
  u64* twist = t + n * 5;
  powers(twist, logn, Fr::small(n).inverse(), rootOfUnity(logn + 1), logn - 1);
  for (size_t i = 0; i < n / 64; i++) transposeRows(twist + i * 320);
}

static ZK_INLINE void butterflyDown(u64* pu, u64* pv, const V& z) {
  const V u = R8::loadV(pu), t = R8::mulLoose(liftOnly(R8::loadV(pv)), z);
  R8::storeV(pu, R8::add(u, t));
  R8::storeV(pv, R8::sub(u, t));
}
static ZK_INLINE void butterflyUp(u64* pu, u64* pv, const V& z) {
  const V u = R8::loadV(pu), v = R8::loadV(pv);
  V d = R8::addMultiple<2>(R8::sub(u, v));
  R8::carry(d);
  R8::storeV(pu, R8::range(R8::add(u, v)));
  R8::storeV(pv, R8::mulLoose(d, z));
}
/** Levels across rows of a local buffer. */
static ZK_INLINE void down(u64* x, size_t rows, size_t block, const u64* tw) {
  size_t first = block;
  for (size_t half = rows / 2; half >= 1; half /= 2, first *= 2)
    for (size_t b = 0, r = 0; r < rows; b++, r += 2 * half) {
      if (first + b == 0) {
        for (size_t i = r; i < r + half; i++) {
          u64 *pu = x + 40 * i, *pv = x + 40 * (i + half);
          // the twiddle is one; the operand must still be small, or sums would double level by level
          const V u = R8::loadV(pu), v = shrink(lift(R8::loadV(pv)));
          R8::storeV(pu, R8::add(u, v));
          R8::storeV(pv, R8::sub(u, v));
        }
        continue;
      }
      const V z = entry(tw, first + b);
      for (size_t i = r; i < r + half; i++) butterflyDown(x + 40 * i, x + 40 * (i + half), z);
    }
}
static ZK_INLINE void up(u64* x, size_t rows, size_t block, const u64* tw) {
  size_t first = block * (rows / 2);
  for (size_t half = 1; half < rows; half *= 2, first /= 2)
    for (size_t b = 0, r = 0; r < rows; b++, r += 2 * half) {
      const V z = entry(tw, first + b);
      for (size_t i = r; i < r + half; i++) butterflyUp(x + 40 * i, x + 40 * (i + half), z);
    }
}
/** Twiddles of eight neighbouring blocks, `step` apart, first at entry i (a multiple of 8). */
static ZK_INLINE V strided(const u64* t, size_t i, int step, int which) {
  const u64* p = t + i / 8 * 40;
  V r;
  if (step == 1) return R8::loadV(p);
  const Z even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0), odd = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
  ZK_UNROLL
  for (int l = 0; l < 5; l++) {
    const Z* q = (const Z*)(p + 8 * l);
    auto row = [&](int k) { return _mm512_load_si512((const u64*)q + 40 * k); };
    if (step == 2) {
      r.l[l] = _mm512_permutex2var_epi64(row(0), which ? odd : even, row(1));
    } else {
      const Z pick = which & 1 ? odd : even;
      const Z a = _mm512_permutex2var_epi64(row(0), pick, row(1)), b = _mm512_permutex2var_epi64(row(2), pick, row(3));
      r.l[l] = _mm512_permutex2var_epi64(a, which & 2 ? odd : even, b);
    }
  }
  return r;
}
/** The last three levels down, the twist and the first three levels up on 64 elements (eight rows), which are group h. */
static ZK_INLINE void middle(u64* x, size_t h, const u64* inv, const u64* fwd, const u64* twist) {
  transposeRows(x);  // row l now holds the elements 8b + l in lane b
  {
    const V z = strided(inv, 8 * h, 1, 0);
    ZK_UNROLL
    for (int l = 0; l < 4; l++) butterflyDown(x + 40 * l, x + 40 * (l + 4), z);
    ZK_UNROLL
    for (int b = 0; b < 2; b++) {
      const V y = strided(inv, 16 * h, 2, b);
      ZK_UNROLL
      for (int l = 0; l < 2; l++) butterflyDown(x + 40 * (4 * b + l), x + 40 * (4 * b + l + 2), y);
    }
    ZK_UNROLL
    for (int b = 0; b < 4; b++) {
      const V y = strided(inv, 32 * h, 4, b);
      butterflyDown(x + 40 * (2 * b), x + 40 * (2 * b + 1), y);
    }
  }
  ZK_UNROLL
  for (int l = 0; l < 8; l++) R8::storeV(x + 40 * l, R8::mulLoose(liftOnly(R8::loadV(x + 40 * l)), R8::loadV(twist + h * 320 + 40 * l)));
  {
    ZK_UNROLL
    for (int b = 0; b < 4; b++) {
      const V y = strided(fwd, 32 * h, 4, b);
      butterflyUp(x + 40 * (2 * b), x + 40 * (2 * b + 1), y);
    }
    ZK_UNROLL
    for (int b = 0; b < 2; b++) {
      const V y = strided(fwd, 16 * h, 2, b);
      ZK_UNROLL
      for (int l = 0; l < 2; l++) butterflyUp(x + 40 * (4 * b + l), x + 40 * (4 * b + l + 2), y);
    }
    const V z = strided(fwd, 8 * h, 1, 0);
    ZK_UNROLL
    for (int l = 0; l < 4; l++) butterflyUp(x + 40 * l, x + 40 * (l + 4), z);
  }
  transposeRows(x);
}
static int passes(int logn) { return ntt64::passes(logn); }
static size_t tasks(int logn, int pass) { return ntt64::tasks(logn, pass); }

static void run(void* data, const void* tables, int logn, int pass, size_t task, void* scratch) {
  if (logn < SMALLEST) return ntt64::run(data, tables, logn, pass, task, scratch);
  const Plan p(logn);
  const size_t n = (size_t)1 << logn;
  char* a = (char*)data;
  const u64 *inv = (const u64*)tables, *fwd = inv + n / 2 * 5, *twist = inv + n * 5;
  u64* x = (u64*)(((uintptr_t)scratch + 63) & ~(uintptr_t)63);
  if (pass == p.tiles) {
    const size_t rows = ((size_t)1 << p.local) / 8;
    char* base = a + task * rows * 256;
    for (size_t i = 0; i < rows; i++) R8::storeV(x + 40 * i, R8::loadRow(base + 256 * i));
    down(x, rows, task, inv);
    for (size_t i = 0; i < rows / 8; i++) middle(x + 320 * i, task * rows / 8 + i, inv, fwd, twist);
    up(x, rows, task, fwd);
    for (size_t i = 0; i < rows; i++) storeNormal(base + 256 * i, R8::loadV(x + 40 * i));
    return;
  }
  const bool first = pass < p.tiles;
  const ntt64::Tile t(p, logn, first ? pass : 2 * p.tiles - pass, task);
  for (size_t i = 0; i < t.rows; i++) R8::storeV(x + 40 * i, R8::loadRow(a + 32 * (t.at + i * t.stride)));
  if (first) {
    down(x, t.rows, t.block, inv);
    for (size_t i = 0; i < t.rows; i++) R8::storeRow(a + 32 * (t.at + i * t.stride), shrink(lift(R8::loadV(x + 40 * i))));
  } else {
    up(x, t.rows, t.block, fwd);
    for (size_t i = 0; i < t.rows; i++) storeNormal(a + 32 * (t.at + i * t.stride), R8::loadV(x + 40 * i));
  }
}

}  // namespace ntt52
#endif

}  // namespace ZK_ISA
}  // namespace zk
