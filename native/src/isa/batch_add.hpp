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
 *  `scratch` holds 2n field elements. LOOSE: coordinates may be any representative below 2^256. */
template <class C, bool LOOSE>
static bool addScalar(const typename C::Raw* src, typename C::Raw* dst, const AddOps& ops, typename C::F* scratch) {
  using F = typename C::F;
  using Aff = typename C::Aff;
  auto loadX = [&](u32 i) {
    F x = F::from(src[i & INDEX].x);
    if (LOOSE) x.reduceFully();
    return x;
  };
  auto loadY = [&](u32 i) {
    F y = F::from(src[i & INDEX].y);
    if (LOOSE) y.reduceFully();
    return i & NEGATE ? -y : y;
  };
  // What to divide by when the operands' difference is of no use: doubling, or nothing.
  auto unusual = [&](u32 i, u32 j) {
    const F x1 = loadX(i), x2 = loadX(j), y1 = loadY(i), y2 = loadY(j);
    if ((x1.isZero() && y1.isZero()) || (x2.isZero() && y2.isZero())) return F::one();
    if (!(x1 == x2)) return x2 - x1;
    return y1 == y2 && !y1.isZero() ? y1.dbl() : F::one();
  };
  // Two interleaved chains of products, so that one need not wait for the other.
  F run[2] = {F::one(), F::one()};
  F *prefix = scratch, *den = scratch + ops.n;
  for (size_t i = 0; i < ops.n; i++) {
    if (i + 8 < ops.n) {
      __builtin_prefetch(&src[ops.a[i + 8] & INDEX]);
      __builtin_prefetch(&src[ops.b[i + 8] & INDEX]);
    }
    const F x1 = loadX(ops.a[i]), x2 = loadX(ops.b[i]);
    F d = x2 - x1;
    if (__builtin_expect(d.isZero() || x1.isZero() || x2.isZero(), 0)) d = unusual(ops.a[i], ops.b[i]);
    den[i] = d;
    prefix[i] = run[i & 1];
    run[i & 1] = run[i & 1] * d;
  }
  const F both = (run[0] * run[1]).inverse();
  const F first = both * run[1];
  run[1] = both * run[0];
  run[0] = first;
  bool infinite = false;
  for (size_t i = ops.n; i-- > 0;) {
    const u32 a = ops.a[i], b = ops.b[i];
    const F inv = run[i & 1] * prefix[i];
    run[i & 1] = run[i & 1] * den[i];
    const F x1 = loadX(a), x2 = loadX(b), y1 = loadY(a), y2 = loadY(b);
    F lambda;
    if (__builtin_expect(x1 == x2 || x1.isZero() || x2.isZero(), 0)) {
      const Aff p{x1, y1}, q{x2, y2};
      if (p.isInf() || q.isInf()) {
        const Aff r = p.isInf() ? q : p;
        infinite |= r.isInf();
        dst[ops.d[i]] = r.raw();
        continue;
      }
      if (x1 == x2) {
        if (!(y1 == y2) || y1.isZero()) {
          dst[ops.d[i]] = Aff::inf().raw();
          infinite = true;
          continue;
        }
        const F xx = x1.sqr();
        lambda = (xx.dbl() + xx) * inv;
      } else {
        lambda = (y2 - y1) * inv;
      }
    } else {
      lambda = (y2 - y1) * inv;
    }
    const F x3 = lambda.sqr() - x1 - x2;
    dst[ops.d[i]] = Aff{x3, lambda * (x1 - x3) - y1}.raw();
  }
  return infinite;
}

}  // namespace ZK_ISA
}  // namespace zk
