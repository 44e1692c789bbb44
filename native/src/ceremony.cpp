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
  // Double and add, for thousands of finite points at a time, so that all of a step share one inversion.
  const G1 infinity{};
  const size_t step = 2048;
  std::vector<Scratch> scratch(crew.threads());
  crew.run((n + step - 1) / step, [&](size_t task, int worker) {
    std::vector<u32> finite;
    for (size_t i = task * step; i < std::min(n, (task + 1) * step); i++)
      if (memcmp(&points[i], &infinity, sizeof infinity) != 0) finite.push_back((u32)i);
    const u32 m = (u32)finite.size();
    if (m == 0) return;
    const SumWork memory = scratch[worker].need(K.g1.workBytes(0, 0, 0));
    // the points, then two places for the running multiples, which sums go back and forth between
    std::vector<G1> all(3 * (size_t)m);
    std::vector<u32> from(m), plus(m), minus(m), to(m), off(m + 1);
    for (u32 i = 0; i < m; i++) {
      all[i] = all[m + i] = points[finite[i]];
      plus[i] = i;
      minus[i] = i | 0x80000000u;
      from[i] = m + i;
      to[i] = 2 * m + i;
      off[i + 1] = i + 1;
    }
    // The leading digit of a positive scalar is positive: the points themselves.
    for (size_t d = 1; d <= digits.size(); d++) {
      const u32 below = d < digits.size() ? digits[d].position : 0;
      for (u32 k = digits[d - 1].position; k > below; k--) K.g1.twice(memory, &all[from[0]], m);
      if (d == digits.size()) break;
      crew.check();
      K.g1.addEach(memory, all.data(), from.data(), (digits[d].negative ? minus : plus).data(), to.data(), m);
      from.swap(to);
    }
    // canonical, as files have them
    std::vector<G1> result(m);
    K.g1.segmentSums(memory, all.data(), from.data(), off.data(), m, result.data());
    for (u32 i = 0; i < m; i++) points[finite[i]] = result[i];
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
