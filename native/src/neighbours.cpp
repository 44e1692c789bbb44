#include "neighbours.hpp"

namespace zk {

/** Calls f(row, position, negative) for the digits of column j; f returns whether to go on. */
template <class F>
void Neighbours::digits(u32 j, F f) const {
  u32 p = plus_.start[j], q = minus_ ? minus_->start[j] : 0;
  const u32 pEnd = plus_.start[j + 1], qEnd = minus_ ? minus_->start[j + 1] : 0;
  bool on = true;
  while (on && (p < pEnd || q < qEnd)) {
    const u32 row = p == pEnd ? minus_->row[q] : q == qEnd ? plus_.row[p] : std::min(plus_.row[p], minus_->row[q]);
    // a row may have a wire more than once
    i64 small = 0;
    for (; p < pEnd && plus_.row[p] == row; p++) {
      const i32 c = plus_.m->terms[plus_.term[p]].coef;
      if (c != WIDE) {
        small += c;
      } else {
        digitsOfTerm(*plus_.m, plus_.term[p], [&](u32 position, bool negative) { on = on && f(row, position, negative); });
      }
    }
    for (; q < qEnd && minus_->row[q] == row; q++) {
      const i32 c = minus_->m->terms[minus_->term[q]].coef;
      if (c != WIDE) {
        small -= c;
      } else {
        digitsOfTerm(*minus_->m, minus_->term[q], [&](u32 position, bool negative) { on = on && f(row, position, !negative); });
      }
    }
    if (small) digitsOfSmall(small, [&](u32 position, bool negative) { on = on && f(row, position, negative); });
  }
  if (minus_ && j < minus_->extraCount && on) f(minus_->extra + j, 0, true);
}

Neighbours::Neighbours(const Columns& plus, const Columns* minus, u32 wires, u32 rows, size_t most) : plus_(plus), minus_(minus), direct_(wires), slot_(rows) {
  std::vector<u8> height(rows);  // digits of the longest coefficient
  size_t additions = 0, spared = 0;
  for (u32 j = 0; j < wires; j++) {
    size_t n = 0;
    digits(j, [&](u32, u32, bool) { return ++n < most; });
    direct_[j] = n >= most;
    if (direct_[j]) continue;
    additions += n;
    spared += most;
    digits(j, [&](u32 row, u32 position, bool) {
      height[row] = (u8)std::max<u32>(height[row], position + 1);
      return true;
    });
  }
  count_.assign(256, 0);
  size_t doublings = 0;
  for (u32 i = 0; i < rows; i++) {
    if (height[i] == 0) continue;
    rows_.push_back(i);
    doublings += height[i] - 1;
    for (int p = 0; p < height[i]; p++) count_[p]++;
  }
  // Doublings and sums of few points cost somewhat more than additions to a table's entries.
  if (1.5 * (double)(additions + doublings) + (double)(rows_.size() * most) > (double)spared) {
    std::fill(direct_.begin(), direct_.end(), 1);
    rows_.clear();
    std::fill(count_.begin(), count_.end(), 0);
  }
  std::stable_sort(rows_.begin(), rows_.end(), [&](u32 x, u32 y) { return height[x] > height[y]; });
  for (size_t k = 0; k < rows_.size(); k++) slot_[rows_[k]] = (u32)k;
  while (!count_.empty() && count_.back() == 0) count_.pop_back();
  level_.push_back(0);
  for (size_t n : count_) level_.push_back(level_.back() + n);
}

void Neighbours::doublingTasks(std::vector<Task>& list, G1* points, const GroupKernel<G1>& g, int threads) const {
  const size_t step = std::clamp<size_t>((rows_.size() + (size_t)threads - 1) / (size_t)threads, 64, 2048);
  for (size_t from = 0; from < rows_.size(); from += step) {
    const size_t end = std::min(rows_.size(), from + step);
    list.push_back({(double)((end - from) * count_.size()), [this, points, &g, from, end](Scratch& s) {
                      G1* const multiples = points + bases();
                      for (size_t p = 1; p < count_.size() && from < count_[p]; p++) {
                        const size_t n = std::min(end, count_[p]) - from;
                        G1* to = multiples + level_[p] + from;
                        memcpy((void*)to, multiples + level_[p - 1] + from, n * sizeof(G1));
                        g.twice(s.need(g.workBytes(0, 0, 0)), to, n);
                      }
                    }});
  }
}

void Neighbours::sumTasks(std::vector<Task>& list, const G1* points, std::function<bool(u32)> zero, G1* out, std::function<void(u32, u32)> done, const GroupKernel<G1>& g) const {
  const u32 wires = (u32)direct_.size(), step = 2048;
  for (u32 from = 0; from < wires; from += step) {
    const u32 end = std::min(wires, from + step);
    list.push_back({4.0 * step, [this, points, zero, out, done, &g, from, end](Scratch& s) {
                      std::vector<u32> idx, off{0}, wire;
                      for (u32 j = from; j < end; j++) {
                        if (direct_[j]) continue;
                        if (!zero(j)) idx.push_back(j);
                        digits(j, [&](u32 row, u32 position, bool negative) {
                          idx.push_back((u32)(bases() + level_[position] + slot_[row]) | (negative ? 0x80000000u : 0));
                          return true;
                        });
                        off.push_back((u32)idx.size());
                        wire.push_back(j);
                      }
                      std::vector<G1> sums(wire.size());
                      g.segmentSums(s.need(g.workBytes(0, 0, 0)), points, idx.data(), off.data(), wire.size(), sums.data());
                      for (size_t i = 0; i < wire.size(); i++) out[wire[i]] = sums[i];
                      done(from, end);
                    }});
  }
}

}  // namespace zk
