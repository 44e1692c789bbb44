#include "blake2b.hpp"
#include "columns.hpp"
#include "fixed_base.hpp"
#include "lagrange.hpp"
#include "prove.hpp"
#include "r1cs.hpp"
#include "setup.hpp"

namespace zk {

namespace {

/** One base of a linear combination of columns. */
template <class Raw>
struct Source {
  const Columns* columns;
  const Raw* points;
};

/** out[j − from] = Σ over sources of Σ_i coef_ij·points_i for columns j in [from, to). */
template <class Raw>
void columnSums(const std::vector<Source<Raw>>& sources, u32 from, u32 to, Raw* out, const GroupKernel<Raw>& g, Crew& crew) {
  const u32 step = 512;
  std::vector<Scratch> scratch(crew.threads());
  crew.run((to - from + step - 1) / step, [&](size_t task, int worker) {
    const u32 a = from + (u32)task * step, b = std::min(to, a + step);
    struct Label {
      u32 column, position;
      Raw point;
    };
    std::vector<Label> all;
    for (const auto& s : sources) {
      struct Item {
        u32 column, position, index;
      };
      std::vector<Item> items;
      const Columns& c = *s.columns;
      for (u32 j = a; j < b; j++) {
        for (u32 p = c.start[j]; p < c.start[j + 1]; p++)
          digitsOfTerm(*c.m, c.term[p], [&](u32 position, bool neg) { items.push_back({j, position, c.row[p] | (neg ? 0x80000000u : 0)}); });
        if (j < c.extraCount) items.push_back({j, 0, c.extra + j});
      }
      std::stable_sort(items.begin(), items.end(), [](const Item& x, const Item& y) { return x.column != y.column ? x.column < y.column : x.position < y.position; });
      std::vector<u32> idx, off{0};
      const size_t first = all.size();
      for (size_t i = 0; i < items.size(); i++) {
        if (i == 0 || items[i].column != items[i - 1].column || items[i].position != items[i - 1].position) {
          if (i) off.push_back((u32)i);
          all.push_back({items[i].column, items[i].position, Raw{}});
        }
        idx.push_back(items[i].index);
      }
      off.push_back((u32)items.size());
      const size_t n = all.size() - first;
      if (n == 0) continue;
      std::vector<Raw> sums(n);
      g.segmentSums(scratch[worker].need(g.workBytes(0, 0, 0)), s.points, idx.data(), off.data(), n, sums.data());
      for (size_t i = 0; i < n; i++) all[first + i].point = sums[i];
    }
    std::stable_sort(all.begin(), all.end(), [](const Label& x, const Label& y) { return x.column != y.column ? x.column < y.column : x.position < y.position; });
    size_t at = 0;
    for (u32 j = a; j < b; j++) {
      std::vector<Raw> points;
      std::vector<u32> positions;
      for (; at < all.size() && all[at].column == j; at++) {
        points.push_back(all[at].point);
        positions.push_back(all[at].position);
      }
      Raw& o = out[j - from];
      if (points.empty()) {
        memset(&o, 0, sizeof o);
      } else if (points.size() == 1 && positions[0] == 0) {
        o = points[0];
      } else {
        o = g.horner(points.data(), positions.data(), points.size());
      }
    }
  });
}

/** p − t as snarkjs's WebAssembly computes it when p is no point but 64 bytes of something else, with coordinates up to 2^256. Its field
 *  operations are right for reduced operands; for others they lose a carry here and there, and what they then give is part of
 *  the circuit hash. So the same steps are taken here: (x, y, z) of the sum of affine points, each operation with their carries. */
class UnreducedDifference {
 public:
  explicit UnreducedDifference(const Kernel& k) : K_(k) {}
  G1 operator()(const G1& p, const G1& t) const {
    const U256 y2 = sub(ZERO_256, t.y);
    const U256 h = sub(t.x, p.x), dy = sub(y2, p.y), hh = mul(h, h), i2 = add(hh, hh), i = add(i2, i2), j = mul(h, i), r = add(dy, dy), v = mul(p.x, i);
    const U256 x = sub(sub(mul(r, r), j), add(v, v)), yj = mul(p.y, j), y = sub(mul(sub(v, x), r), add(yj, yj));
    const U256 zi = K_.fqInv(reduced(add(h, h))), zi2 = K_.fqMul(zi, zi);
    return {K_.fqMul(reduced(x), zi2), K_.fqMul(reduced(y), K_.fqMul(zi2, zi))};
  }

 private:
  static U256 reduced(U256 x) {
    while (!less(x, FQ_MODULUS)) (void)subWords(x, FQ_MODULUS);
    return x;
  }
  static u64 addWords(U256& a, const U256& b) {
    u128 c = 0;
    for (int i = 0; i < 4; i++) a.v[i] = (u64)(c += (u128)a.v[i] + b.v[i]), c >>= 64;
    return (u64)c;
  }
  static u64 subWords(U256& a, const U256& b) {
    u64 borrow = 0;
    for (int i = 0; i < 4; i++) {
      const u128 d = (u128)a.v[i] - b.v[i] - borrow;
      a.v[i] = (u64)d;
      borrow = (u64)(d >> 64) & 1;
    }
    return borrow;
  }
  /** One subtraction of the modulus, when there was a carry or the words are not below it. */
  static U256 once(U256 a, u64 carry) {
    if (carry || !less(a, FQ_MODULUS)) (void)subWords(a, FQ_MODULUS);
    return a;
  }
  static U256 add(U256 a, const U256& b) {
    const u64 carry = addWords(a, b);
    return once(a, carry);
  }
  static U256 sub(U256 a, const U256& b) {
    if (subWords(a, b)) (void)addWords(a, FQ_MODULUS);
    return a;
  }
  /** (a·b + m·q) / 2^256, below 2^256 + q. */
  static U256 mul(const U256& a, const U256& b) {
    constexpr u64 INVERSE = 0x87d20782e4866389ull;  // −1/q mod 2^64
    u64 t[9] = {};
    auto row = [&](u64 x, const U256& y, int at) {
      u64 c = 0;
      for (int k = 0; k < 4; k++) {
        const u128 s = (u128)x * y.v[k] + t[at + k] + c;
        t[at + k] = (u64)s;
        c = (u64)(s >> 64);
      }
      for (int k = at + 4; c && k < 9; k++) c = __builtin_add_overflow(t[k], c, &t[k]);
    };
    for (int k = 0; k < 4; k++) row(a.v[k], b, k);
    for (int k = 0; k < 4; k++) row(t[k] * INVERSE, FQ_MODULUS, k);
    return once({{t[4], t[5], t[6], t[7]}}, t[8]);
  }
  const Kernel& K_;
};

/** Points as the circuit hash sees them: plain coordinates, big-endian, the higher half of Fq2 first. */
class CircuitHash {
 public:
  explicit CircuitHash(const Kernel& k) : K_(k) {}
  void u32be(u32 x) {
    const u8 b[4] = {(u8)(x >> 24), (u8)(x >> 16), (u8)(x >> 8), (u8)x};
    h_.update(b, 4);
  }
  template <class Raw>
  void points(const Raw* p, size_t n, Crew& crew) {
    constexpr size_t W = sizeof(Raw) / 32, step = 1024;
    std::vector<u8> bytes(n * sizeof(Raw));
    crew.run((n + step - 1) / step, [&](size_t t, int) {
      for (size_t i = t * step; i < std::min(n, (t + 1) * step); i++) {
        U256 c[W];
        memcpy(c, &p[i], sizeof(Raw));
        u8* o = bytes.data() + i * sizeof(Raw);
        for (size_t k = 0; k < W; k++) {
          const U256 x = K_.fqMul(c[k], ONE_256);
          // within a coordinate, the last component comes first
          const size_t per = W / 2, at = k / per * per + (per - 1 - k % per);
          u8 le[32];
          memcpy(le, &x, 32);
          for (int b = 0; b < 32; b++) o[at * 32 + b] = le[31 - b];
        }
      }
    });
    h_.update(bytes.data(), bytes.size());
  }
  void digest(u8 out[64]) { h_.digest(out); }

 private:
  const Kernel& K_;
  Blake2b h_;
};

}  // namespace

void setupFromPtau(const std::string& r1csPath, const std::string& ptauPath, const std::string& zkeyPath, const Kernel& K, Crew& crew) {
  R1cs r;
  {
    const BinFile file(r1csPath, "r1cs", 1);
    r = readR1cs(file, crew);
  }
  const BinFile f(ptauPath, "ptau", 1);
  Reader h = f.read(1);
  const u32 n8 = h.word();
  if (n8 != 32) throw Error("FIELD_MISMATCH", f.name() + " is not over BN254", "32-byte field elements", std::to_string(n8));
  const U256 q = h.u256();
  if (!equal(q, FQ_MODULUS)) throw Error("FIELD_MISMATCH", f.name() + " is over another field", hex(FQ_MODULUS), hex(q));
  const u32 power = h.word();
  if (power < 1 || power > 28) throw Error("PTAU_CORRUPT", f.name() + " has an impossible power", "1 to 28", std::to_string(power));
  const int logn = r.logDomain();
  if ((u32)logn > power) throw Error("PTAU_TOO_SMALL", f.name() + " is too small for this circuit", "power " + std::to_string(logn), std::to_string(power));
  if (!f.has(12)) throw Error("PTAU_UNPREPARED", f.name() + " is not prepared for phase 2");
  const u64 full = (u64)1 << power, n = (u64)1 << logn;
  auto g1Of = [&](u32 type, u64 count) { return (const G1*)f.section(type, count * 64).data; };
  const G1* tau = g1Of(2, 2 * full - 1);
  (void)f.section(3, full * 128);
  const G1 *alphaTau = g1Of(4, full), *betaTau = g1Of(5, full);
  const G2* beta2 = (const G2*)f.section(6, 128).data;
  // Lagrange sections: all powers one after another; section 12 has one power more. (The prepared file leaves room unused in none of them.)
  const G1* lTau = g1Of(12, 4 * full - 1) + (n - 1);
  const G1* lTau2 = g1Of(12, 4 * full - 1) + (2 * n - 1);
  const G2* lTauG2 = (const G2*)f.section(13, (2 * full - 1) * 128).data + (n - 1);
  const G1* lAlpha = g1Of(14, 2 * full - 1) + (n - 1);
  const G1* lBeta = g1Of(15, 2 * full - 1) + (n - 1);
  for (const G1* p : {alphaTau, betaTau, tau})
    if (!K.g1.onCurve(*p)) throw Error("PTAU_CORRUPT", f.name() + ": a point is not on the curve");
  if (!K.g2.onCurve(*beta2)) throw Error("PTAU_CORRUPT", f.name() + ": a point is not in the group");
  crew.progress(50);

  const Columns A = transpose(r, 0), B = transpose(r, 1), C = transpose(r, 2);
  CircuitHash hash(K);
  OutFile out(zkeyPath);
  out.header("zkey", 1, 10);
  out.section(1, 4);
  out.word(1);
  out.section(2, 84 + 3 * 64 + 3 * 128);
  out.word(32);
  out.write(&FQ_MODULUS, 32);
  out.word(32);
  out.write(&FR_MODULUS, 32);
  out.word(r.wires);
  out.word(r.publics);
  out.word((u32)n);
  auto one = [&](const auto& p, size_t size) {
    out.write(&p, size);
    hash.points(&p, 1, crew);
  };
  one(alphaTau[0], 64);
  one(betaTau[0], 64);
  one(beta2[0], 128);
  one(G2_GENERATOR, 128);
  one(G1_GENERATOR, 64);
  one(G2_GENERATOR, 128);
  writeCoefficients(out, r, K);
  crew.progress(100);

  auto section = [&]<class Raw>(u32 type, const std::vector<Source<Raw>>& sources, u32 from, u32 to, const GroupKernel<Raw>& g, int progress) {
    Array<Raw> points(to - from);
    columnSums<Raw>(sources, from, to, points.data(), g, crew);
    out.section(type, (u64)(to - from) * sizeof(Raw));
    out.write(points.data(), (size_t)(to - from) * sizeof(Raw));
    hash.u32be(to - from);
    hash.points(points.data(), to - from, crew);
    crew.progress(progress);
  };
  const std::vector<Source<G1>> k{{&A, lBeta}, {&B, lAlpha}, {&C, lTau}};
  section(3, k, 0, r.publics + 1, K.g1, 150);
  {
    out.section(9, n * 64);
    std::vector<G1> hs(n);
    for (u64 i = 0; i < n; i++) hs[i] = lTau2[2 * i + 1];
    out.write(hs.data(), n * 64);
    // The hash takes τ^(i+n) − τ^i instead, for i < n − 1. snarkjs reads them in chunks of 2^14 and always whole chunks, so that
    // beyond one chunk it takes i = n − 1 as well; the equality of hashes is the point here, so this does what snarkjs does.
    const u64 m = n - 1, step = 2048;
    hash.u32be((u32)m);
    std::vector<Scratch> scratch(crew.threads());
    crew.run((m + step - 1) / step, [&](size_t t, int worker) {
      const u64 at = t * step, count = std::min<u64>(step, m - at);
      std::vector<u32> idx, off{0};
      for (u64 i = 0; i < count; i++) {
        idx.push_back((u32)(at + i + n));
        idx.push_back((u32)(at + i) | 0x80000000u);
        off.push_back((u32)(2 * i + 2));
      }
      K.g1.segmentSums(scratch[worker].need(K.g1.workBytes(0, 0, 0)), tau, idx.data(), off.data(), count, hs.data() + at);
    });
    u64 hashed = m;
    if (m > (1 << 14)) {
      // With a file of exactly this power there is no such point: snarkjs takes the 64 bytes that follow, whatever they are.
      const u8* p = (const u8*)(tau + (2 * n - 1));
      if ((u32)logn == power && !f.contains(p, 64)) throw Error("PTAU_CORRUPT", f.name() + " ends right after its section 2");
      G1 last;
      memcpy(&last, p, 64);
      hs[m] = (u32)logn == power ? UnreducedDifference(K)(last, tau[m]) : K.g1.add(last, K.g1.neg(tau[m]));
      hashed++;
    }
    hash.points(hs.data(), hashed, crew);
    crew.progress(250);
  }
  section(8, k, r.publics + 1, r.wires, K.g1, 550);
  section(5, std::vector<Source<G1>>{{&A, lTau}}, 0, r.wires, K.g1, 650);
  section(6, std::vector<Source<G1>>{{&B, lTau}}, 0, r.wires, K.g1, 750);
  section(7, std::vector<Source<G2>>{{&B, lTauG2}}, 0, r.wires, K.g2, 990);
  u8 digest[64];
  hash.digest(digest);
  out.section(10, 68);
  out.write(digest, 64);
  out.word(0);
  crew.check();
  out.commit();
  crew.progress(1000);
}

void makeDevelopmentPtau(int power, const std::string& path, const Kernel& K, Crew& crew) {
  const u64 n = (u64)1 << power;
  const U256 tau = toMont(K, randomScalar()), alpha = toMont(K, randomScalar()), beta = toMont(K, randomScalar());
  std::vector<Scratch> scratch(crew.threads());
  const FixedBase<G1> g1(K.g1, G1_GENERATOR, 12 * n, crew, scratch);
  const FixedBase<G2> g2(K.g2, G2_GENERATOR, 3 * n, crew, scratch);
  OutFile out(path);
  out.header("ptau", 1, 11);
  out.section(1, 44);
  out.word(32);
  out.write(&FQ_MODULUS, 32);
  out.word((u32)power);
  out.word((u32)power);
  auto powers = [&](u64 count, const U256& factor) {
    Array<U256> s(count);
    U256 x = factor;
    for (u64 i = 0; i < count; i++) {
      s[i] = fromMont(K, x);
      x = K.frMul(x, tau);
    }
    return s;
  };
  auto write1 = [&](const U256* s, u64 count) {
    Array<G1> p(count);
    g1.multiply(s, count, p.data(), crew, scratch);
    out.write(p.data(), count * 64);
  };
  auto write2 = [&](const U256* s, u64 count) {
    Array<G2> p(count);
    g2.multiply(s, count, p.data(), crew, scratch);
    out.write(p.data(), count * 128);
  };
  const U256 one = small(K, 1);
  auto section1 = [&](u32 type, u64 count, const U256& factor) {
    out.section(type, count * 64);
    const Array<U256> s = powers(count, factor);
    write1(s.data(), count);
  };
  section1(2, 2 * n - 1, one);
  out.section(3, n * 128);
  write2(powers(n, one).data(), n);
  section1(4, n, alpha);
  section1(5, n, beta);
  {
    const U256 b = fromMont(K, beta);
    out.section(6, 128);
    write2(&b, 1);
  }
  out.section(7, 4);
  out.word(0);
  crew.progress(300);
  /** Lagrange values of 2^k points; the prepared file's last power leaves out the highest monomial, for which there is no point. */
  auto lagrangeAt = [&](int k, const U256& factor) {
    const u64 count = (u64)1 << k;
    Array<U256> l = lagrange(K, k, tau, false, crew);
    if (k > power) {
      U256 x = K.frMul(zk::power(K, tau, count - 1), K.frInv(small(K, (i64)count)));
      const U256 w = rootOfUnity(K, k);
      for (u64 i = 0; i < count; i++) {
        l[i] = K.frSub(l[i], x);
        x = K.frMul(x, w);
      }
    }
    for (u64 i = 0; i < count; i++) l[i] = fromMont(K, K.frMul(l[i], factor));
    return l;
  };
  auto lagrangeSection = [&](u32 type, int top, const U256& factor, bool second) {
    out.section(type, (((u64)2 << top) - 1) * (second ? 128 : 64));
    for (int k = 0; k <= top; k++) {
      const Array<U256> l = lagrangeAt(k, factor);
      if (second) {
        write2(l.data(), l.size());
      } else {
        write1(l.data(), l.size());
      }
    }
  };
  lagrangeSection(12, power + 1, one, false);
  crew.progress(600);
  lagrangeSection(13, power, one, true);
  lagrangeSection(14, power, alpha, false);
  lagrangeSection(15, power, beta, false);
  crew.check();
  out.commit();
  crew.progress(1000);
}

}  // namespace zk
