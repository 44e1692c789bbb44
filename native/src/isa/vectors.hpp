// Element-wise operations on arrays of field elements.
#pragma once
#include "field.hpp"
#include "../kernel.hpp"
#if defined(ZK_USE_IFMA)
#include "ifma.hpp"
#endif

namespace zk {
namespace ZK_ISA {

#if defined(ZK_USE_IFMA)
/** Canonical form of 16·a for a product a < 2p: turns a Montgomery product of R = 2^260 into one of R = 2^256. */
template <class P>
static ZK_INLINE V times16(const V& a) {
  V r;
  ZK_UNROLL
  for (int i = 0; i < 5; i++) r.l[i] = _mm512_slli_epi64(a.l[i], 4);
  F8<P>::norm(r);
  const Z top = _mm512_srli_epi64(r.l[4], 45);
  const Z q = _mm512_srli_epi64(_mm512_madd52lo_epu64(_mm512_setzero_si512(), top, F8<P>::bc(2708)), 12);
  V t = F8<P>::zero();
  ZK_UNROLL
  for (int i = 0; i < 5; i++) t.l[i] = _mm512_madd52lo_epu64(t.l[i], q, F8<P>::bc(P52<P>::M.v[i]));
  ZK_UNROLL
  for (int i = 0; i < 4; i++) t.l[i + 1] = _mm512_madd52hi_epu64(t.l[i + 1], q, F8<P>::bc(P52<P>::M.v[i]));
  V s = F8<P>::sub(r, t);
  F8<P>::norm(s);
  return F8<P>::canonical(s);
}
#endif

template <class P>
static void mulVec(U256* out, const U256* a, const U256* b, size_t n) {
  size_t i = 0;
#if defined(ZK_USE_IFMA)
  for (; i + 8 <= n; i += 8)
    F8<P>::storeRow((char*)(out + i), times16<P>(F8<P>::mul(F8<P>::loadRow((const char*)(a + i)), F8<P>::loadRow((const char*)(b + i)))));
#endif
  for (; i < n; i++) out[i] = (Fp<P>::from(a[i]) * Fp<P>::from(b[i])).raw();
}
template <class P>
static void scaleVec(U256* out, const U256* a, const U256& k, size_t n) {
  size_t i = 0;
  const Fp<P> s = Fp<P>::from(k);
#if defined(ZK_USE_IFMA)
  Fp<P> x[8];
  ZK_UNROLL
  for (int j = 0; j < 8; j++) x[j] = s;
  const V kv = F8<P>::fromLanes(x);
  for (; i + 8 <= n; i += 8) F8<P>::storeRow((char*)(out + i), times16<P>(F8<P>::mul(F8<P>::loadRow((const char*)(a + i)), kv)));
#endif
  for (; i < n; i++) out[i] = (Fp<P>::from(a[i]) * s).raw();
}
/** a·b − c (a·b when c is null) out of Montgomery form. Inputs may be loose (below 1.7p), as the transform leaves them. */
static void join(U256* out, const U256* a, const U256* b, const U256* c, size_t n) {
  size_t i = 0;
#if defined(ZK_USE_IFMA)
  using R8 = F8<RP>;
  const V sixteen = R8::broadcast(L5{{16, 0, 0, 0, 0}});
  for (; i + 8 <= n; i += 8) {
    const V ab = R8::mul(R8::loadRow((const char*)(a + i)), R8::loadRow((const char*)(b + i)));
    V z;
    ZK_UNROLL
    for (int j = 0; j < 5; j++) z.l[j] = _mm512_slli_epi64(ab.l[j], 4);
    if (c) z = R8::addMultiple<2>(R8::sub(z, R8::loadRow((const char*)(c + i))));
    R8::norm(z);
    R8::storeRow((char*)(out + i), R8::canonical(R8::mul(z, sixteen)));
  }
#endif
  for (; i < n; i++) {
    Fr x = Fr::from(a[i]), y = Fr::from(b[i]), z = c ? Fr::from(c[i]) : Fr::zero();
    x.reduceFully();
    y.reduceFully();
    z.reduceFully();
    out[i] = (x * y - z).fromMont().raw();
  }
}
/** Σ coef·wire for rows of small integers in 128-bit words, in the field for the rest. */
static void evalRows(const Rows& m, size_t first, size_t n, U256* out) {
  constexpr size_t BLOCK = 64;
  U256 plain[BLOCK];
  Fr wide[BLOCK];
  for (size_t at = 0; at < n; at += BLOCK) {
    const size_t k = n - at < BLOCK ? n - at : BLOCK;
    bool anyPlain = false, anyWide = false;
    for (size_t i = 0; i < k; i++) {
      i128 acc = 0;
      Fr sum = Fr::zero();
      const u32 end = m.start[first + at + i + 1];
      for (u32 t = m.start[first + at + i]; t < end; t++) {
        const Term e = m.terms[t];
        const i32 w = m.values[e.wire];
        if (e.coef != WIDE && w != WIDE) {
          acc += (i64)e.coef * w;
          continue;
        }
        anyWide = true;
        Fr x;
        if (w == WIDE) {
          x = Fr::from(m.wideValues[m.wideAt[e.wire]]);
        } else {
          x = Fr::small((u64)(w < 0 ? -(i64)w : w));
          if (w < 0) x = -x;
        }
        if (e.coef == WIDE) {
          x = x * Fr::from(m.wideCoefs[m.wideIndex[t]]);
        } else if (e.coef != 1 && e.coef != -1) {
          x = x * Fr::small((u64)(e.coef < 0 ? -(i64)e.coef : e.coef));
        }
        sum = e.coef < 0 && e.coef != WIDE ? sum - x : sum + x;
      }
      wide[i] = sum;
      // acc as a plain element: |acc| < 2^94, for rows of at most 2^32 terms
      const bool neg = acc < 0;
      const u128 mag = neg ? (u128)-acc : (u128)acc;
      Fr p{{(u64)mag, (u64)(mag >> 64), 0, 0}};
      anyPlain |= mag != 0;
      plain[i] = (neg ? -p : p).raw();
    }
    U256* o = out + at;
    if (!anyPlain) {
      memset(o, 0, k * sizeof(U256));
    } else {
      scaleVec<RP>(o, plain, Fr::of(Derived<RP>::R2).raw(), k);
    }
    if (anyWide)
      for (size_t i = 0; i < k; i++) o[i] = (Fr::from(o[i]) + wide[i]).raw();
  }
}
template <class P>
static void invVec(U256* a, size_t n, U256* scratch) {
  using F = Fp<P>;
  // Four interleaved chains, so that the products do not wait for one another.
  constexpr size_t W = 4;
  F run[W];
  for (size_t k = 0; k < W; k++) run[k] = F::one();
  for (size_t i = 0; i < n; i++) {
    scratch[i] = run[i % W].raw();
    const F x = F::from(a[i]);
    if (!x.isZero()) run[i % W] = run[i % W] * x;
  }
  for (size_t k = 0; k < W; k++) run[k] = run[k].inverse();
  for (size_t i = n; i-- > 0;) {
    const F x = F::from(a[i]);
    if (x.isZero()) continue;
    a[i] = (run[i % W] * F::from(scratch[i])).raw();
    run[i % W] = run[i % W] * x;
  }
}

}  // namespace ZK_ISA
}  // namespace zk
