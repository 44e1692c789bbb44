// A mapped Groth16 proving key (.zkey) with the little that is computed from it once: rows in compressed form, which bases
// are infinity, transform tables. The points themselves are used where they lie in the file.
#pragma once
#include "binfile.hpp"
#include "crew.hpp"
#include "kernel.hpp"
#include "memory.hpp"
#include <memory>

namespace zk {

/** Sparse matrix with small coefficients in place and the wide ones in a list. */
struct Matrix {
  Array<u32> start;
  Array<Term> terms;
  Array<u32> wideIndex;  // empty without wide coefficients
  std::vector<U256> wide;
};

/** The points that a verifier needs. */
struct VerifyingPoints {
  G1 alpha;
  G2 beta, gamma, delta;
  std::vector<G1> ic;
};

class ProvingKey {
 public:
  ProvingKey(const std::string& path, const Kernel& kernel, Crew& crew);
  ProvingKey(std::unique_ptr<BinFile> file, const Kernel& kernel, Crew& crew);

  u32 wires = 0, publics = 0, domain = 0;
  int logDomain = 0;
  G1 alpha1, beta1, delta1;
  G2 beta2, gamma2, delta2;
  const G1 *ic = nullptr, *a = nullptr, *c = nullptr, *h = nullptr;  // c[i] is wire publics + 1 + i
  const G2* b2 = nullptr;
  Matrix rows[2];  // A and B
  Array<u64> infinite[3];  // bit per wire: A, B2, C; bit set when the base is infinity
  Array<u8> tables;

  VerifyingPoints verifying() const;
  const Kernel& kernel;

 private:
  void load(Crew& crew);
  void loadRows(Crew& crew);
  std::unique_ptr<BinFile> file_;
};

}  // namespace zk
