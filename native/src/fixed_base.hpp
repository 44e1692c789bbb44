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
  /** A table worth building for about `expected` multiples. */
  FixedBase(const GroupKernel<Raw>& g, const Raw& base, size_t expected, Crew& crew) : g_(g) {
    double least = 1e300;
    for (int c = 4; c <= 16; c++) {
      const int count = 254 / c + 1;
      const double cost = (double)count * ((double)expected + (double)(1u << (c - 1)));
      if (cost < least) least = cost, w_ = {c, count};
    }
    const size_t half = (size_t)1 << (w_.width - 1), W = w_.count;
    table_ = Array<Raw>(half * W);
    // entry (d − 1)·W + i is d·2^(c·i)·base
    Raw p = base;
    std::vector<Raw> power;
    for (size_t b = 0; b < W * w_.width; b++) {
      power.push_back(p);
      p = g.add(p, p);
    }
    auto place = [&](int k) {
      for (size_t i = 0; i < W; i++) table_[(((size_t)1 << k) - 1) * W + i] = power[i * w_.width + k];
    };
    place(0);
    std::vector<Scratch> scratch(crew.threads());
    for (int k = 0; k + 1 < w_.width; k++) {
      place(k + 1);
      // multiples 2^k + j for 0 < j < 2^k
      const size_t n = (((size_t)1 << k) - 1) * W, step = 4096;
      crew.run((n + step - 1) / step, [&](size_t task, int worker) {
        const size_t from = task * step, m = std::min(step, n - from);
        std::vector<u32> idx(2 * m), off(m + 1);
        for (size_t t = 0; t < m; t++) {
          const size_t j = (from + t) / W + 1, i = (from + t) % W;
          idx[2 * t] = (u32)((((size_t)1 << k) - 1) * W + i);
          idx[2 * t + 1] = (u32)((j - 1) * W + i);
          off[t + 1] = (u32)(2 * t + 2);
        }
        g_.segmentSums(scratch[worker].need(g_.workBytes(0, 0, 0)), table_.data(), idx.data(), off.data(), m, table_.data() + ((size_t)1 << k) * W + from);
      });
    }
  }

  /** out[i] = scalars[i]·base for plain scalars below r. */
  void multiply(const U256* scalars, size_t n, Raw* out, Crew& crew) const {
    const size_t step = 1024, W = w_.count;
    std::vector<Scratch> scratch(crew.threads());
    crew.run((n + step - 1) / step, [&](size_t task, int worker) {
      const size_t from = task * step, m = std::min(step, n - from);
      std::vector<int16_t> digits(m * W);
      signedDigits(scalars + from, m, w_, digits.data(), 0, m);
      std::vector<u32> idx, off(m + 1);
      idx.reserve(m * W);
      for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < W; j++) {
          const int d = digits[j * m + i];
          if (d == 0) continue;
          idx.push_back((u32)((size_t)((d < 0 ? -d : d) - 1) * W + j) | (d < 0 ? 0x80000000u : 0));
        }
        off[i + 1] = (u32)idx.size();
      }
      g_.segmentSums(scratch[worker].need(g_.workBytes(0, 0, 0)), table_.data(), idx.data(), off.data(), m, out + from);
    });
  }

 private:
  const GroupKernel<Raw>& g_;
  Windows w_{};
  Array<Raw> table_;
};

}  // namespace zk
