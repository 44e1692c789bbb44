// A mapped Groth16 proving key (.zkey) with the little that is computed from it once: rows in compressed form and which bases are
// infinity (unless the key brings these, shortcut.hpp), transform tables, and the points of H. Those are fetched many times in random
// order, so they are copied to where none lies across two cache lines; the other points are used where they are in the file.
#pragma once
#include "binfile.hpp"
#include "crew.hpp"
#include "kernel.hpp"
#include "matrix.hpp"
#include "shortcut.hpp"
#include <memory>

namespace zk {

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
  const G1 *ic = nullptr, *a = nullptr, *c = nullptr;  // a[i] and c[i] are of wire i; c has public wires only when folded
  const G2* b2 = nullptr;
  Array<G1> h;
  bool folded = false;  // the points c are those of the section of shortcuts
  RowsOf rows[2];  // A and B
  const u64* infinite[3];  // bit per wire: A, B2, C; bit set when the base is infinity
  Array<u8> tables;

  VerifyingPoints verifying() const;
  const Kernel& kernel;

 private:
  void load(Crew& crew);
  void loadRows(Crew& crew);
  void findInfinite(Crew& crew);
  Matrix ownRows_[2];
  Array<u64> ownInfinite_[3];
  std::unique_ptr<BinFile> file_;
};

}  // namespace zk
