// Sparse matrices by rows, with small integers as coefficients.
#pragma once
#include "kernel.hpp"
#include "memory.hpp"
#include <vector>

namespace zk {

/** Sparse matrix with small coefficients in place and the wide ones in a list. */
struct Matrix {
  Array<u32> start;
  Array<Term> terms;
  Array<u32> wideIndex;  // empty without wide coefficients
  std::vector<U256> wide;
};

/** Rows of a matrix wherever they lie; see `Matrix`. */
struct RowsOf {
  const u32* start = nullptr;
  const Term* terms = nullptr;
  const u32* wideIndex = nullptr;
  const U256* wide = nullptr;
  RowsOf() = default;
  explicit RowsOf(const Matrix& m) : start(m.start.data()), terms(m.terms.data()), wideIndex(m.wideIndex.data()), wide(m.wide.data()) {}
};

}  // namespace zk
