// The Groth16 prover.
//
// Blinding. The textbook prover draws r, s and computes A = α + Σ w_j A_j + rδ, B = β + Σ w_j B_j + sδ and C with a third
// commitment, [B]_1, that is used for nothing else. This one first computes the proof (A0, B0, C0) with r = s = 0, which
// needs no [B]_1, and publishes its rerandomisation
//     A = t⁻¹·A0,   B = t·B0 + t·u·δ,   C = C0 + u·A0        with t uniform in F_r*, u uniform in F_r.
// It verifies:  e(A, B) = e(A0, B0)·e(A0, δ)^u  and  e(C, δ) = e(C0, δ)·e(A0, δ)^u.
// It hides as much as the textbook proof does: there A and B are (for A0, δ ≠ 0) independent and uniform in the group, and
// C is the one point that makes the verification equation hold. Here A is uniform among the non-zero points because t is,
// B given A is uniform because u is, and C is again determined by A, B and the equation. The two distributions differ by
// the zero points only, a statistical distance of about 2/r (Baghery, Kohlweiss, Siim, Volkhov, eprint 2020/811, theorem 3).
#pragma once
#include "witness.hpp"
#include "zkey.hpp"

namespace zk {

struct Proof {
  G1 a, c;
  G2 b;
};
/** Milliseconds spent, for the performance report. */
struct Timings {
  double witness = 0, rows = 0, transform = 0, scalars = 0, sums = 0, finish = 0;
};

Proof prove(const ProvingKey& key, const Witness& witness, Crew& crew, Timings* timings);

/** 256 uniform bits below r, from the operating system; never zero. */
U256 randomScalar();

}  // namespace zk
