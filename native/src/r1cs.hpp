// A constraint system read from .r1cs.
#pragma once
#include "binfile.hpp"
#include "crew.hpp"
#include "matrix.hpp"
#include "memory.hpp"

namespace zk {

struct R1cs {
  u32 wires = 0, publics = 0, constraints = 0;
  /** A, B, C; terms in the file's order. Wide coefficients are plain integers here. */
  Matrix m[3];
  /** 2^k of the evaluation domain: the smallest power of two above constraints + publics. */
  int logDomain() const {
    int k = 0;
    while (((u64)1 << (k + 1)) <= (u64)constraints + publics) k++;
    return k + 1;
  }
};

/** Section 4 of a .zkey: the entries of A and B row by row, then the rows that bind the public wires. */
void writeCoefficients(OutFile& out, const R1cs& r, const Kernel& kernel);

R1cs readR1cs(const BinFile& file, Crew& crew);

}  // namespace zk
