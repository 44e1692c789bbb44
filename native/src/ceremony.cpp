#include "ceremony.hpp"
#include "msm.hpp"
#include "scalars.hpp"

namespace zk {

namespace {

void checkPoints(const G1* points, size_t n, const Kernel& K, Crew& crew) {
  const size_t step = 4096;
  crew.run((n + step - 1) / step, [&](size_t t, int) {
    for (size_t i = t * step; i < std::min(n, (t + 1) * step); i++)
      if (!K.g1.onCurve(points[i])) throw Error("ZKEY_CORRUPT", "point " + std::to_string(i) + " is not on the curve");
  });
}

}  // namespace

void scalePoints(G1* points, size_t n, const U256& scalar, const Kernel& K, Crew& crew) {
  checkPoints(points, n, K, crew);
  struct Digit {
    u32 position;
    bool negative;
  };
  std::vector<Digit> digits;
  nonAdjacentForm(scalar, [&](u32 position, bool negative) { digits.push_back({position, negative}); });
  std::sort(digits.begin(), digits.end(), [](const Digit& x, const Digit& y) { return x.position > y.position; });
  if (digits.empty()) {
    memset(points, 0, n * sizeof(G1));
    return;
  }
  // Double and add, for thousands of points at a time, so that all additions of a step share one inversion. The running multiples
  // stand before the points themselves.
  const size_t step = 2048;
  std::vector<Scratch> scratch(crew.threads());
  crew.run((n + step - 1) / step, [&](size_t task, int worker) {
    crew.check();
    const size_t from = task * step, m = std::min(step, n - from);
    std::vector<G1> all(2 * m), next(m);
    memcpy(&all[0], points + from, m * sizeof(G1));
    memcpy(&all[m], points + from, m * sizeof(G1));
    std::vector<u32> twice(2 * m), add(2 * m), subtract(2 * m), off(m + 1);
    for (size_t i = 0; i < m; i++) {
      twice[2 * i] = twice[2 * i + 1] = add[2 * i] = subtract[2 * i] = (u32)i;
      add[2 * i + 1] = (u32)(m + i);
      subtract[2 * i + 1] = (u32)(m + i) | 0x80000000u;
      off[i + 1] = (u32)(2 * i + 2);
    }
    const auto combine = [&](const std::vector<u32>& idx) {
      K.g1.segmentSums(scratch[worker].need(K.g1.workBytes(0, 0, 0)), all.data(), idx.data(), off.data(), m, next.data());
      memcpy(&all[0], next.data(), m * sizeof(G1));
    };
    // The leading digit of a positive scalar is positive: the points themselves.
    for (size_t d = 1; d <= digits.size(); d++) {
      const u32 below = d < digits.size() ? digits[d].position : 0;
      for (u32 k = digits[d - 1].position; k > below; k--) combine(twice);
      if (d < digits.size()) combine(digits[d].negative ? subtract : add);
    }
    memcpy(points + from, all.data(), m * sizeof(G1));
  });
  volatile Digit* wiped = digits.data();
  for (size_t d = 0; d < digits.size(); d++) {
    wiped[d].position = 0;
    wiped[d].negative = false;
  }
}

G1 sumOfMultiples(const G1* points, const U256* scalars, size_t n, const Kernel& K, Crew& crew) {
  checkPoints(points, n, K, crew);
  // Sums by windows take finite points.
  const G1 infinity{};
  std::vector<G1> finite;
  std::vector<U256> factors;
  for (size_t i = 0; i < n; i++) {
    if (memcmp(&points[i], &infinity, sizeof infinity) == 0) continue;
    finite.push_back(points[i]);
    factors.push_back(scalars[i]);
  }
  const size_t m = finite.size(), step = 4096;
  if (m == 0) return infinity;
  const Windows w = chooseWindows(m, 254);
  std::vector<int16_t> digits(m * w.count);
  crew.run((m + step - 1) / step, [&](size_t t, int) { signedDigits(factors.data(), m, w, digits.data(), t * step, std::min(m, (t + 1) * step)); });
  Partial<G1> partial;
  std::vector<Task> tasks;
  windowTasks(tasks, partial, K.g1, finite.data(), nullptr, digits.data(), m, w, 1);
  runTasks(crew, tasks, 0, 1000);
  return partial.sum(K.g1);
}

}  // namespace zk
