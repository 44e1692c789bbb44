// Batch affine addition, eight lanes at a time. Coordinates stay in the files' form X = x·2^256, read as Montgomery
// values of R = 2^260, that is x/16. With λ' = λ/4 the formulas hold in that form without any conversion:
//   X3 = λ'² − X1 − X2  (λ'² stands for λ²/16)     Y3 = 4·λ'·(X1 − X3) − Y1
// so the inverses are simply scaled by 1/4. Stored coordinates are loose: any representative below 2^256.
#pragma once
#include "batch_add.hpp"
#include "ifma.hpp"
#if defined(ZK_USE_IFMA)

namespace zk {
namespace ZK_ISA {

using Q8 = F8<QP>;

/** Inverts the lanes of two running products and scales them by 1/4; false when one is zero. */
static inline bool invertRuns(V& r0, V& r1) {
  Fq x[16], pre[16];
  ZK_UNROLL
  for (int i = 0; i < 8; i++) {
    x[i] = Q8::lane(r0, i);
    x[i + 8] = Q8::lane(r1, i);
  }
  Fq run = Fq::one();
  for (int i = 0; i < 16; i++) {
    pre[i] = run;
    run = run * x[i];
  }
  if (run.isZero()) return false;
  // lane integer a stands for a/2^260; wanted: (2^260/a)·2^260/4 = 2^518/a, and inverse() of the integer a gives 2^512/a
  run = run.inverse() * Fq::of(Derived<QP>::TWO6);
  for (int i = 16; i-- > 0;) {
    const Fq v = run * pre[i];
    run = run * x[i];
    x[i] = v;
  }
  r0 = Q8::fromLanes(x);
  r1 = Q8::fromLanes(x + 8);
  return true;
}

static ZK_INLINE void addresses(const char* base, const u32* idx, size_t stride, const char* p[8]) {
  ZK_UNROLL
  for (int i = 0; i < 8; i++) p[i] = base + (size_t)(idx[i] & INDEX) * stride;
}
static ZK_INLINE __mmask8 signs(const u32* idx) {
  return _mm256_movepi32_mask(_mm256_loadu_si256((const __m256i*)idx));
}

/** How many groups ahead points are fetched. */
constexpr size_t AHEAD = 8;

/** Words of scratch of an addition in G1: what the first pass leaves for the second, five vectors for eight additions. */
constexpr size_t WORDS1 = 25;

/** ops.n is a multiple of 16. Returns false, writing nothing, when some denominator is zero. */
static bool addVector(const G1* src, const G1* src2, G1* dst, const AddOps& ops, u64* scratch) {
  const size_t groups = ops.n / 8;
  V run[2] = {Q8::broadcast(P52<QP>::ONE), Q8::broadcast(P52<QP>::ONE)};
  // Each point is fetched once: the first pass takes both coordinates, since the points may be far away.
  for (size_t g = 0; g < groups; g++) {
    u64* s = scratch + g * 8 * WORDS1;
    const char *p[8], *q[8];
    addresses((const char*)src, ops.a + 8 * g, 64, p);
    addresses((const char*)src2, ops.b + 8 * g, 64, q);
    if (g + AHEAD < groups) {
      ZK_UNROLL
      for (int i = 0; i < 8; i++) {
        _mm_prefetch((const char*)(src + (ops.a[8 * (g + AHEAD) + i] & INDEX)), _MM_HINT_T0);
        _mm_prefetch((const char*)(src2 + (ops.b[8 * (g + AHEAD) + i] & INDEX)), _MM_HINT_T0);
      }
    }
    const V x1 = Q8::load(p, 0), x2 = Q8::load(q, 0);
    V d = Q8::addMultiple<2>(Q8::sub(x2, x1));
    Q8::norm(d);
    Q8::storeV(s, x1);
    Q8::storeV(s + 40, d);
    Q8::storeV(s + 80, run[g & 1]);
    run[g & 1] = Q8::mulOnly(run[g & 1], d);
    V y1 = Q8::load(p, 32), y2 = Q8::load(q, 32);
    const __mmask8 n1 = signs(ops.a + 8 * g), n2 = signs(ops.b + 8 * g);
    y1 = Q8::negateMasked(y1, n1);
    y2 = Q8::negateMasked(y2, n2);
    V dy = Q8::addMultiple<2>(Q8::sub(y2, y1));
    Q8::carry(dy);
    Q8::storeV(s + 120, y1);
    Q8::storeV(s + 160, dy);
  }
  Q8::clear(run[0]);
  Q8::clear(run[1]);
  if (!invertRuns(run[0], run[1])) return false;
  // Two groups at a time, step by step: one group's chain of products alone would leave the multipliers waiting.
  for (size_t g = groups; g > 0;) {
    g -= 2;
    const u64* s = scratch + g * 8 * WORDS1;
    V lambda[2], x3[2];
    ZK_UNROLL
    for (int k = 0; k < 2; k++) {
      lambda[k] = Q8::mulOnly(run[k], Q8::loadV(s + 8 * WORDS1 * k + 80));
      run[k] = Q8::mulOnly(run[k], Q8::loadV(s + 8 * WORDS1 * k + 40));
    }
    ZK_UNROLL
    for (int k = 0; k < 2; k++) lambda[k] = Q8::mulOnly(lambda[k], Q8::loadV(s + 8 * WORDS1 * k + 160));
    ZK_UNROLL
    for (int k = 0; k < 2; k++) {
      // x2 = d + x1 − 2p
      const V x1 = Q8::loadV(s + 8 * WORDS1 * k), d = Q8::loadV(s + 8 * WORDS1 * k + 40);
      x3[k] = Q8::range(Q8::addMultiple<2>(Q8::sub(Q8::sub(Q8::sqrLoose(lambda[k]), Q8::shl1(x1)), d)));
    }
    ZK_UNROLL
    for (int k = 0; k < 2; k++) {
      V e = Q8::shl2(Q8::addMultiple<2>(Q8::sub(Q8::loadV(s + 8 * WORDS1 * k), x3[k])));
      Q8::carry(e);
      const V y3 = Q8::range(Q8::sub(Q8::mulLoose(lambda[k], e), Q8::loadV(s + 8 * WORDS1 * k + 120)));
      char* o[8];
      ZK_UNROLL
      for (int i = 0; i < 8; i++) o[i] = (char*)(dst + ops.d[8 * (g + k) + i]);
      Q8::store(o, 0, x3[k]);
      Q8::store(o, 32, y3);
    }
  }
  return true;
}

/** Doubles n points in place, n a multiple of 16. With λ = 3x²/2y the formulas are those of the sum of a point and itself: λ' = 48·X²/2Y times the
 *  scaled inverse. Returns false, writing nothing, when some y is zero. */
static bool doubleVector(G1* points, size_t n, u64* scratch) {
  const size_t groups = n / 8;
  V run[2] = {Q8::broadcast(P52<QP>::ONE), Q8::broadcast(P52<QP>::ONE)};
  auto at = [&](size_t g, char* p[8]) {
    ZK_UNROLL
    for (int i = 0; i < 8; i++) p[i] = (char*)(points + 8 * g + i);
  };
  for (size_t g = 0; g < groups; g++) {
    u64* s = scratch + g * 8 * WORDS1;
    char* p[8];
    at(g, p);
    const V x = Q8::load((const char* const*)p, 0), y = Q8::load((const char* const*)p, 32);
    V d = Q8::shl1(y);
    Q8::norm(d);
    V xx = Q8::sqrLoose(x);
    Q8::norm(xx);
    V numerator;
    ZK_UNROLL
    for (int i = 0; i < 5; i++) numerator.l[i] = _mm512_add_epi64(_mm512_slli_epi64(xx.l[i], 4), _mm512_slli_epi64(xx.l[i], 5));
    Q8::carry(numerator);
    Q8::storeV(s, x);
    Q8::storeV(s + 40, d);
    Q8::storeV(s + 80, run[g & 1]);
    run[g & 1] = Q8::mulOnly(run[g & 1], d);
    Q8::storeV(s + 120, y);
    Q8::storeV(s + 160, numerator);
  }
  Q8::clear(run[0]);
  Q8::clear(run[1]);
  if (!invertRuns(run[0], run[1])) return false;
  for (size_t g = groups; g > 0;) {
    g -= 2;
    const u64* s = scratch + g * 8 * WORDS1;
    V lambda[2], x3[2];
    ZK_UNROLL
    for (int k = 0; k < 2; k++) {
      lambda[k] = Q8::mulOnly(run[k], Q8::loadV(s + 8 * WORDS1 * k + 80));
      run[k] = Q8::mulOnly(run[k], Q8::loadV(s + 8 * WORDS1 * k + 40));
    }
    ZK_UNROLL
    for (int k = 0; k < 2; k++) lambda[k] = Q8::mulOnly(lambda[k], Q8::loadV(s + 8 * WORDS1 * k + 160));
    ZK_UNROLL
    for (int k = 0; k < 2; k++) x3[k] = Q8::range(Q8::sub(Q8::sqrLoose(lambda[k]), Q8::shl1(Q8::loadV(s + 8 * WORDS1 * k))));
    ZK_UNROLL
    for (int k = 0; k < 2; k++) {
      V e = Q8::shl2(Q8::addMultiple<2>(Q8::sub(Q8::loadV(s + 8 * WORDS1 * k), x3[k])));
      Q8::carry(e);
      const V y3 = Q8::range(Q8::sub(Q8::mulLoose(lambda[k], e), Q8::loadV(s + 8 * WORDS1 * k + 120)));
      char* o[8];
      at(g + k, o);
      Q8::store(o, 0, x3[k]);
      Q8::store(o, 32, y3);
    }
  }
  return true;
}

struct V2 {
  V a, b;
};
static ZK_INLINE V2 load2(const char* const p[8], size_t off) { return {Q8::load(p, off), Q8::load(p, off + 32)}; }

static bool addVector(const G2* src, const G2* src2, G2* dst, const AddOps& ops, u64* scratch) {
  const size_t groups = ops.n / 8;
  V run[2] = {Q8::broadcast(P52<QP>::ONE), Q8::broadcast(P52<QP>::ONE)};
  for (size_t g = 0; g < groups; g++) {
    u64* s = scratch + g * 240;
    const char *p[8], *q[8];
    addresses((const char*)src, ops.a + 8 * g, 128, p);
    addresses((const char*)src2, ops.b + 8 * g, 128, q);
    if (g + 2 < groups) {
      ZK_UNROLL
      for (int i = 0; i < 8; i++) {
        const char* u = (const char*)(src + (ops.a[8 * g + 16 + i] & INDEX));
        const char* v = (const char*)(src2 + (ops.b[8 * g + 16 + i] & INDEX));
        _mm_prefetch(u, _MM_HINT_T0);
        _mm_prefetch(u + 64, _MM_HINT_T1);
        _mm_prefetch(v, _MM_HINT_T0);
        _mm_prefetch(v + 64, _MM_HINT_T1);
      }
    }
    const V2 x1 = load2(p, 0), x2 = load2(q, 0);
    V2 d = {Q8::addMultiple<2>(Q8::sub(x2.a, x1.a)), Q8::addMultiple<2>(Q8::sub(x2.b, x1.b))};
    Q8::norm(d.a);
    Q8::norm(d.b);
    V n = Q8::add(Q8::sqrLoose(d.a), Q8::sqrLoose(d.b));
    Q8::carry(n);
    Q8::storeV(s, x1.a);
    Q8::storeV(s + 40, x1.b);
    Q8::storeV(s + 80, d.a);
    Q8::storeV(s + 120, d.b);
    Q8::storeV(s + 160, n);
    Q8::storeV(s + 200, run[g & 1]);
    run[g & 1] = Q8::mulOnly(run[g & 1], n);
  }
  Q8::clear(run[0]);
  Q8::clear(run[1]);
  if (!invertRuns(run[0], run[1])) return false;
  for (size_t g = groups; g-- > 0;) {
    const u64* s = scratch + g * 240;
    const V ni = Q8::mulOnly(run[g & 1], Q8::loadV(s + 200));
    run[g & 1] = Q8::mulOnly(run[g & 1], Q8::loadV(s + 160));
    const char *p[8], *q[8];
    addresses((const char*)src, ops.a + 8 * g, 128, p);
    addresses((const char*)src2, ops.b + 8 * g, 128, q);
    V2 y1 = load2(p, 64), y2 = load2(q, 64);
    const __mmask8 n1 = signs(ops.a + 8 * g), n2 = signs(ops.b + 8 * g);
    if (n1) y1 = {Q8::negateMasked(y1.a, n1), Q8::negateMasked(y1.b, n1)};
    if (n2) y2 = {Q8::negateMasked(y2.a, n2), Q8::negateMasked(y2.b, n2)};
    const V2 d = {Q8::loadV(s + 80), Q8::loadV(s + 120)};
    // 1/d = conj(d)/N(d); the minus sign of the second component is taken into the product with dy
    const V ia = Q8::mul(d.a, ni), ib = Q8::mul(d.b, ni);
    V2 dy = {Q8::addMultiple<2>(Q8::sub(y2.a, y1.a)), Q8::addMultiple<2>(Q8::sub(y2.b, y1.b))};
    Q8::norm(dy.a);
    Q8::norm(dy.b);
    // (dy.a + dy.b u)(ia − ib u) = (aa + bb) + (ba − ab) u
    V2 la;
    {
      const V aa = Q8::mulLoose(dy.a, ia), bb = Q8::mulLoose(dy.b, ib);
      // ba − ab = (a + b)(ia − ib) − aa + bb, with ia − ib shifted to stay positive
      V sd = Q8::add(dy.a, dy.b), di = Q8::addMultiple<2>(Q8::sub(ia, ib));
      Q8::carry(sd);
      Q8::carry(di);
      const V m = Q8::mulLoose(sd, di);
      la.a = Q8::add(aa, bb);
      Q8::norm(la.a);
      la.b = Q8::range(Q8::sub(Q8::add(m, bb), aa));
    }
    const V2 x1 = {Q8::loadV(s), Q8::loadV(s + 40)};
    V2 x3;
    {
      V sm = Q8::add(la.a, la.b), df = Q8::addMultiple<2>(Q8::sub(la.a, la.b));
      Q8::carry(sm);
      Q8::carry(df);
      const V ra = Q8::mulLoose(sm, df), rb = Q8::mulLoose(la.a, la.b);
      x3.a = Q8::range(Q8::addMultiple<2>(Q8::sub(Q8::sub(ra, Q8::shl1(x1.a)), d.a)));
      x3.b = Q8::range(Q8::addMultiple<2>(Q8::sub(Q8::sub(Q8::shl1(rb), Q8::shl1(x1.b)), d.b)));
    }
    V2 y3;
    {
      V ea = Q8::shl2(Q8::addMultiple<2>(Q8::sub(x1.a, x3.a))), eb = Q8::shl2(Q8::addMultiple<2>(Q8::sub(x1.b, x3.b)));
      Q8::norm(ea);
      Q8::norm(eb);
      V se = Q8::add(ea, eb), sl = Q8::add(la.a, la.b);
      Q8::carry(se);
      Q8::carry(sl);
      const V aa = Q8::mulLoose(la.a, ea), bb = Q8::mulLoose(la.b, eb), m = Q8::mulLoose(sl, se);
      y3.a = Q8::range(Q8::sub(Q8::sub(aa, bb), y1.a));
      y3.b = Q8::range(Q8::sub(Q8::sub(Q8::sub(m, aa), bb), y1.b));
    }
    char* o[8];
    ZK_UNROLL
    for (int i = 0; i < 8; i++) o[i] = (char*)(dst + ops.d[8 * g + i]);
    Q8::store(o, 0, x3.a);
    Q8::store(o, 32, x3.b);
    Q8::store(o, 64, y3.a);
    Q8::store(o, 96, y3.b);
  }
  return true;
}

}  // namespace ZK_ISA
}  // namespace zk
#endif
