// Plain data shared by every translation unit. Nothing here may have code that the linker could merge between
// translation units compiled for different instruction sets.
#pragma once
#include <cstddef>
#include <cstdint>

namespace zk {

using u8 = uint8_t;
using u32 = uint32_t;
using i32 = int32_t;
using u64 = uint64_t;
using i64 = int64_t;
using u128 = unsigned __int128;
using i128 = __int128;

/** 256-bit little-endian integer; which field and whether in Montgomery form is said where it is used. Files align their
 *  sections to four bytes only, so this type does too. */
struct __attribute__((packed, aligned(4))) U256 {
  u64 v[4];
};
/** Affine point of G1 as iden3 files store it: coordinates times 2^256 mod q, infinity is all zero. */
struct G1 {
  U256 x, y;
};
/** Element of Fq2, c0 + c1·u with u² = −1. */
struct F2 {
  U256 c0, c1;
};
/** Affine point of G2, same conventions as G1. */
struct G2 {
  F2 x, y;
};
static_assert(sizeof(G1) == 64 && sizeof(G2) == 128, "file layout");

}  // namespace zk
