// BLAKE2b-512 (RFC 7693), unkeyed.
#pragma once
#include "types.hpp"
#include <cstring>

namespace zk {

class Blake2b {
 public:
  Blake2b() {
    memcpy(h_, IV, 64);
    h_[0] ^= 0x01010040;
  }
  void update(const void* p, size_t n) {
    const u8* b = (const u8*)p;
    while (n) {
      if (at_ == 128) {
        count_ += 128;
        compress(false);
        at_ = 0;
      }
      const size_t k = n < 128 - at_ ? n : 128 - at_;
      memcpy(buf_ + at_, b, k);
      at_ += k;
      b += k;
      n -= k;
    }
  }
  void digest(u8 out[64]) {
    count_ += at_;
    memset(buf_ + at_, 0, 128 - at_);
    compress(true);
    memcpy(out, h_, 64);
  }

 private:
  static constexpr u64 IV[8] = {0x6a09e667f3bcc908ull, 0xbb67ae8584caa73bull, 0x3c6ef372fe94f82bull, 0xa54ff53a5f1d36f1ull,
                                0x510e527fade682d1ull, 0x9b05688c2b3e6c1full, 0x1f83d9abfb41bd6bull, 0x5be0cd19137e2179ull};
  void compress(bool last) {
    static constexpr u8 S[10][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3}, {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8}, {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9}, {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10}, {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};
    u64 m[16], v[16];
    memcpy(m, buf_, 128);
    memcpy(v, h_, 64);
    memcpy(v + 8, IV, 64);
    v[12] ^= count_;
    if (last) v[14] = ~v[14];
    auto rot = [](u64 x, int k) { return (x >> k) | (x << (64 - k)); };
    auto g = [&](int a, int b, int c, int d, u64 x, u64 y) {
      v[a] += v[b] + x;
      v[d] = rot(v[d] ^ v[a], 32);
      v[c] += v[d];
      v[b] = rot(v[b] ^ v[c], 24);
      v[a] += v[b] + y;
      v[d] = rot(v[d] ^ v[a], 16);
      v[c] += v[d];
      v[b] = rot(v[b] ^ v[c], 63);
    };
    for (int r = 0; r < 12; r++) {
      const u8* s = S[r % 10];
      g(0, 4, 8, 12, m[s[0]], m[s[1]]);
      g(1, 5, 9, 13, m[s[2]], m[s[3]]);
      g(2, 6, 10, 14, m[s[4]], m[s[5]]);
      g(3, 7, 11, 15, m[s[6]], m[s[7]]);
      g(0, 5, 10, 15, m[s[8]], m[s[9]]);
      g(1, 6, 11, 12, m[s[10]], m[s[11]]);
      g(2, 7, 8, 13, m[s[12]], m[s[13]]);
      g(3, 4, 9, 14, m[s[14]], m[s[15]]);
    }
    for (int i = 0; i < 8; i++) h_[i] ^= v[i] ^ v[i + 8];
  }
  u64 h_[8];
  u8 buf_[128];
  size_t at_ = 0;
  u64 count_ = 0;  // inputs stay below 2^64 bytes
};

}  // namespace zk
