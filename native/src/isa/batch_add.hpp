// Batches of independent affine additions dst[d] = ±src[a] ± src2[b] sharing one field inversion (Montgomery's trick).
// This is the inner loop of everything: multi-scalar multiplication, key generation, bucket sums.
#pragma once
#include "curve.hpp"

namespace zk {
namespace ZK_ISA {

/** An operand: index into the source array, top bit set to take the negative point. */
constexpr u32 NEGATE = 0x80000000u;
constexpr u32 INDEX = 0x7fffffffu;

/** One batch of additions. Destinations must not overlap sources, but for a doubling in place (a = b = d). */
struct AddOps {
  u32* a;
  u32* b;
  u32* d;
  size_t n;
};

/** Scalar batch: handles equal points, opposite points and infinity. Returns whether some result is infinity.
 *  `scratch` holds 2n field elements. LOOSE: coordinates may be any representative below 2^256. */
template <class C, bool LOOSE>
static bool addScalar(const typename C::Raw* src, const typename C::Raw* src2, typename C::Raw* dst, const AddOps& ops, typename C::F* scratch) {
  using F = typename C::F;
  using Aff = typename C::Aff;
  using Raw = typename C::Raw;
  auto loadX = [](const Raw* from, u32 i) {
    F x = F::from(from[i & INDEX].x);
    if (LOOSE) x.reduceFully();
    return x;
  };
  /** At most p: p when zero was negated. */
  auto loadYLoose = [](const Raw* from, u32 i) {
    F y = F::from(from[i & INDEX].y);
    if (LOOSE) y.reduceFully();
    return y.negateMasked(0 - (u64)(i >> 31));
  };
  auto loadY = [&](const Raw* from, u32 i) {
    F y = loadYLoose(from, i);
    y.reduceOnce();
    return y;
  };
  // What to divide by when the operands' difference is of no use: doubling, or nothing.
  auto unusual = [&](u32 i, u32 j) {
    const F x1 = loadX(src, i), x2 = loadX(src2, j), y1 = loadY(src, i), y2 = loadY(src2, j);
    if ((x1.isZero() && y1.isZero()) || (x2.isZero() && y2.isZero())) return F::one();
    if (!(x1 == x2)) return x2 - x1;
    return y1 == y2 && !y1.isZero() ? y1.dbl() : F::one();
  };
  // Four interleaved chains of products and four additions at a time, so that a product need not wait for the one before. Values are
  // loose (field.hpp) except the coordinates that come and go.
  constexpr size_t W = 4;
  F run[W];
  for (size_t k = 0; k < W; k++) run[k] = F::one();
  F *prefix = scratch, *den = scratch + ops.n;
  bool plain = true;
  for (size_t i = 0; i < ops.n; i++) {
    if (i + 8 < ops.n) {
      __builtin_prefetch(&src[ops.a[i + 8] & INDEX]);
      __builtin_prefetch(&src2[ops.b[i + 8] & INDEX]);
    }
    const F x1 = loadX(src, ops.a[i]), x2 = loadX(src2, ops.b[i]);
    F d = x2.subLoose(x1);
    if (__builtin_expect(x1 == x2 || x1.isZero() || x2.isZero(), 0)) {
      d = unusual(ops.a[i], ops.b[i]);
      plain = false;
    }
    den[i] = d;
    prefix[i] = run[i % W];
    run[i % W] = run[i % W].mulLoose(d);
  }
  {
    for (size_t k = 0; k < W; k++) run[k].reduceOnce();
    const F p01 = run[0] * run[1], p23 = run[2] * run[3], all = (p01 * p23).inverse();
    const F i01 = all * p23, i23 = all * p01;
    const F r0 = i01 * run[1], r1 = i01 * run[0], r2 = i23 * run[3], r3 = i23 * run[2];
    run[0] = r0;
    run[1] = r1;
    run[2] = r2;
    run[3] = r3;
  }
  bool infinite = false;
  auto single = [&](size_t i) {
    const u32 a = ops.a[i], b = ops.b[i];
    F inv = run[i % W].mulLoose(prefix[i]);
    inv.reduceOnce();
    run[i % W] = run[i % W].mulLoose(den[i]);
    const F x1 = loadX(src, a), x2 = loadX(src2, b), y1 = loadY(src, a), y2 = loadY(src2, b);
    F lambda = (y2 - y1) * inv;
    if (x1 == x2 || x1.isZero() || x2.isZero()) {
      const Aff p{x1, y1}, q{x2, y2};
      if (p.isInf() || q.isInf()) {
        const Aff r = p.isInf() ? q : p;
        infinite |= r.isInf();
        dst[ops.d[i]] = r.raw();
        return;
      }
      if (x1 == x2) {
        if (!(y1 == y2) || y1.isZero()) {
          dst[ops.d[i]] = Aff::inf().raw();
          infinite = true;
          return;
        }
        const F xx = x1.sqr();
        lambda = (xx.dbl() + xx) * inv;
      }
    }
    const F x3 = lambda.sqr() - x1 - x2;
    dst[ops.d[i]] = Aff{x3, lambda * (x1 - x3) - y1}.raw();
  };
  size_t i = ops.n;
  while (i % W) single(--i);
  while (i) {
    i -= W;
    if (__builtin_expect(!plain, 0)) {
      for (size_t k = W; k-- > 0;) single(i + k);
      continue;
    }
    F x1[W], y1[W], v[W], x3[W];
    for (size_t k = 0; k < W; k++) v[k] = run[k].mulLoose(prefix[i + k]);
    for (size_t k = 0; k < W; k++) run[k] = run[k].mulLoose(den[i + k]);
    for (size_t k = 0; k < W; k++) {
      y1[k] = loadYLoose(src, ops.a[i + k]);
      v[k] = v[k].mulLoose(loadYLoose(src2, ops.b[i + k]).subLoose(y1[k]));
    }
    for (size_t k = 0; k < W; k++) {
      x1[k] = loadX(src, ops.a[i + k]);
      x3[k] = v[k].mulLoose(v[k]).subBoth(x1[k], loadX(src2, ops.b[i + k]));
    }
    for (size_t k = 0; k < W; k++) dst[ops.d[i + k]] = Aff{x3[k], v[k].mulLoose(x1[k].subLoose(x3[k])).subFrom(y1[k])}.raw();
  }
  return infinite;
}

}  // namespace ZK_ISA
}  // namespace zk
