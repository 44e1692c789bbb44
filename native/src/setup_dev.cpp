#include "blake2b.hpp"
#include "fixed_base.hpp"
#include "lagrange.hpp"
#include "neighbours.hpp"
#include "prove.hpp"
#include "r1cs.hpp"
#include "setup.hpp"
#include "shortcut.hpp"
#include <optional>

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

/** Coefficients up to this are made field elements once. */
constexpr int SMALL = 1024;

/** out[j] += Σ_i m_ij·L[i]; `smalls` points to the element 0 of −SMALL … SMALL. */
void addColumns(const Kernel& K, const Matrix& m, u32 rows, const U256* L, const U256* smalls, U256* out) {
  for (u32 i = 0; i < rows; i++)
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
        o = K.frAdd(o, K.frMul(L[i], e.coef >= -SMALL && e.coef <= SMALL ? smalls[e.coef] : small(K, e.coef)));
      }
    }
}

/** Section 2 of the key: the fields, the sizes, and the points of α, β, γ = 1 and δ. */
std::vector<u8> headerOf(const Kernel& K, const R1cs& r, u32 domain, const U256& alpha, const U256& beta, const U256& delta) {
  std::vector<u8> header;
  auto put = [&](const auto& x) { header.insert(header.end(), (const u8*)&x, (const u8*)&x + sizeof x); };
  put(u32{32});
  put(FQ_MODULUS);
  put(u32{32});
  put(FR_MODULUS);
  put(u32{r.wires});
  put(u32{r.publics});
  put(u32{domain});
  const U256 a = fromMont(K, alpha), b = fromMont(K, beta), d = fromMont(K, delta);
  put(K.g1.mul(G1_GENERATOR, a));
  put(K.g1.mul(G1_GENERATOR, b));
  put(K.g2.mul(G2_GENERATOR, b));
  put(G2_GENERATOR);
  put(K.g1.mul(G1_GENERATOR, d));
  put(K.g2.mul(G2_GENERATOR, d));
  return header;
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

  // Columns at τ; beside them what else takes one thread a while.
  Array<U256> L = lagrange(K, logn, tau, false, crew);
  Array<U256> col[3];
  for (auto& x : col) x = Array<U256>(wires);
  std::vector<U256> smalls(2 * SMALL + 1);
  for (int i = -SMALL; i <= SMALL; i++) smalls[i + SMALL] = small(K, i);
  const auto column = [&](int k) {
    addColumns(K, r.m[k], r.constraints, L.data(), smalls.data() + SMALL, col[k].data());
    if (k == 0)
      for (u32 s = 0; s <= publics; s++) col[0][s] = K.frAdd(col[0][s], L[r.constraints + s]);
  };
  u8 circuitHash[64];
  std::vector<u8> header;
  Columns byColumn[3];
  std::optional<Neighbours> bOfA, foldedOfC;
  std::vector<G1> doublings1;
  std::vector<G2> doublings2;
  constexpr size_t MULTIPLICATION = 18;  // additions, about
  const std::function<void()> parts[] = {
      [&] {
        byColumn[0] = transpose(r, 0);
        byColumn[1] = transpose(r, 1);
        bOfA.emplace(byColumn[1], &byColumn[0], r.wires, (u32)n, MULTIPLICATION);
      },
      [&] { developmentHash(file, circuitHash); },
      [&] { column(1); },
      [&] {
        byColumn[2] = transpose(r, 2);
        foldedOfC.emplace(byColumn[2], nullptr, r.wires, (u32)n, MULTIPLICATION);
      },
      [&] { column(0); },
      [&] { column(2); },
      [&] { header = headerOf(K, r, (u32)n, alpha, beta, delta); },
      [&] { doublings2 = FixedBase<G2>::doublings(K.g2, G2_GENERATOR); },
      [&] { doublings1 = FixedBase<G1>::doublings(K.g1, G1_GENERATOR); },
  };
  crew.run(std::size(parts), [&](size_t i, int) { parts[i](); });
  crew.progress(100);

  // The points of the section of shortcuts: E_i = f·L_i with f = (τ^n + 1)/2.
  const U256 fold = K.frMul(K.frAdd(power(K, tau, n), small(K, 1)), K.frInv(small(K, 2)));
  const U256 foldPrivate = K.frMul(fold, deltaInv), foldPublic = K.frMul(K.frSub(fold, small(K, 1)), deltaInv);
  // Rows whose points B and the section take beside those of A and of the wires, and wires that gain nothing by them.
  Array<U256> folded(wires), rowsOfB(bOfA->rows().size()), rowsOfC(foldedOfC->rows().size());
  for (size_t i = 0; i < rowsOfB.size(); i++) rowsOfB[i] = L[bOfA->rows()[i]];
  for (size_t i = 0; i < rowsOfC.size(); i++) rowsOfC[i] = K.frMul(L[foldedOfC->rows()[i]], foldPublic);
  L.release();
  // IC and C share an array: publics first, not divided by δ.
  const U256 dbeta = K.frMul(beta, deltaInv), dalpha = K.frMul(alpha, deltaInv);
  const size_t step = 2048;
  crew.run((wires + step - 1) / step, [&](size_t t, int) {
    const size_t from = t * step, m = std::min(step, wires - from);
    for (size_t j = from; j < from + m; j++) {
      const bool pub = j <= publics;
      const U256 x = K.frMul(col[0][j], pub ? beta : dbeta), y = K.frMul(col[1][j], pub ? alpha : dalpha);
      const U256 c = pub ? col[2][j] : K.frMul(col[2][j], deltaInv);
      folded[j] = pub ? K.frMul(col[2][j], foldPublic) : K.frAdd(K.frAdd(x, y), K.frMul(col[2][j], foldPrivate));
      col[2][j] = K.frAdd(K.frAdd(x, y), c);
    }
    for (U256* x : {col[0].data(), col[1].data(), col[2].data(), folded.data()}) K.frScale(x + from, x + from, ONE_256, m);
  });
  for (Array<U256>* x : {&rowsOfB, &rowsOfC}) plain(K, x->data(), x->size(), crew);
  Array<U256> hs = lagrange(K, logn + 1, tau, true, crew);
  const U256 deltaInvPlain = fromMont(K, deltaInv);
  crew.run((n + step - 1) / step, [&](size_t t, int) { K.frScale(hs.data() + t * step, hs.data() + t * step, deltaInvPlain, std::min(step, n - t * step)); });
  crew.progress(150);

  const auto gather = [&](const Neighbours& of, const U256* scalars) {
    std::vector<u32> which;
    for (u32 j = 0; j < wires; j++)
      if (of.direct(j) && !equal(scalars[j], ZERO_256)) which.push_back(j);
    Array<U256> found(which.size());
    for (size_t i = 0; i < which.size(); i++) found[i] = scalars[which[i]];
    return std::pair(std::move(which), std::move(found));
  };
  const auto [directB, scalarsB] = gather(*bOfA, col[1].data());
  const auto [directFolded, scalarsFolded] = gather(*foldedOfC, folded.data());
  const auto nonzero = [&](const Array<U256>& x) { return wires - (size_t)std::count_if(x.data(), x.data() + wires, [](const U256& v) { return equal(v, ZERO_256); }); };
  std::vector<Scratch> scratch(crew.threads());
  const FixedBase<G1> g1(K.g1, doublings1, n + nonzero(col[0]) + nonzero(col[2]) + rowsOfB.size() + rowsOfC.size() + directB.size() + directFolded.size(), crew, scratch);
  const FixedBase<G2> g2(K.g2, doublings2, nonzero(col[1]), crew, scratch);
  crew.progress(250);

  OutFile out(zkeyPath);
  const auto writeFront = [&] {
    out.header("zkey", 1, 11);
    out.section(1, 4);
    out.word(1);
    out.section(2, header.size());
    out.write(header.data(), header.size());
    writeCoefficients(out, r, K);
  };
  // Sections are written by one thread while the others are at the next points.
  constexpr double FIRST = 1e300;
  Array<G1> h(n), a(bOfA->points()), c(foldedOfC->points()), pointsB(directB.size()), pointsFolded(directFolded.size());
  std::vector<Task> tasks;
  tasks.push_back({FIRST, [&](Scratch&) { writeFront(); }});
  g1.tasks(tasks, hs.data(), n, h.data());
  g1.tasks(tasks, col[0].data(), wires, a.data());
  g1.tasks(tasks, col[2].data(), wires, c.data());
  g1.tasks(tasks, rowsOfB.data(), rowsOfB.size(), a.data() + wires);
  g1.tasks(tasks, rowsOfC.data(), rowsOfC.size(), c.data() + wires);
  g1.tasks(tasks, scalarsB.data(), scalarsB.size(), pointsB.data());
  g1.tasks(tasks, scalarsFolded.data(), scalarsFolded.size(), pointsFolded.data());
  runTasks(crew, tasks, scratch);
  hs.release();
  crew.progress(550);

  // All sections but three, for which there is room until their points are there.
  Array<G2> b2(wires);
  u64 placeOfB = 0, placeOfB2 = 0, placeOfShortcuts = 0;
  const auto g1Section = [&](u32 type, const G1* points, size_t count) {
    out.section(type, (u64)count * 64);
    out.write(points, count * 64);
  };
  const auto writeRest = [&] {
    g1Section(3, c.data(), publics + 1);
    g1Section(9, h.data(), n);
    h.release();
    g1Section(8, c.data() + publics + 1, wires - publics - 1);
    g1Section(5, a.data(), wires);
    out.section(6, (u64)wires * 64);
    placeOfB = out.leave((u64)wires * 64);
    out.section(7, (u64)wires * 128);
    placeOfB2 = out.leave((u64)wires * 128);
    out.section(10, 68);
    out.write(circuitHash, 64);
    out.word(0);
    writeShortcutHead(out, out.written(), header.data(), header.size(), {r, (u32)n, {col[0].data(), col[1].data(), folded.data()}}, K);
    placeOfShortcuts = out.leave((u64)wires * 64);
  };
  tasks.clear();
  tasks.push_back({FIRST, [&](Scratch&) { writeRest(); }});
  bOfA->doublingTasks(tasks, a.data(), K.g1, crew.threads());
  foldedOfC->doublingTasks(tasks, c.data(), K.g1, crew.threads());
  g2.tasks(tasks, col[1].data(), wires, b2.data());
  runTasks(crew, tasks, scratch);
  crew.progress(850);

  Array<G1> b(wires), shortcuts(wires);
  for (size_t i = 0; i < directB.size(); i++) b[directB[i]] = pointsB[i];
  for (size_t i = 0; i < directFolded.size(); i++) shortcuts[directFolded[i]] = pointsFolded[i];
  const auto into = [&out](u64 place, const Array<G1>& points) {
    return [&out, place, p = points.data()](u32 from, u32 to) { out.writeAt(place + (u64)from * 64, p + from, (size_t)(to - from) * 64); };
  };
  tasks.clear();
  tasks.push_back({FIRST, [&](Scratch&) { out.writeAt(placeOfB2, b2.data(), wires * sizeof(G2)); }});
  bOfA->sumTasks(tasks, a.data(), [&](u32 j) { return equal(col[0][j], ZERO_256); }, b.data(), into(placeOfB, b), K.g1);
  foldedOfC->sumTasks(tasks, c.data(), [&](u32 j) { return j <= publics || equal(col[2][j], ZERO_256); }, shortcuts.data(), into(placeOfShortcuts, shortcuts), K.g1);
  runTasks(crew, tasks, scratch);
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
