// Multiples of G1's generator that differ little from others already made: for each wire j, base_j + Σ_i m_ij·R_i with small integers m
// and the points R of few rows. In circuits of bits the columns of B are almost those of A (both have the rows b·(b − 1) = 0, and what differs is
// the rows that recompose numbers), and the points of the section of shortcuts are those of the wires but for the rows of C. Such a
// point costs a few additions instead of a multiplication.
#pragma once
#include "columns.hpp"
#include "msm.hpp"

namespace zk {

class Neighbours {
 public:
  /** m = plus − minus (null: plus alone), where a column is worth `most` additions at most; what else it decides is in `direct`. */
  Neighbours(const Columns& plus, const Columns* minus, u32 wires, u32 rows, size_t most);

  /** Whether wire j has nothing to do with its base and must be multiplied. */
  bool direct(u32 j) const { return direct_[j]; }
  /** The rows whose points are wanted, in the order of those points. */
  const std::vector<u32>& rows() const { return rows_; }
  /** All points: a base for each wire, then the multiples 2^p·R, first of them those of the rows. */
  size_t points() const { return bases() + level_.back(); }
  size_t bases() const { return direct_.size(); }

  /** Adds tasks that double the rows' points, which must be there. */
  void doublingTasks(std::vector<Task>& list, G1* points, const GroupKernel<G1>& g, int threads) const;
  /** Adds tasks for out[j] of all wires that are not direct; `zero(j)` tells that the base of wire j is infinity or left out. Each task ends with
   *  `done(from, to)` for its wires, those that are direct among them. */
  void sumTasks(std::vector<Task>& list, const G1* points, std::function<bool(u32)> zero, G1* out, std::function<void(u32, u32)> done, const GroupKernel<G1>& g) const;

 private:
  template <class F>
  void digits(u32 j, F f) const;
  const Columns& plus_;
  const Columns* minus_;
  std::vector<u8> direct_;
  std::vector<u32> rows_;           // those with the longest coefficients first
  std::vector<u32> slot_;           // row → place in rows_
  std::vector<size_t> count_, level_;  // rows that have a multiple 2^p, and where these begin
};

}  // namespace zk
