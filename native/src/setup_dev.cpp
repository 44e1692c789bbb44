#include "blake2b.hpp"
#include "fixed_base.hpp"
#include "lagrange.hpp"
#include "prove.hpp"
#include "r1cs.hpp"
#include "setup.hpp"
#include "shortcut.hpp"

namespace zk {

namespace {

void plain(const Kernel& K, U256* a, size_t n, Crew& crew) {
  const size_t step = 8192;
  crew.run((n + step - 1) / step, [&](size_t t, int) { K.frScale(a + t * step, a + t * step, ONE_256, std::min(step, n - t * step)); });
}

/** What stands where a ceremony key has its circuit hash: it says that this is a development key and of which circuit. */
void developmentHash(const BinFile& r1cs, u8 out[64]) {
  Blake2b inner, outer;
  u8 digest[64];
  const char system[] = "zkonnx r1cs 1\n", key[] = "zkonnx development key 1\n";
  inner.update(system, sizeof system - 1);
  for (u32 type : {1u, 2u}) {
    const Section s = r1cs.section(type);
    inner.update(s.data, s.size);
  }
  inner.digest(digest);
  outer.update(key, sizeof key - 1);
  outer.update(digest, sizeof digest);
  outer.digest(out);
}

}  // namespace

void setupDevelopment(const std::string& r1csPath, const std::string& zkeyPath, const Kernel& K, Crew& crew) {
  const BinFile file(r1csPath, "r1cs", 1);
  const R1cs r = readR1cs(file, crew);
  crew.progress(50);
  const int logn = r.logDomain();
  const size_t n = (size_t)1 << logn, wires = r.wires;
  const u32 publics = r.publics;
  U256 tau, alpha, beta, delta;
  for (;;) {
    tau = toMont(K, randomScalar());
    const U256 one = small(K, 1);
    if (!equal(power(K, tau, 2 * n), one)) break;  // τ must not be in the domain
  }
  alpha = toMont(K, randomScalar());
  beta = toMont(K, randomScalar());
  do delta = toMont(K, randomScalar());
  while (equal(delta, small(K, 1)));
  const U256 deltaInv = K.frInv(delta);

  // Columns at τ.
  Array<U256> L = lagrange(K, logn, tau, false, crew);
  Array<U256> col[3];
  for (auto& x : col) x = Array<U256>(wires);
  std::vector<U256> smalls(2049);
  for (int i = 0; i <= 2048; i++) smalls[i] = small(K, i - 1024);
  u8 circuitHash[64];
  crew.run(4, [&](size_t k, int) {
    if (k == 3) return developmentHash(file, circuitHash);
    const Matrix& m = r.m[k];
    U256* out = col[k].data();
    for (u32 i = 0; i < r.constraints; i++)
      for (u32 t = m.start[i]; t < m.start[i + 1]; t++) {
        const Term e = m.terms[t];
        U256& o = out[e.wire];
        if (e.coef == 1) {
          o = K.frAdd(o, L[i]);
        } else if (e.coef == -1) {
          o = K.frSub(o, L[i]);
        } else if (e.coef == WIDE) {
          o = K.frAdd(o, K.frMul(L[i], toMont(K, m.wide[m.wideIndex[t]])));
        } else {
          o = K.frAdd(o, K.frMul(L[i], e.coef >= -1024 && e.coef <= 1024 ? smalls[e.coef + 1024] : small(K, e.coef)));
        }
      }
    if (k == 0)
      for (u32 s = 0; s <= publics; s++) out[s] = K.frAdd(out[s], L[r.constraints + s]);
  });
  L.release();
  crew.progress(150);
  // The points of the section of shortcuts: E_i = f·L_i with f = (τ^n + 1)/2.
  const U256 fold = K.frMul(K.frAdd(power(K, tau, n), small(K, 1)), K.frInv(small(K, 2)));
  const U256 foldPrivate = K.frMul(fold, deltaInv), foldPublic = K.frMul(K.frSub(fold, small(K, 1)), deltaInv);
  Array<U256> folded(wires);
  // IC and C share an array: publics first, not divided by δ.
  const U256 dbeta = K.frMul(beta, deltaInv), dalpha = K.frMul(alpha, deltaInv);
  const size_t step = 4096;
  crew.run((wires + step - 1) / step, [&](size_t t, int) {
    for (size_t j = t * step; j < std::min(wires, (t + 1) * step); j++) {
      const bool pub = j <= publics;
      const U256 x = K.frMul(col[0][j], pub ? beta : dbeta), y = K.frMul(col[1][j], pub ? alpha : dalpha);
      const U256 c = pub ? col[2][j] : K.frMul(col[2][j], deltaInv);
      folded[j] = pub ? K.frMul(col[2][j], foldPublic) : K.frAdd(K.frAdd(x, y), K.frMul(col[2][j], foldPrivate));
      col[2][j] = K.frAdd(K.frAdd(x, y), c);
    }
  });
  for (auto& x : col) plain(K, x.data(), wires, crew);
  plain(K, folded.data(), wires, crew);
  Array<U256> hs = lagrange(K, logn + 1, tau, true, crew);
  crew.run((n + step - 1) / step, [&](size_t t, int) { K.frScale(hs.data() + t * step, hs.data() + t * step, deltaInv, std::min(step, n - t * step)); });
  plain(K, hs.data(), n, crew);
  crew.progress(200);

  size_t nonzero[2] = {0, 0};
  for (int k = 0; k < 2; k++)
    for (size_t j = 0; j < wires; j++) nonzero[k] += !equal(col[k][j], ZERO_256);
  const FixedBase<G1> g1(K.g1, G1_GENERATOR, nonzero[0] + nonzero[1] + 2 * wires + n, crew);
  const FixedBase<G2> g2(K.g2, G2_GENERATOR, nonzero[1], crew);
  crew.progress(250);

  OutFile out(zkeyPath);
  out.header("zkey", 1, 11);
  out.section(1, 4);
  out.word(1);
  std::vector<u8> header;
  {
    auto put = [&](const void* p, size_t size) { header.insert(header.end(), (const u8*)p, (const u8*)p + size); };
    auto word = [&](u32 x) { put(&x, 4); };
    word(32);
    put(&FQ_MODULUS, 32);
    word(32);
    put(&FR_MODULUS, 32);
    word(r.wires);
    word(publics);
    word((u32)n);
    U256 s[3] = {fromMont(K, alpha), fromMont(K, beta), fromMont(K, delta)};
    G1 p1[3];
    G2 p2[3];
    g1.multiply(s, 3, p1, crew);
    g2.multiply(s, 3, p2, crew);
    put(&p1[0], 64);
    put(&p1[1], 64);
    put(&p2[1], 128);
    put(&G2_GENERATOR, 128);
    put(&p1[2], 64);
    put(&p2[2], 128);
  }
  out.section(2, header.size());
  out.write(header.data(), header.size());
  writeCoefficients(out, r, K);
  Array<G1> points(std::max(wires, n));
  auto g1Section = [&](u32 type, const U256* scalars, size_t count, int progress) {
    out.section(type, (u64)count * 64);
    g1.multiply(scalars, count, points.data(), crew);
    out.write(points.data(), count * 64);
    crew.progress(progress);
  };
  g1Section(3, col[2].data(), publics + 1, 300);
  g1Section(9, hs.data(), n, 420);
  hs.release();
  g1Section(8, col[2].data() + publics + 1, wires - publics - 1, 540);
  g1Section(5, col[0].data(), wires, 660);
  g1Section(6, col[1].data(), wires, 780);
  {
    Array<G2> p2(wires);
    g2.multiply(col[1].data(), wires, p2.data(), crew);
    out.section(7, (u64)wires * 128);
    out.write(p2.data(), wires * 128);
  }
  out.section(10, 68);
  out.write(circuitHash, 64);
  out.word(0);
  writeShortcutHead(out, out.written(), header.data(), header.size(), {r, (u32)n, {col[0].data(), col[1].data(), folded.data()}}, K);
  g1.multiply(folded.data(), wires, points.data(), crew);
  out.write(points.data(), wires * 64);
  crew.check();
  out.commit();
  crew.progress(1000);
}

void writeCoefficients(OutFile& out, const R1cs& r, const Kernel& K) {
  const u64 count = (u64)r.m[0].terms.size() + r.m[1].terms.size() + r.publics + 1;
  if (count > 0xffffffffu) throw Error("R1CS_TOO_LARGE", "the constraint system has too many coefficients for a .zkey file");
  out.section(4, 4 + count * 44);
  out.word((u32)count);
  const U256 r2 = FR_R2;  // 1·R² and so on
  auto scaled = [&](const U256& coef) { return toMont(K, toMont(K, coef)); };
  std::vector<U256> smalls(2049);
  std::vector<bool> known(2049, false);
  auto value = [&](const Matrix& m, u32 t) -> U256 {
    const i32 c = m.terms[t].coef;
    if (c == 1) return r2;
    if (c == WIDE) return scaled(m.wide[m.wideIndex[t]]);
    const bool near = c >= -1024 && c <= 1024;
    if (near && known[c + 1024]) return smalls[c + 1024];
    const U256 v = toMont(K, small(K, c));
    if (near) smalls[c + 1024] = v, known[c + 1024] = true;
    return v;
  };
  struct __attribute__((packed, aligned(4))) Entry {
    u32 matrix, row, wire;
    U256 value;
  };
  std::vector<Entry> block;
  block.reserve(1 << 14);
  auto put = [&](u32 matrix, u32 row, u32 wire, const U256& v) {
    block.push_back({matrix, row, wire, v});
    if (block.size() == (1 << 14)) {
      out.write(block.data(), block.size() * 44);
      block.clear();
    }
  };
  for (u32 i = 0; i < r.constraints; i++)
    for (u32 k = 0; k < 2; k++)
      for (u32 t = r.m[k].start[i]; t < r.m[k].start[i + 1]; t++) put(k, i, r.m[k].terms[t].wire, value(r.m[k], t));
  for (u32 s = 0; s <= r.publics; s++) put(0, r.constraints + s, s, r2);
  if (block.size()) out.write(block.data(), block.size() * 44);
}

}  // namespace zk
