// Multi-scalar multiplication as a list of independent tasks (windows, runs of equal scalars) for a crew.
#pragma once
#include "crew.hpp"
#include "kernel.hpp"
#include "memory.hpp"
#include "witness.hpp"
#include <algorithm>
#include <functional>

namespace zk {

/** Scratch of one worker, grown on demand and shared by all its tasks. */
class Scratch {
 public:
  SumWork need(size_t bytes) {
    if (a_.size() < bytes) {
      a_.release();
      a_ = Array<u8>(bytes);
    }
    return {a_.data(), bytes};
  }

 private:
  Array<u8> a_;
};

/** A unit of work with an estimate of its cost in additions of G1. */
struct Task {
  double cost;
  std::function<void(Scratch&)> run;
};

/** Runs tasks, expensive ones first; `scratch` has one for each worker. */
void runTasks(Crew& crew, const std::vector<Task>& tasks, std::vector<Scratch>& scratch);
/** The same with scratch of their own, and progress from `from` to `to`. */
void runTasks(Crew& crew, const std::vector<Task>& tasks, int from, int to);

/** Window width and count for n scalars of `bits` bits (sign apart). */
struct Windows {
  int width, count;
};
Windows chooseWindows(size_t n, int bits);

/** Signed digits of plain 256-bit scalars below 2^254, digits[w·n + i]; see chooseWindows(n, 254). Rows [from, to) only. */
void signedDigits(const U256* scalars, size_t n, Windows w, int16_t* digits, size_t from, size_t to);

/** Partial results of one multi-scalar multiplication: points at bit positions. */
template <class Raw>
struct Partial {
  std::vector<Raw> points;
  std::vector<u32> positions;
  size_t reserve(const std::vector<u32>& pos) {
    const size_t at = points.size();
    points.resize(at + pos.size());
    positions.insert(positions.end(), pos.begin(), pos.end());
    return at;
  }
  Raw sum(const GroupKernel<Raw>& g) const {
    std::vector<size_t> order(points.size());
    for (size_t i = 0; i < order.size(); i++) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](size_t x, size_t y) { return positions[x] < positions[y]; });
    std::vector<Raw> p;
    std::vector<u32> q;
    for (size_t i : order) {
      p.push_back(points[i]);
      q.push_back(positions[i]);
    }
    return g.horner(p.data(), q.data(), p.size());
  }
};

/** Adds the tasks of Σ digits·bases over all windows; digits and ids must outlive them. */
template <class Raw>
void windowTasks(std::vector<Task>& tasks, Partial<Raw>& out, const GroupKernel<Raw>& g, const Raw* bases, const u32* ids, const int16_t* digits, size_t n, Windows w, double unit) {
  // Small windows go together, so that the last additions of one do not pay for inversions of their own.
  const double size = (double)n + (double)((size_t)1 << (w.width - 1));
  const int together = std::max(1, std::min({w.count, (int)(65536 / size), n < 2048 ? (w.count + 3) / 4 : (w.count + 9) / 10}));
  for (int i = 0; i < w.count; i += together) {
    const int count = std::min(together, w.count - i);
    std::vector<u32> pos;
    for (int k = 0; k < count * w.width; k++) pos.push_back((u32)(i * w.width + k));
    const size_t at = out.reserve(pos);
    tasks.push_back({unit * count * ((double)n + (double)((size_t)1 << w.width)), [&out, &g, bases, ids, digits, n, w, i, count, at](Scratch& s) {
                       g.windowSums(s.need(g.workBytes((size_t)1 << (w.width - 1), (size_t)count, n)), bases, ids, digits + (size_t)i * n, n, w.width, (size_t)count, out.points.data() + at);
                     }});
  }
}

/** Adds tasks for a plain sum of ±bases. */
template <class Raw>
void runTasksOfSum(std::vector<Task>& tasks, Partial<Raw>& out, const GroupKernel<Raw>& g, const Raw* bases, const u32* signedIds, size_t n, double unit) {
  const size_t piece = 1 << 15;
  for (size_t from = 0; from < n; from += piece) {
    const size_t m = std::min(piece, n - from);
    const size_t at = out.reserve({0});
    tasks.push_back({unit * (double)m, [&out, &g, bases, signedIds, from, m, at](Scratch& s) {
                       const u32 off[2] = {0, (u32)m};
                       g.segmentSums(s.need(g.workBytes(0, 0, 0)), bases, signedIds + from, off, 1, out.points.data() + at);
                     }});
  }
}

/** The wires of a witness by size of their value, for one set of bases. */
struct Classes {
  std::vector<u32> unit;                   // ±1, sign in the top bit
  std::vector<u32> small, medium, large;   // up to 2^7, 2^15, 2^31 in absolute value
  std::vector<u32> wide, wideAt;           // wires and their index in the witness's list
  std::vector<int16_t> smallDigits, mediumDigits, largeDigits, wideDigits;
  Windows smallWindows, mediumWindows, largeWindows, wideWindows;
  /** Wires whose bit in `skip` is clear. */
  void build(const Witness& w, const u64* skip);
  template <class Raw>
  void tasks(std::vector<Task>& t, Partial<Raw>& out, const GroupKernel<Raw>& g, const Raw* bases, double cost) const {
    runTasksOfSum(t, out, g, bases, unit.data(), unit.size(), cost);
    if (small.size()) windowTasks(t, out, g, bases, small.data(), smallDigits.data(), small.size(), smallWindows, cost);
    if (medium.size()) windowTasks(t, out, g, bases, medium.data(), mediumDigits.data(), medium.size(), mediumWindows, cost);
    if (large.size()) windowTasks(t, out, g, bases, large.data(), largeDigits.data(), large.size(), largeWindows, cost);
    if (wide.size() > FEW) windowTasks(t, out, g, bases, wide.data(), wideDigits.data(), wide.size(), wideWindows, cost);
    for (size_t i = 0; i < wideTerms.size(); i++) {
      // too few for windows: their signed binary digits go straight into the final sum
      const Raw p = bases[wideTerms[i].wire];
      out.points.push_back(wideTerms[i].negative ? g.neg(p) : p);
      out.positions.push_back(wideTerms[i].position);
    }
  }
  static constexpr size_t FEW = 24;
  struct Digit {
    u32 wire, position;
    bool negative;
  };
  std::vector<Digit> wideTerms;
};

}  // namespace zk
