// Scalar-field helpers over a kernel: constants and conversions.
#pragma once
#include "binfile.hpp"
#include "kernel.hpp"

namespace zk {

constexpr U256 ZERO_256 = {{0, 0, 0, 0}};
constexpr U256 ONE_256 = {{1, 0, 0, 0}};
/** 2^512 mod r and mod q: a Montgomery product with them brings a plain integer into Montgomery form. */
constexpr U256 FR_R2 = {{0x1bb8e645ae216da7ull, 0x53fe3ab1e35c59e3ull, 0x8c49833d53bb8085ull, 0x0216d0b17f4e44a5ull}};
constexpr U256 FQ_R2 = {{0xf32cfc5b538afa89ull, 0xb5e71911d44501fbull, 0x47ab1eff0a417ff6ull, 0x06d89f71cab8351full}};

inline U256 toMont(const Kernel& k, const U256& a) { return k.frMul(a, FR_R2); }
inline U256 fromMont(const Kernel& k, const U256& a) { return k.frMul(a, ONE_256); }
inline U256 small(const Kernel& k, i64 x) {
  const U256 m = toMont(k, {{(u64)(x < 0 ? -x : x), 0, 0, 0}});
  return x < 0 ? k.frSub(ZERO_256, m) : m;
}
inline U256 power(const Kernel& k, U256 base, u64 e) {
  U256 r = small(k, 1);
  for (; e; e >>= 1) {
    if (e & 1) r = k.frMul(r, base);
    base = k.frMul(base, base);
  }
  return r;
}
/** Primitive 2^logn-th root of unity: 5^((r−1)/2^28) squared down. */
inline U256 rootOfUnity(const Kernel& k, int logn) {
  static const u64 ODD[4] = {0x9b9709143e1f593full, 0x181585d2833e8487ull, 0x131a029b85045b68ull, 0x000000030644e72eull};
  const U256 five = small(k, 5);
  U256 w = small(k, 1);
  for (int i = 255; i >= 0; i--) {
    w = k.frMul(w, w);
    if ((ODD[i / 64] >> (i % 64)) & 1) w = k.frMul(w, five);
  }
  for (int i = 28; i > logn; i--) w = k.frMul(w, w);
  return w;
}

/** Calls f(position, negative) for the non-zero digits of the non-adjacent form of x < 2^254. */
template <class F>
void nonAdjacentForm(const U256& x, F f) {
  // digits of 3x minus those of x, shifted by one
  u64 three[4], c = 0;
  for (int i = 0; i < 4; i++) {
    const u128 p = (u128)x.v[i] * 3 + c;
    three[i] = (u64)p;
    c = (u64)(p >> 64);
  }
  for (int i = 0; i < 4; i++) {
    const u64 plus = three[i] & ~x.v[i], minus = x.v[i] & ~three[i];
    for (u64 d = plus | minus; d; d &= d - 1) {
      const u32 k = (u32)__builtin_ctzll(d);
      f((u32)(64 * i) + k - 1, (minus >> k) & 1);
    }
  }
  // x < 2^254: 3x fits 256 bits, so nothing is left
}

}  // namespace zk
