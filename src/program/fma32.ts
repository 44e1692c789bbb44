const bits = new DataView(new ArrayBuffer(8));

/**
 * The float32 fused multiply-add of float32 values: x·y + z rounded once. The product is exact in a double; the sum is rounded to
 * odd (its last bit is set when it is inexact), after which rounding to float32 gives the correctly rounded result, because a
 * double has more than two bits beyond a float32 (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums").
 */
export function fma32(x: number, y: number, z: number): number {
  const product = x * y;
  const sum = product + z;
  if (!Number.isFinite(sum)) return Math.fround(sum);
  // The error of the addition, exactly (Knuth's two-sum).
  const back = sum - product;
  const error = product - (sum - back) + (z - back);
  if (error === 0) return Math.fround(sum);
  bits.setFloat64(0, sum);
  const pattern = bits.getBigInt64(0);
  if ((pattern & 1n) === 1n) return Math.fround(sum);
  // The neighbour on the side of the error is the odd one of the two doubles around the exact sum.
  bits.setBigInt64(0, error > 0 === sum > 0 ? pattern + 1n : pattern - 1n);
  return Math.fround(bits.getFloat64(0));
}
