#include "witness.hpp"
#include <algorithm>

namespace zk {

static i32 smallOf(const U256& x) {
  if (!(x.v[1] | x.v[2] | x.v[3])) return x.v[0] <= INT32_MAX ? (i32)x.v[0] : WIDE;
  // r − x
  if (x.v[3] != FR_MODULUS.v[3] || x.v[2] != FR_MODULUS.v[2] || x.v[1] != FR_MODULUS.v[1] || x.v[0] >= FR_MODULUS.v[0]) return WIDE;
  const u64 neg = FR_MODULUS.v[0] - x.v[0];
  return neg <= INT32_MAX ? -(i32)neg : WIDE;
}

U256 Witness::at(u32 wire) const {
  const i32 v = values[wire];
  if (v == WIDE) {
    const u32* p = std::lower_bound(wideWires.data(), wideWires.data() + wideCount, wire);
    return wideValues[p - wideWires.data()];
  }
  if (v >= 0) return {{(u64)v, 0, 0, 0}};
  U256 r = FR_MODULUS;
  r.v[0] -= (u64)-(i64)v;  // no borrow: the low word of r is larger than 2^31
  return r;
}

Witness witnessFromFile(const BinFile& f, Crew& crew) {
  Reader h = f.read(1);
  const u32 n8 = h.word();
  if (n8 != 32) throw Error("FIELD_MISMATCH", f.name() + " is not over BN254", "32-byte field elements", std::to_string(n8));
  const U256 m = h.u256();
  if (!equal(m, FR_MODULUS)) throw Error("FIELD_MISMATCH", f.name() + " is over another field", hex(FR_MODULUS), hex(m));
  Witness w;
  w.wires = h.word();
  const u8* p = f.section(2, (u64)w.wires * 32).data;
  w.values = Array<i32>(w.wires);
  const size_t step = 1 << 14, tasks = (w.wires + step - 1) / step;
  std::vector<u32> wide(tasks + 1, 0);
  crew.run(tasks, [&](size_t t, int) {
    u32 count = 0;
    for (size_t i = t * step; i < std::min<size_t>(w.wires, (t + 1) * step); i++) {
      U256 x;
      memcpy(&x, p + i * 32, 32);
      const i32 v = smallOf(x);
      if (v == WIDE) {
        if (!less(x, FR_MODULUS)) throw Error("WITNESS_RANGE", "wire " + std::to_string(i) + " of the witness is not below the field's modulus");
        count++;
      }
      w.values[i] = v;
    }
    wide[t + 1] = count;
  });
  for (size_t t = 0; t < tasks; t++) wide[t + 1] += wide[t];
  w.wideCount = wide[tasks];
  w.wideWires = Array<u32>(w.wideCount);
  w.wideValues = Array<U256>(w.wideCount);
  if (w.wideCount)
    crew.run(tasks, [&](size_t t, int) {
      size_t k = wide[t];
      for (size_t i = t * step; i < std::min<size_t>(w.wires, (t + 1) * step); i++)
        if (w.values[i] == WIDE) {
          w.wideWires[k] = (u32)i;
          memcpy(&w.wideValues[k++], p + i * 32, 32);
        }
    });
  return w;
}

Witness witnessFromSmall(const i32* values, size_t wires, const u32* wideWires, const u8* wideValues, size_t wide) {
  Witness w;
  if (wires == 0 || wires >= (1u << 31)) throw Error("WITNESS_SIZE", "the witness has no wires or too many");
  w.wires = (u32)wires;
  w.values = Array<i32>(wires);
  memcpy(w.values.data(), values, wires * 4);
  size_t lowest = 0;  // wires at −2^31, which is the mark for wide ones and so must become one of them
  for (size_t i = 0; i < wires; i++) lowest += values[i] == WIDE;
  for (size_t i = 0; i < wide; i++)
    if (wideWires[i] >= wires || (i && wideWires[i] <= wideWires[i - 1])) throw Error("WITNESS_SIZE", "wide wires must be ascending, distinct and within the witness");
  w.wideWires = Array<u32>(wide + lowest);
  w.wideValues = Array<U256>(wide + lowest);
  U256 minimum = FR_MODULUS;
  minimum.v[0] -= 1ull << 31;
  size_t next = 0;
  auto put = [&](size_t wire, const U256& x) {
    w.wideWires[w.wideCount] = (u32)wire;
    w.wideValues[w.wideCount++] = x;
  };
  for (size_t i = 0; i < wires && (lowest || next < wide); i++) {
    // without −2^31 only the listed wires need a look
    if (!lowest) i = wideWires[next];
    if (next < wide && wideWires[next] == i) {
      U256 x;
      memcpy(&x, wideValues + 32 * next++, 32);
      if (!less(x, FR_MODULUS)) throw Error("WITNESS_RANGE", "the value of wire " + std::to_string(i) + " is not below the field's modulus");
      w.values[i] = smallOf(x);
      if (w.values[i] == WIDE) put(i, x);
    } else if (values[i] == WIDE) {
      put(i, minimum);
    }
  }
  return w;
}

}  // namespace zk
