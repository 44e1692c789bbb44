#include "zkey.hpp"
#include <algorithm>

namespace zk {

ProvingKey::ProvingKey(const std::string& path, const Kernel& k, Crew& crew) : ProvingKey(std::make_unique<BinFile>(path, "zkey", 1), k, crew) {}

ProvingKey::ProvingKey(std::unique_ptr<BinFile> file, const Kernel& k, Crew& crew) : kernel(k), file_(std::move(file)) { load(crew); }

void ProvingKey::load(Crew& crew) {
  const BinFile& f = *file_;
  const u32 protocol = f.read(1).word();
  if (protocol != 1) throw Error("ZKEY_PROTOCOL", f.name() + " is not a Groth16 key", "protocol 1", std::to_string(protocol));
  Reader r = f.read(2);
  auto field = [&](const char* what, const U256& modulus) {
    const u32 n8 = r.word();
    if (n8 != 32) throw Error("FIELD_MISMATCH", f.name() + " is not over BN254", "32-byte field elements", std::to_string(n8));
    const U256 m = r.u256();
    if (!equal(m, modulus)) throw Error("FIELD_MISMATCH", f.name() + " has another " + what, hex(modulus), hex(m));
  };
  field("base field", FQ_MODULUS);
  field("scalar field", FR_MODULUS);
  wires = r.word();
  publics = r.word();
  domain = r.word();
  if (wires == 0 || wires >= (1u << 31) || publics >= wires) throw Error("ZKEY_CORRUPT", f.name() + " has impossible wire counts", "public < wires < 2^31", std::to_string(publics) + ", " + std::to_string(wires));
  while (logDomain < 27 && (1u << logDomain) < domain) logDomain++;
  if (domain < 2 || (1u << logDomain) != domain) throw Error("ZKEY_CORRUPT", f.name() + " has an impossible domain size", "a power of two, 2 to 2^27", std::to_string(domain));
  alpha1 = r.pod<G1>();
  beta1 = r.pod<G1>();
  beta2 = r.pod<G2>();
  gamma2 = r.pod<G2>();
  delta1 = r.pod<G1>();
  delta2 = r.pod<G2>();
  auto zero = [](const void* p, size_t n) {
    for (size_t i = 0; i < n; i++)
      if (((const u8*)p)[i]) return false;
    return true;
  };
  for (const G1* p : {&alpha1, &beta1, &delta1})
    if (!kernel.g1.onCurve(*p) || zero(p, sizeof *p)) throw Error("ZKEY_CORRUPT", f.name() + ": a point of the header is not on the curve");
  for (const G2* p : {&beta2, &gamma2, &delta2})
    if (!kernel.g2.onCurve(*p) || zero(p, sizeof *p)) throw Error("ZKEY_CORRUPT", f.name() + ": a point of the header is not in the group");
  const u64 n = wires;
  ic = (const G1*)f.section(3, (u64)(publics + 1) * 64).data;
  a = (const G1*)f.section(5, n * 64).data;
  (void)f.section(6, n * 64);
  b2 = (const G2*)f.section(7, n * 128).data;
  c = (const G1*)f.section(8, (n - publics - 1) * 64).data - (publics + 1);
  const G1* points = (const G1*)f.section(9, (u64)domain * 64).data;
  const Shortcut shortcut(f, wires, domain, crew);
  folded = shortcut.valid;
  if (folded) {
    c = shortcut.points;
    for (int m = 0; m < 2; m++) rows[m] = shortcut.rows[m];
    for (int k = 0; k < 3; k++) infinite[k] = shortcut.infinite[k];
  } else {
    findInfinite(crew);
  }
  h = Array<G1>(domain);
  tables = Array<u8>(kernel.ntt.tableBytes(logDomain) + 64);
  const size_t step = 1 << 14, copies = (domain + step - 1) / step;
  constexpr size_t FIRST = 1 + NTT_TABLES;
  crew.run(FIRST + copies, [&](size_t task, int) {
    if (task == 0) {
      if (!folded) loadRows(crew);
    } else if (task < FIRST) {
      kernel.ntt.buildTable(tables.data(), logDomain, (int)task - 1);
    } else {
      const size_t from = (task - FIRST) * step;
      memcpy((void*)(h.data() + from), points + from, std::min<size_t>(step, domain - from) * sizeof(G1));
    }
  });
}

void ProvingKey::findInfinite(Crew& crew) {
  const u64 n = wires;
  const size_t words = (n + 63) / 64;
  for (int k = 0; k < 3; k++) {
    ownInfinite_[k] = Array<u64>(words);
    infinite[k] = ownInfinite_[k].data();
  }
  const size_t step = 1024;
  crew.run((words + step - 1) / step, [&](size_t task, int) {
    for (size_t w = task * step; w < std::min(words, (task + 1) * step); w++) {
      u64 m[3] = {0, 0, 0};
      for (size_t i = w * 64; i < std::min<u64>(n, w * 64 + 64); i++) {
        const u64 bit = 1ull << (i % 64);
        auto none = [](const void* p) {
          u64 x[8];
          memcpy(x, p, 64);
          return !(x[0] | x[1] | x[2] | x[3] | x[4] | x[5] | x[6] | x[7]);
        };
        if (none(a + i)) m[0] |= bit;
        if (none(b2 + i) && none((const u8*)(b2 + i) + 64)) m[1] |= bit;
        if (i <= publics || none(c + i)) m[2] |= bit;
      }
      for (int k = 0; k < 3; k++) ownInfinite_[k][w] = m[k];
    }
  });
}

void ProvingKey::loadRows(Crew& crew) {
  const Section s = file_->section(4);
  Reader r(s.data, s.size, file_->name() + " section 4");
  const u32 count = r.word();
  if (r.left() != (u64)count * 44) throw Error("ZKEY_CORRUPT", file_->name() + ": the coefficient section has the wrong size", std::to_string((u64)count * 44) + " bytes", std::to_string(r.left()));
  struct __attribute__((packed, aligned(4))) Entry {
    u32 matrix, row, wire;
    U256 value;
  };
  const Entry* e = (const Entry*)r.here();
  for (auto& m : ownRows_) m.start = Array<u32>((size_t)domain + 1);
  for (u32 i = 0; i < count; i++) {
    if (e[i].matrix > 1 || e[i].row >= domain || e[i].wire >= wires)
      throw Error("ZKEY_CORRUPT", file_->name() + ": coefficient " + std::to_string(i) + " is out of range");
    ownRows_[e[i].matrix].start[e[i].row + 1]++;
  }
  crew.check();
  for (auto& m : ownRows_) {
    for (u32 i = 0; i < domain; i++) m.start[i + 1] += m.start[i];
    m.terms = Array<Term>(m.start[domain]);
  }
  // The file holds coef·R². A small cache of values seen keeps the two products per entry rare.
  struct Seen {
    U256 value;
    i32 coef;
    bool used;
  };
  std::vector<Seen> cache(1024, Seen{{{0, 0, 0, 0}}, 0, false});
  const U256 one = {{1, 0, 0, 0}};
  auto small = [&](const U256& v) -> i32 {
    u64 x[4];
    memcpy(x, &v, 32);
    Seen& c = cache[((x[0] ^ x[1] * 0x9e3779b97f4a7c15ull ^ x[3]) * 0xff51afd7ed558ccdull) >> 54];
    if (c.used && equal(c.value, v)) return c.coef;
    if (!less(v, FR_MODULUS)) throw Error("ZKEY_CORRUPT", file_->name() + ": a coefficient is not below the field's modulus");
    const U256 plain = kernel.frMul(kernel.frMul(v, one), one);
    i32 coef = WIDE;
    if (!(plain.v[1] | plain.v[2] | plain.v[3]) && plain.v[0] <= INT32_MAX) {
      coef = (i32)plain.v[0];
    } else {
      const U256 neg = kernel.frSub({{0, 0, 0, 0}}, plain);
      if (!(neg.v[1] | neg.v[2] | neg.v[3]) && neg.v[0] <= INT32_MAX) coef = -(i32)neg.v[0];
    }
    c = {v, coef, true};
    return coef;
  };
  std::vector<u32> at[2];
  for (int m = 0; m < 2; m++) at[m].assign(ownRows_[m].start.data(), ownRows_[m].start.data() + domain);
  for (u32 i = 0; i < count; i++) {
    if ((i & 0xfffff) == 0) crew.check();
    Matrix& m = ownRows_[e[i].matrix];
    const u32 k = at[e[i].matrix][e[i].row]++;
    const i32 coef = small(e[i].value);
    m.terms[k] = {e[i].wire, coef};
    if (coef == WIDE) {
      if (!m.wideIndex.size()) m.wideIndex = Array<u32>(m.terms.size());
      m.wideIndex[k] = (u32)m.wide.size();
      m.wide.push_back(kernel.frMul(e[i].value, one));
    }
  }
  for (int m = 0; m < 2; m++) rows[m] = RowsOf(ownRows_[m]);
}

VerifyingPoints ProvingKey::verifying() const {
  VerifyingPoints v;
  v.alpha = alpha1;
  v.beta = beta2;
  v.gamma = gamma2;
  v.delta = delta2;
  v.ic.assign(ic, ic + publics + 1);
  return v;
}

}  // namespace zk
