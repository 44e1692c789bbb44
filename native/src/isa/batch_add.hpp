// Batches of independent affine additions dst[d] = ±src[a] ± src[b] sharing one field inversion (Montgomery's trick).
// This is the inner loop of everything: multi-scalar multiplication, key generation, bucket sums.
#pragma once
#include "curve.hpp"

namespace zk {
namespace ZK_ISA {

/** An operand: index into the source array, top bit set to take the negative point. */
constexpr u32 NEGATE = 0x80000000u;
constexpr u32 INDEX = 0x7fffffffu;

/** One batch of additions. Sources and destinations must not overlap. */
struct AddOps {
  u32* a;
  u32* b;
  u32* d;
  size_t n;
};

/** Scalar batch: handles equal points, opposite points and infinity. Returns whether some result is infinity.
 *  `scratch` holds n field elements. */
template <class C>
static bool addScalar(const typename C::Raw* src, typename C::Raw* dst, const AddOps& ops, typename C::F* scratch) {
  using F = typename C::F;
  using Aff = typename C::Aff;
  auto load = [&](u32 i) {
    Aff p = Aff::from(src[i & INDEX]);
    p.x.reduceFully();
    p.y.reduceFully();
    if (i & NEGATE) p.y = -p.y;
    return p;
  };
  // The denominator of each addition; one where there is nothing to divide by.
  auto denominator = [&](const Aff& p, const Aff& q) {
    if (p.isInf() || q.isInf()) return F::one();
    const F d = q.x - p.x;
    if (!d.isZero()) return d;
    if (p.y == q.y && !p.y.isZero()) return p.y.dbl();
    return F::one();
  };
  F run = F::one();
  for (size_t i = 0; i < ops.n; i++) {
    scratch[i] = run;
    run = run * denominator(load(ops.a[i]), load(ops.b[i]));
  }
  run = run.inverse();
  bool infinite = false;
  for (size_t i = ops.n; i-- > 0;) {
    const Aff p = load(ops.a[i]), q = load(ops.b[i]);
    const F inv = run * scratch[i];
    run = run * denominator(p, q);
    Aff r;
    if (p.isInf()) {
      r = q;
    } else if (q.isInf()) {
      r = p;
    } else {
      F lambda;
      if (!(q.x == p.x)) {
        lambda = (q.y - p.y) * inv;
      } else if (p.y == q.y && !p.y.isZero()) {
        const F xx = p.x.sqr();
        lambda = (xx.dbl() + xx) * inv;
      } else {
        dst[ops.d[i]] = Aff::inf().raw();
        infinite = true;
        continue;
      }
      r.x = lambda.sqr() - p.x - q.x;
      r.y = lambda * (p.x - r.x) - p.y;
    }
    if (r.isInf()) infinite = true;
    dst[ops.d[i]] = r.raw();
  }
  return infinite;
}

}  // namespace ZK_ISA
}  // namespace zk
