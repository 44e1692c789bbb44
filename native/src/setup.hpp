// Key generation: development keys from local randomness, keys from a powers-of-tau file, and (for tests and benchmarks)
// powers-of-tau files from local randomness.
#pragma once
#include "crew.hpp"
#include "kernel.hpp"
#include <string>

namespace zk {

/** Writes a proving key whose secret is drawn and forgotten here. Whoever runs this could forge proofs. */
void setupDevelopment(const std::string& r1cs, const std::string& zkey, const Kernel& kernel, Crew& crew);

/** Writes the proving key snarkjs's `groth16 setup` writes, byte for byte: no contribution yet, so not secure by itself. */
void setupFromPtau(const std::string& r1cs, const std::string& ptau, const std::string& zkey, const Kernel& kernel, Crew& crew);

/** Writes a powers-of-tau file of the given power, prepared for phase 2, from a secret drawn and forgotten here. */
void makeDevelopmentPtau(int power, const std::string& ptau, const Kernel& kernel, Crew& crew);

}  // namespace zk
