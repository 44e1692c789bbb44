#include "msm.hpp"
#include "scalars.hpp"

namespace zk {

namespace {

template <class After>
void runInOrder(Crew& crew, const std::vector<Task>& tasks, std::vector<Scratch>& scratch, After after) {
  std::vector<size_t> order(tasks.size());
  for (size_t i = 0; i < order.size(); i++) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t x, size_t y) { return tasks[x].cost > tasks[y].cost; });
  crew.run(order.size(), [&](size_t i, int worker) {
    tasks[order[i]].run(scratch[worker]);
    after();
  });
}

}  // namespace

void runTasks(Crew& crew, const std::vector<Task>& tasks, std::vector<Scratch>& scratch) {
  runInOrder(crew, tasks, scratch, [] {});
}

void runTasks(Crew& crew, const std::vector<Task>& tasks, int from, int to) {
  std::vector<Scratch> scratch(crew.threads());
  std::atomic<size_t> done{0};
  runInOrder(crew, tasks, scratch, [&] { crew.progress(from + (int)((double)(to - from) * (double)++done / (double)tasks.size())); });
}

Windows chooseWindows(size_t n, int bits) {
  Windows best{2, bits / 2 + 1};
  double least = 1e300;
  for (int c = 3; c <= 16; c++) {
    // Signed digits carry into a window of bits mod c bits, which must have room: bits/c + 1 windows always do.
    const int count = bits / c + 1;
    const double buckets = (double)(1 << (c - 1));
    // an addition per scalar but one per bucket hit; two per bucket to weigh them; a fixed part for each window
    const double cost = count * ((double)n - std::min((double)n, buckets) * 0.6 + 2 * buckets + 400);
    if (cost < least) {
      least = cost;
      best = {c, count};
    }
  }
  return best;
}

void signedDigits(const U256* scalars, size_t n, Windows w, int16_t* digits, size_t from, size_t to) {
  // s + Σ_{i<count−1} 2^(c·i + c − 1): then each digit is a plain field of bits minus 2^(c−1), without carries.
  const int c = w.width;
  u64 k[4] = {0, 0, 0, 0};
  for (int i = 0; i + 1 < w.count; i++) {
    const int b = c * i + c - 1;
    k[b / 64] |= 1ull << (b % 64);
  }
  const u32 mask = (1u << c) - 1;
  const int half = 1 << (c - 1);
  constexpr size_t BLOCK = 256;
  u64 x[BLOCK][5];
  for (size_t at = from; at < to; at += BLOCK) {
    const size_t m = std::min(BLOCK, to - at);
    for (size_t i = 0; i < m; i++) {
      u128 t = 0;
      for (int j = 0; j < 4; j++) {
        t += (u128)scalars[at + i].v[j] + k[j];
        x[i][j] = (u64)t;
        t >>= 64;
      }
      x[i][4] = 0;
    }
    for (int j = 0; j < w.count; j++) {
      const int b = c * j, word = b / 64, shift = b % 64;
      const int offset = j + 1 < w.count ? half : 0;
      int16_t* out = digits + (size_t)j * n + at;
      if (shift + c <= 64) {
        for (size_t i = 0; i < m; i++) out[i] = (int16_t)((int)((x[i][word] >> shift) & mask) - offset);
      } else {
        for (size_t i = 0; i < m; i++) out[i] = (int16_t)((int)(((x[i][word] >> shift) | (x[i][word + 1] << (64 - shift))) & mask) - offset);
      }
    }
  }
}

/** Signed digits of 32-bit values. */
static void digitsOfSmall(const Witness& w, const std::vector<u32>& wires, Windows win, std::vector<int16_t>& digits) {
  const size_t n = wires.size();
  digits.resize(n * win.count);
  const i64 half = 1ll << (win.width - 1), full = half * 2;
  for (size_t i = 0; i < n; i++) {
    i64 v = w.values[wires[i]];
    for (int j = 0; j < win.count; j++) {
      i64 d = v & (full - 1);
      if (j + 1 == win.count) {
        d = v;
      } else if (d >= half) {
        d -= full;
      }
      digits[(size_t)j * n + i] = (int16_t)d;
      v = (v - d) >> win.width;
    }
  }
}

void Classes::build(const Witness& w, const u64* skip) {
  size_t k = 0;
  for (u32 i = 0; i < w.wires; i++) {
    const i32 v = w.values[i];
    if (v == 0) continue;
    const bool none = (skip[i / 64] >> (i % 64)) & 1;
    if (v == WIDE) {
      if (!none) {
        wide.push_back(i);
        wideAt.push_back((u32)k);
      }
      k++;
      continue;
    }
    if (none) continue;
    if (v == 1) {
      unit.push_back(i);
    } else if (v == -1) {
      unit.push_back(i | 0x80000000u);
    } else if (v >= -128 && v <= 128) {
      small.push_back(i);
    } else if (v >= -32767 && v <= 32767) {
      medium.push_back(i);
    } else {
      large.push_back(i);
    }
  }
  auto digits = [&](const std::vector<u32>& wires, int bits, Windows& win, std::vector<int16_t>& d) {
    if (wires.empty()) return;
    win = chooseWindows(wires.size(), bits);
    digitsOfSmall(w, wires, win, d);
  };
  smallWindows = {8, 1};
  digitsOfSmall(w, small, smallWindows, smallDigits);
  digits(medium, 15, mediumWindows, mediumDigits);
  digits(large, 32, largeWindows, largeDigits);  // one more than needed, so that a carry into the top digit fits 16 bits
  if (wide.size() <= FEW) {
    for (size_t i = 0; i < wide.size(); i++)
      nonAdjacentForm(w.wideValues[wideAt[i]], [&](u32 position, bool negative) { wideTerms.push_back({wide[i], position, negative}); });
  } else {
    const size_t n = wide.size();
    wideWindows = chooseWindows(n, 254);
    wideDigits.resize(n * wideWindows.count);
    std::vector<U256> s(n);
    for (size_t i = 0; i < n; i++) s[i] = w.wideValues[wideAt[i]];
    signedDigits(s.data(), n, wideWindows, wideDigits.data(), 0, n);
  }
}

}  // namespace zk
