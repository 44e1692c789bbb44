// The witness as the prover wants it: a signed 32-bit value per wire, and a list for the wires that are wider.
#pragma once
#include "binfile.hpp"
#include "crew.hpp"
#include "kernel.hpp"
#include "memory.hpp"

namespace zk {

struct Witness {
  u32 wires = 0;
  Array<i32> values;         // WIDE for wide wires
  Array<u32> wideWires;      // ascending
  Array<U256> wideValues;    // plain integers below r, neither they nor their negatives fit 31 bits
  size_t wideCount = 0;
  /** Value of a wire as a plain field element. */
  U256 at(u32 wire) const;
};

/** From the bytes of a .wtns file. */
Witness witnessFromFile(const BinFile& file, Crew& crew);
/** From typed values; wide wires ascending and distinct, their values below r. The arrays are copied. */
Witness witnessFromSmall(const i32* values, size_t wires, const u32* wideWires, const u8* wideValues, size_t wide);

}  // namespace zk
