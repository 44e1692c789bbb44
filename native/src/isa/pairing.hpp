// Optimal ate pairing on BN254: Fq12 = Fq2[w]/(w^6 − ξ), ξ = 9 + u, as six Fq2 coefficients over two cubic halves.
#pragma once
#include "curve.hpp"

namespace zk {
namespace ZK_ISA {

static ZK_INLINE Fq2 mulXi(const Fq2& x) {
  // (9 + u)(a + b u) = 9a − b + (9b + a)u
  const Fq2 t = x.dbl().dbl().dbl() + x;
  return {t.a - x.b, t.b + x.a};
}

/** Fq6 = Fq2[v]/(v³ − ξ). */
struct Fq6 {
  Fq2 c[3];
  static Fq6 zero() { return {{Fq2::zero(), Fq2::zero(), Fq2::zero()}}; }
  static Fq6 one() { return {{Fq2::one(), Fq2::zero(), Fq2::zero()}}; }
  Fq6 operator+(const Fq6& o) const { return {{c[0] + o.c[0], c[1] + o.c[1], c[2] + o.c[2]}}; }
  Fq6 operator-(const Fq6& o) const { return {{c[0] - o.c[0], c[1] - o.c[1], c[2] - o.c[2]}}; }
  Fq6 operator-() const { return {{-c[0], -c[1], -c[2]}}; }
  Fq6 operator*(const Fq6& o) const {
    const Fq2 t0 = c[0] * o.c[0], t1 = c[1] * o.c[1], t2 = c[2] * o.c[2];
    return {{t0 + mulXi((c[1] + c[2]) * (o.c[1] + o.c[2]) - t1 - t2), (c[0] + c[1]) * (o.c[0] + o.c[1]) - t0 - t1 + mulXi(t2), (c[0] + c[2]) * (o.c[0] + o.c[2]) - t0 - t2 + t1}};
  }
  Fq6 mulV() const { return {{mulXi(c[2]), c[0], c[1]}}; }
  Fq6 inverse() const {
    const Fq2 a = c[0].sqr() - mulXi(c[1] * c[2]), b = mulXi(c[2].sqr()) - c[0] * c[1], d = c[1].sqr() - c[0] * c[2];
    const Fq2 n = (c[0] * a + mulXi(c[2] * b + c[1] * d)).inverse();
    return {{a * n, b * n, d * n}};
  }
  bool operator==(const Fq6& o) const { return c[0] == o.c[0] && c[1] == o.c[1] && c[2] == o.c[2]; }
};

/** Fq12 = Fq6[w]/(w² − v). */
struct Fq12 {
  Fq6 a, b;
  static Fq12 one() { return {Fq6::one(), Fq6::zero()}; }
  Fq12 operator*(const Fq12& o) const {
    const Fq6 t0 = a * o.a, t1 = b * o.b;
    return {t0 + t1.mulV(), (a + b) * (o.a + o.b) - t0 - t1};
  }
  Fq12 sqr() const {
    const Fq6 m = a * b;
    return {(a + b) * (a + b.mulV()) - m - m.mulV(), m + m};
  }
  Fq12 conj() const { return {a, -b}; }
  Fq12 inverse() const {
    const Fq6 n = (a * a - (b * b).mulV()).inverse();
    return {a * n, -(b * n)};
  }
  bool operator==(const Fq12& o) const { return a == o.a && b == o.b; }
};

/** Constants ξ^(i(q−1)/6) for the Frobenius map, and powers of them for its square and cube. */
struct Frobenius {
  Fq2 g[6];
  Frobenius() {
    // (q − 1)/6
    u64 e[4], rem = 0;
    u64 m[4] = {QP::M[0] - 1, QP::M[1], QP::M[2], QP::M[3]};
    for (int i = 3; i >= 0; i--) {
      const u128 t = ((u128)rem << 64) | m[i];
      e[i] = (u64)(t / 6);
      rem = (u64)(t % 6);
    }
    const Fq2 xi{Fq::small(9), Fq::one()};
    g[0] = Fq2::one();
    g[1] = xi.pow(e, 4);
    for (int i = 2; i < 6; i++) g[i] = g[i - 1] * g[1];
  }
  /** x^q. The coefficient of w^i is c_i; w^q = w·ξ^((q−1)/6). */
  Fq12 map(const Fq12& x) const {
    return {{{x.a.c[0].conj(), x.a.c[1].conj() * g[2], x.a.c[2].conj() * g[4]}}, {{x.b.c[0].conj() * g[1], x.b.c[1].conj() * g[3], x.b.c[2].conj() * g[5]}}};
  }
  /** The endomorphism of the twist: (x^q·ξ^((q−1)/3), y^q·ξ^((q−1)/2)). */
  C2::Aff map(const C2::Aff& p) const { return {p.x.conj() * g[2], p.y.conj() * g[3]}; }
};
static const Frobenius& frobenius() {
  static const Frobenius f;
  return f;
}

constexpr u64 BN_X = 4965661367192848881ull;

/** Curve equations: y² = x³ + 3 and y² = x³ + 3/ξ. */
template <class C>
static bool onCurve(const typename C::Raw& p);
template <>
bool onCurve<C1>(const G1& p) {
  const C1::Aff a = C1::Aff::from(p);
  if (!a.x.isCanonical() || !a.y.isCanonical()) return false;
  return a.isInf() || a.y.sqr() == a.x.sqr() * a.x + Fq::small(3);
}
/** Also in the subgroup of order r: ψ(P) = [6x²]P there and only there (the other factor of the group order shares no such eigenvalue). */
template <>
bool onCurve<C2>(const G2& p) {
  const C2::Aff a = C2::Aff::from(p);
  if (!a.x.isCanonical() || !a.y.isCanonical()) return false;
  if (a.isInf()) return true;
  const Fq2 b = Fq2{Fq::small(9), Fq::one()}.inverse() * Fq::small(3);
  if (!(a.y.sqr() == a.x.sqr() * a.x + b)) return false;
  U256 order;
  for (int i = 0; i < 4; i++) order.v[i] = RP::M[i];
  return C2::Jac::from(a).mul(order).isInf();
}

/** f · line, the line being l0 + l1·w + l3·w³ with l0 in Fq. */
static Fq12 mulLine(const Fq12& f, const Fq& l0, const Fq2& l1, const Fq2& l3) {
  // (a + b w)(l0 + (l1 + l3 v) w)
  auto mul2 = [](const Fq6& x, const Fq2& p, const Fq2& q) {  // x·(p + q v)
    const Fq2 t0 = x.c[0] * p, t1 = x.c[1] * q;
    return Fq6{{t0 + mulXi(x.c[2] * q), (x.c[0] + x.c[1]) * (p + q) - t0 - t1, x.c[2] * p + t1}};
  };
  const Fq6 bl = mul2(f.b, l1, l3), al = mul2(f.a, l1, l3);
  const Fq6 a0{{f.a.c[0] * l0, f.a.c[1] * l0, f.a.c[2] * l0}}, b0{{f.b.c[0] * l0, f.b.c[1] * l0, f.b.c[2] * l0}};
  return {a0 + bl.mulV(), b0 + al};
}

/** Π of Miller loops f_{6x+2,Q}(P) with the two closing lines. Affine steps; the inversions of all pairs are shared. */
static Fq12 millerProduct(const C1::Aff* p, const C2::Aff* q, size_t n, C2::Aff* t, Fq2* den, Fq2* pre, C2::Aff* other) {
  Fq12 f = Fq12::one();
  const u128 s = (u128)6 * BN_X + 2;
  int top = 127;
  while (!((s >> top) & 1)) top--;
  auto step = [&](bool doubling) {
    Fq2 run = Fq2::one();
    for (size_t i = 0; i < n; i++) {
      den[i] = doubling ? t[i].y.dbl() : other[i].x - t[i].x;
      if (den[i].isZero()) den[i] = Fq2::one();  // cannot happen in the subgroup
      pre[i] = run;
      run = run * den[i];
    }
    run = run.inverse();
    for (size_t i = n; i-- > 0;) {
      const Fq2 inv = run * pre[i];
      run = run * den[i];
      const Fq2 xx = t[i].x.sqr();
      const Fq2 l = (doubling ? xx.dbl() + xx : other[i].y - t[i].y) * inv;
      const Fq2 x3 = l.sqr() - t[i].x - (doubling ? t[i].x : other[i].x);
      // line through T at P: y_P − λ x_P w + (λ x_T − y_T) w³, untwisted by (x w², y w³)
      f = mulLine(f, p[i].y, -(l * p[i].x), l * t[i].x - t[i].y);
      const Fq2 y3 = l * (t[i].x - x3) - t[i].y;
      t[i] = {x3, y3};
    }
  };
  for (size_t i = 0; i < n; i++) t[i] = q[i];
  for (int k = top - 1; k >= 0; k--) {
    f = f.sqr();
    step(true);
    if ((s >> k) & 1) {
      for (size_t i = 0; i < n; i++) other[i] = q[i];
      step(false);
    }
  }
  for (size_t i = 0; i < n; i++) other[i] = frobenius().map(q[i]);
  step(false);
  for (size_t i = 0; i < n; i++) other[i] = frobenius().map(frobenius().map(q[i])).neg();
  step(false);
  return f;
}

static Fq12 powX(const Fq12& a) {
  Fq12 r = a;
  for (int i = 61; i >= 0; i--) {
    r = r.sqr();
    if ((BN_X >> i) & 1) r = r * a;
  }
  return r;
}

/** Whether f^((q^12−1)/r) = 1, by the chain of Scott et al. (eprint 2008/490) for the hard part. */
static bool finalIsOne(const Fq12& f0) {
  const Frobenius& F = frobenius();
  Fq12 f = f0.conj() * f0.inverse();
  f = F.map(F.map(f)) * f;
  const Fq12 fx = powX(f), fx2 = powX(fx), fx3 = powX(fx2);
  const Fq12 fp = F.map(f), fp2 = F.map(fp), fp3 = F.map(fp2);
  const Fq12 y0 = fp * fp2 * fp3, y1 = f.conj(), y2 = F.map(F.map(fx2)), y3 = F.map(fx).conj();
  const Fq12 y4 = (fx * F.map(fx2)).conj(), y5 = fx2.conj(), y6 = (fx3 * F.map(fx3)).conj();
  Fq12 t0 = y6.sqr() * y4 * y5;
  Fq12 t1 = y3 * y5 * t0;
  t0 = t0 * y2;
  t1 = (t1.sqr() * t0).sqr();
  t0 = t1 * y1;
  t1 = t1 * y0;
  t0 = t0.sqr();
  return t0 * t1 == Fq12::one();
}

static bool pairingIsOne(const G1* p, const G2* q, size_t n) {
  constexpr size_t MAX = 64;
  C1::Aff ps[MAX];
  C2::Aff qs[MAX], t[MAX], other[MAX];
  Fq2 den[MAX], pre[MAX];
  Fq12 f = Fq12::one();
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    const C1::Aff a = C1::Aff::from(p[i]);
    const C2::Aff b = C2::Aff::from(q[i]);
    if (!a.isInf() && !b.isInf()) {
      ps[m] = a;
      qs[m++] = b;
    }
    if (m == MAX || (i + 1 == n && m)) {
      f = f * millerProduct(ps, qs, m, t, den, pre, other);
      m = 0;
    }
  }
  return finalIsOne(f);
}

}  // namespace ZK_ISA
}  // namespace zk
