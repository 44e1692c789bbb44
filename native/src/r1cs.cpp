#include "r1cs.hpp"
#include <atomic>

namespace zk {

R1cs readR1cs(const BinFile& f, Crew& crew) {
  Reader h = f.read(1);
  const u32 n8 = h.word();
  if (n8 != 32) throw Error("FIELD_MISMATCH", f.name() + " is not over BN254", "32-byte field elements", std::to_string(n8));
  const U256 prime = h.u256();
  if (!equal(prime, FR_MODULUS)) throw Error("FIELD_MISMATCH", f.name() + " is over another field", hex(FR_MODULUS), hex(prime));
  R1cs r;
  r.wires = h.word();
  const u64 outputs = h.word(), inputs = h.word();
  (void)h.word();
  (void)h.word64();
  r.constraints = h.word();
  if (outputs + inputs >= r.wires || r.wires >= (1u << 31)) throw Error("R1CS_CORRUPT", f.name() + " has impossible wire counts");
  r.publics = (u32)(outputs + inputs);
  if ((u64)r.constraints + r.publics + 1 > (1u << 27)) throw Error("R1CS_TOO_LARGE", f.name() + " does not fit the field's largest domain", "at most 2^27 rows", std::to_string((u64)r.constraints + r.publics + 1));
  const Section s = f.section(2);
  // The wire count is only believed when the file is of a size to go with it.
  if (f.has(3)) {
    (void)f.section(3, (u64)r.wires * 8);
  } else if (r.wires > s.size) {
    throw Error("R1CS_CORRUPT", f.name() + " has more wires than its constraints could use");
  }
  // Each row takes at least twelve bytes: bounds the allocations by the file's own size.
  if ((u64)r.constraints * 12 > s.size) throw Error("FILE_TRUNCATED", f.name() + ": the constraint section is too short");
  for (auto& m : r.m) m.start = Array<u32>((size_t)r.constraints + 1);
  // First pass: lengths.
  {
    Reader in(s.data, s.size, f.name() + " section 2");
    u64 total[3] = {0, 0, 0};
    for (u32 i = 0; i < r.constraints; i++)
      for (int k = 0; k < 3; k++) {
        const u32 n = in.word();
        (void)in.bytes((size_t)n * 36);
        total[k] += n;
        if (total[k] > 0xfffffff0u) throw Error("R1CS_TOO_LARGE", f.name() + " has too many coefficients");
        r.m[k].start[i + 1] = (u32)total[k];
      }
    if (in.left()) throw Error("R1CS_CORRUPT", f.name() + ": the constraint section is longer than its constraints");
    for (int k = 0; k < 3; k++) r.m[k].terms = Array<Term>(total[k]);
  }
  // Second pass: rows take 36 bytes a term and 12 of their own, so any of them can be found.
  std::atomic<bool> anyWide{false};
  const u32 step = 4096;
  crew.run((r.constraints + step - 1) / step, [&](size_t task, int) {
    const u32 from = (u32)task * step, to = std::min(r.constraints, from + step);
    const u8* p = s.data + 12 * (u64)from + 36 * ((u64)r.m[0].start[from] + r.m[1].start[from] + r.m[2].start[from]);
    for (u32 i = from; i < to; i++)
      for (int k = 0; k < 3; k++) {
        Matrix& m = r.m[k];
        p += 4;
        for (u32 t = m.start[i]; t < m.start[i + 1]; t++, p += 36) {
          u32 wire;
          U256 x;
          memcpy(&wire, p, 4);
          memcpy(&x, p + 4, 32);
          if (wire >= r.wires) throw Error("R1CS_CORRUPT", f.name() + ": constraint " + std::to_string(i) + " uses a wire that does not exist", "below " + std::to_string(r.wires), std::to_string(wire));
          i32 coef = WIDE;
          if (!(x.v[1] | x.v[2] | x.v[3]) && x.v[0] <= INT32_MAX) {
            coef = (i32)x.v[0];
          } else if (!less(x, FR_MODULUS)) {
            throw Error("R1CS_CORRUPT", f.name() + ": constraint " + std::to_string(i) + " has a coefficient that is not below the field's modulus");
          } else if (x.v[3] == FR_MODULUS.v[3] && x.v[2] == FR_MODULUS.v[2] && x.v[1] == FR_MODULUS.v[1] && FR_MODULUS.v[0] - x.v[0] <= INT32_MAX) {
            coef = -(i32)(FR_MODULUS.v[0] - x.v[0]);
          }
          m.terms[t] = {wire, coef};
          if (coef == WIDE) anyWide = true;
        }
      }
  });
  if (!anyWide) return r;
  for (u32 i = 0; i < r.constraints; i++)
    for (int k = 0; k < 3; k++) {
      Matrix& m = r.m[k];
      for (u32 t = m.start[i]; t < m.start[i + 1]; t++) {
        if (m.terms[t].coef != WIDE) continue;
        if (!m.wideIndex.size()) m.wideIndex = Array<u32>(m.terms.size());
        m.wideIndex[t] = (u32)m.wide.size();
        U256 x;
        const u64 before = (u64)(k > 0 ? r.m[0].start[i + 1] : r.m[0].start[i]) + (k > 1 ? r.m[1].start[i + 1] : r.m[1].start[i]) + r.m[2].start[i];
        memcpy(&x, s.data + 12 * (u64)i + 4 * (u64)(k + 1) + 36 * (before + (t - m.start[i])) + 4, 32);
        m.wide.push_back(x);
      }
    }
  return r;
}

}  // namespace zk
