// The section that only our keys have, last in the file and unknown to other tools: what makes proving and loading faster.
//
// Points. Let a, b, c be the values of A·w, B·w, C·w on the domain of n points and AB the product of the polynomials through a and b.
// A proof needs Σ w_j·(β·A_j + α·B_j + C_j)(τ) + (AB − C)(τ), over δ. The two C cancel, and AB, of degree below 2n, is
// determined by its values on 2n points: on the even ones, which are the domain, those are a∘b = c = C·w, and linear in w. So
//     AB(τ) = Σ_j w_j·Σ_i C_ij·E_i + Σ_i AB(ω^(2i+1))·O_i
// with E and O the even and odd Lagrange values at τ for 2n points. With the first sum folded into the points of the wires, nobody has to
// transform c, and that spares one of three pairs of transforms. E_i is (τ^n + 1)/2 times the Lagrange value of the domain.
// Public wires, whose C_j the verifier adds, get the difference: (E − C)_j. The proof is the same point for point.
//
// Rows. The coefficients of A and B again, as small integers by rows, used where they lie in the file.
//
// Binding. Whoever changes δ (a contribution to the key) changes H and the points of the private wires, and these must not be used any
// more. The section begins with a hash of the key's header, δ included, and is ignored when that is another.
#pragma once
#include "binfile.hpp"
#include "crew.hpp"
#include "r1cs.hpp"

namespace zk {

constexpr u32 SHORTCUT_SECTION = 0x006b7a01;

/** The section where it lies in the file; `valid` false when there is none or it is not of this key. */
struct Shortcut {
  bool valid = false;
  RowsOf rows[2];
  const u64* infinite[3] = {};  // bit per wire: A, B2, points of this section
  const G1* points = nullptr;   // one for each wire
  Shortcut() = default;
  /** Checks everything that proving relies on not to leave the file's bounds; what is wrong inside a matching section is an error. */
  Shortcut(const BinFile& key, u32 wires, u32 domain, Crew& crew);
};

/** What the section is made of besides the points themselves. */
struct ShortcutParts {
  const R1cs& system;
  u32 domain;
  const U256* scalars[3];  // plain, per wire: A, B, points; zero is infinity
};

/** Writes the section up to its points, which must follow, one per wire; `at` is where the file is now. */
void writeShortcutHead(OutFile& out, u64 at, const u8 header[], size_t headerSize, const ShortcutParts& parts, const Kernel& kernel);

}  // namespace zk
