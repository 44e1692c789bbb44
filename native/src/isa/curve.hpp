// Affine and Jacobian points of y² = x³ + b over a field F (Fq for G1, Fq2 for G2). The addition formulas do not use b.
#pragma once
#include "field.hpp"

namespace zk {
namespace ZK_ISA {

template <class F_, class Raw_>
struct Curve {
  using F = F_;
  using Raw = Raw_;
  struct Aff {
    F x, y;
    static ZK_INLINE Aff from(const Raw& p) { return {F::from(p.x), F::from(p.y)}; }
    ZK_INLINE Raw raw() const { return {x.raw(), y.raw()}; }
    // (0, y) would have order 3, so x = 0 marks infinity; both are tested so that malformed points stay harmless.
    ZK_INLINE bool isInf() const { return x.isZero() && y.isZero(); }
    static ZK_INLINE Aff inf() { return {F::zero(), F::zero()}; }
    ZK_INLINE Aff neg() const { return {x, -y}; }
  };
  struct Jac {
    F x, y, z;
    static Jac inf() { return {F::one(), F::one(), F::zero()}; }
    static Jac from(const Aff& p) { return p.isInf() ? inf() : Jac{p.x, p.y, F::one()}; }
    ZK_INLINE bool isInf() const { return z.isZero(); }
    Jac dbl() const {
      if (isInf()) return *this;
      const F a = x.sqr(), b = y.sqr(), c = b.sqr();
      const F d = ((x + b).sqr() - a - c).dbl();
      const F e = a.dbl() + a, f = e.sqr();
      Jac r;
      r.x = f - d.dbl();
      r.y = e * (d - r.x) - c.dbl().dbl().dbl();
      r.z = (y * z).dbl();
      return r;
    }
    Jac operator+(const Aff& o) const {
      if (o.isInf()) return *this;
      if (isInf()) return from(o);
      const F zz = z.sqr(), u2 = o.x * zz, s2 = o.y * z * zz;
      const F h = u2 - x, rr = s2 - y;
      if (h.isZero()) return rr.isZero() ? dbl() : inf();
      const F hh = h.sqr(), hhh = hh * h, v = x * hh;
      Jac r;
      r.x = rr.sqr() - hhh - v.dbl();
      r.y = rr * (v - r.x) - y * hhh;
      r.z = z * h;
      return r;
    }
    Jac operator+(const Jac& o) const {
      if (o.isInf()) return *this;
      if (isInf()) return o;
      const F z1 = z.sqr(), z2 = o.z.sqr();
      const F u1 = x * z2, u2 = o.x * z1, s1 = y * o.z * z2, s2 = o.y * z * z1;
      const F h = u2 - u1, rr = s2 - s1;
      if (h.isZero()) return rr.isZero() ? dbl() : inf();
      const F hh = h.sqr(), hhh = hh * h, v = u1 * hh;
      Jac r;
      r.x = rr.sqr() - hhh - v.dbl();
      r.y = rr * (v - r.x) - s1 * hhh;
      r.z = z * o.z * h;
      return r;
    }
    Jac neg() const { return {x, -y, z}; }
    Aff affine() const {
      if (isInf()) return Aff::inf();
      const F zi = z.inverse(), z2 = zi.sqr();
      return {x * z2, y * z2 * zi};
    }
    /** Multiplies by a 256-bit integer: 4-bit windows. */
    Jac mul(const U256& k) const {
      Jac t[16];
      t[0] = inf();
      t[1] = *this;
      for (int i = 2; i < 16; i++) t[i] = i & 1 ? t[i - 1] + *this : t[i / 2].dbl();
      Jac r = inf();
      for (int i = 63; i >= 0; i--) {
        if (i != 63) r = r.dbl().dbl().dbl().dbl();
        r = r + t[(k.v[i / 16] >> (4 * (i % 16))) & 15];
      }
      return r;
    }
  };
};

using C1 = Curve<Fq, G1>;
using C2 = Curve<Fq2, G2>;

}  // namespace ZK_ISA
}  // namespace zk
