#pragma once
#include "crew.hpp"
#include "memory.hpp"
#include "scalars.hpp"
#include <algorithm>
#include <vector>

namespace zk {

/** Values at τ of the Lagrange polynomials of the domain of 2^logn points, only odd or all; Montgomery form. */
inline Array<U256> lagrange(const Kernel& K, int logn, const U256& tau, bool odd, Crew& crew) {
  // L_i(τ) = (τ^N − 1)/N · ω^i/(τ − ω^i)
  const size_t n = (size_t)1 << logn, count = odd ? n / 2 : n;
  const U256 w = rootOfUnity(K, logn), one = small(K, 1);
  const U256 z = K.frMul(K.frSub(power(K, tau, n), one), K.frInv(small(K, (i64)n)));
  const U256 stride = odd ? K.frMul(w, w) : w;
  Array<U256> out(count);
  Array<U256> scratch(count);
  const size_t step = 4096;
  crew.run((count + step - 1) / step, [&](size_t t, int) {
    const size_t from = t * step, m = std::min(step, count - from);
    U256 x = power(K, stride, from);
    if (odd) x = K.frMul(x, w);
    std::vector<U256> num(m);
    for (size_t i = 0; i < m; i++) {
      num[i] = K.frMul(z, x);
      out[from + i] = K.frSub(tau, x);
      x = K.frMul(x, stride);
    }
    K.frInvVec(out.data() + from, m, scratch.data() + from);
    K.frMulVec(out.data() + from, out.data() + from, num.data(), m);
  });
  return out;
}

}  // namespace zk
