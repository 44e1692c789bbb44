// Many multiples of one generator: signed windows looked up in a table of multiples, all sums by batch additions.
#pragma once
#include "msm.hpp"
#include "scalars.hpp"

namespace zk {

constexpr G1 G1_GENERATOR = {{{0xd35d438dc58f0d9dull, 0x0a78eb28f5c70b3dull, 0x666ea36f7879462cull, 0x0e0a77c19a07df2full}},
                             {{0xa6ba871b8b1e1b3aull, 0x14f1d651eb8e167bull, 0xccdd46def0f28c58ull, 0x1c14ef83340fbe5eull}}};
constexpr G2 G2_GENERATOR = {{{{0x8e83b5d102bc2026ull, 0xdceb1935497b0172ull, 0xfbb8264797811adfull, 0x19573841af96503bull}},
                              {{0xafb4737da84c6140ull, 0x6043dd5a5802d8c4ull, 0x09e950fc52a02f86ull, 0x14fef0833aea7b6bull}}},
                             {{{0x619dfa9d886be9f6ull, 0xfe7fd297f59e9b78ull, 0xff9e1a62231b7dfeull, 0x28fd7eebae9e4206ull}},
                              {{0x64095b56c71856eeull, 0xdc57f922327d3cbbull, 0x55f935be33351076ull, 0x0da4a0e693fd6482ull}}}};

template <class Raw>
class FixedBase {
 public:
  /** 2^b·base for all b that any table needs. */
  static std::vector<Raw> doublings(const GroupKernel<Raw>& g, const Raw& base) {
    std::vector<Raw> power{base};
    while (power.size() < 254 + WIDEST) power.push_back(g.add(power.back(), power.back()));
    return power;
  }

  /** A table worth building for about `expected` multiples; `power` is what `doublings` gave. */
  FixedBase(const GroupKernel<Raw>& g, const std::vector<Raw>& power, size_t expected, Crew& crew, std::vector<Scratch>& scratch) : g_(g) {
    double least = 1e300;
    for (int c = 4; c <= WIDEST; c++) {
      const int count = 254 / c + 1;
      const double cost = (double)expected * (count - 1) + 1.5 * count * (double)(1u << (c - 1));
      if (cost < least) least = cost, w_ = {c, count};
    }
    half_ = (size_t)1 << (w_.width - 1);
    const size_t W = w_.count;
    table_ = Array<Raw>(half_ * W);
    // entry i·half + d − 1 is d·2^(c·i)·base, for 1 ≤ d ≤ half; digits of the last window may be fewer
    const size_t last = std::min(half_, (size_t)1 << (254 - w_.width * (w_.count - 1)));
    for (size_t i = 0; i < W; i++)
      for (int k = 0; k < w_.width; k++) table_[i * half_ + ((size_t)1 << k) - 1] = power[i * w_.width + k];
    for (int k = 1; k + 1 < w_.width; k++) {
      // multiples 2^k + j for 0 < j < 2^k, of all windows or of some
      const size_t top = (size_t)1 << k, each = top - 1, together = std::max<size_t>(1, std::min(W / (size_t)crew.threads(), 2048 / each));
      crew.run((W + together - 1) / together, [&](size_t task, int worker) {
        const size_t from = task * together, to = std::min(W, from + together);
        std::vector<u32> a, b, d;
        for (size_t i = from; i < to; i++)
          for (size_t j = 1; j < top && (i + 1 < W || top + j <= last); j++) {
            a.push_back((u32)(i * half_ + top - 1));
            b.push_back((u32)(i * half_ + j - 1));
            d.push_back((u32)(i * half_ + top + j - 1));
          }
        g_.addEach(scratch[worker].need(g_.workBytes(0, 0, 0)), table_.data(), a.data(), b.data(), d.data(), a.size());
      });
    }
  }
  FixedBase(const GroupKernel<Raw>& g, const Raw& base, size_t expected, Crew& crew, std::vector<Scratch>& scratch) : FixedBase(g, doublings(g, base), expected, crew, scratch) {}

  /** Adds tasks for out[i] = scalars[i]·base, for plain scalars below r. */
  void tasks(std::vector<Task>& list, const U256* scalars, size_t n, Raw* out) const {
    constexpr size_t G2_COST = sizeof(Raw) / sizeof(G1) * 3 - 2, STEP = sizeof(Raw) == sizeof(G1) ? 2048 : 1024;
    for (size_t from = 0; from < n; from += STEP) {
      const size_t m = std::min(STEP, n - from);
      list.push_back({(double)(m * w_.count * G2_COST), [this, scalars, from, m, out](Scratch& s) {
                        std::vector<int16_t> digits(m * w_.count);
                        signedDigits(scalars + from, m, w_, digits.data(), 0, m);
                        g_.tableSums(s.need(g_.workBytes(0, 0, 0)), table_.data(), half_, digits.data(), m, w_.count, out + from);
                      }});
    }
  }

  /** out[i] = scalars[i]·base for plain scalars below r. */
  void multiply(const U256* scalars, size_t n, Raw* out, Crew& crew, std::vector<Scratch>& scratch) const {
    std::vector<Task> list;
    tasks(list, scalars, n, out);
    runTasks(crew, list, scratch);
  }

 private:
  static constexpr int WIDEST = 16;
  const GroupKernel<Raw>& g_;
  Windows w_{};
  size_t half_ = 0;
  Array<Raw> table_;
};

}  // namespace zk
