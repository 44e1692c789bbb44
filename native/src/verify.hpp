// Groth16 verification, several proofs of one key at a time.
#pragma once
#include "kernel.hpp"
#include "prove.hpp"
#include <vector>

namespace zk {

/** Points in Montgomery form as in key files; public inputs plain. */
struct VerifierInput {
  VerifyingPoints key;
  std::vector<Proof> proofs;
  std::vector<std::vector<U256>> publics;
};

/** Whether each proof is valid. One combined check first (random 128-bit weights, so a false accept has probability 2^-128);
 *  one by one only when it fails. */
std::vector<bool> verifyBatch(const VerifierInput& in, const Kernel& kernel, Crew& crew);

}  // namespace zk
