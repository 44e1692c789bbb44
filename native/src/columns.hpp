// Matrices by columns, and their coefficients as signed binary digits.
#pragma once
#include "r1cs.hpp"
#include "scalars.hpp"

namespace zk {

/** A matrix by columns: entries (row, position of the term). */
struct Columns {
  const Matrix* m;
  Array<u32> start, row, term;
  u32 extra;  // the row that binds public wire s is extra + s; only for A
  u32 extraCount;
};

inline Columns transpose(const R1cs& r, int k) {
  Columns c;
  c.m = &r.m[k];
  c.extra = r.constraints;
  c.extraCount = k == 0 ? r.publics + 1 : 0;
  c.start = Array<u32>((size_t)r.wires + 1);
  const size_t n = c.m->terms.size();
  c.row = Array<u32>(n);
  c.term = Array<u32>(n);
  for (size_t t = 0; t < n; t++) c.start[c.m->terms[t].wire + 1]++;
  for (u32 j = 0; j < r.wires; j++) c.start[j + 1] += c.start[j];
  std::vector<u32> at(c.start.data(), c.start.data() + r.wires);
  for (u32 i = 0; i < r.constraints; i++)
    for (u32 t = c.m->start[i]; t < c.m->start[i + 1]; t++) {
      const u32 p = at[c.m->terms[t].wire]++;
      c.row[p] = i;
      c.term[p] = t;
    }
  return c;
}

/** Calls f(position, negative) for the signed binary digits of a small integer. */
template <class F>
void digitsOfSmall(i64 c, F f) {
  nonAdjacentForm({{(u64)(c < 0 ? -c : c), 0, 0, 0}}, [&](u32 position, bool neg) { f(position, neg != (c < 0)); });
}

/** The same for the coefficient of a term. */
template <class F>
void digitsOfTerm(const Matrix& m, u32 t, F f) {
  const i64 c = m.terms[t].coef;
  if (c == WIDE) {
    nonAdjacentForm(m.wide[m.wideIndex[t]], f);
  } else {
    digitsOfSmall(c, f);
  }
}

}  // namespace zk
