/**
 * The elements of a tensor of the program: exact integers, at most 2^52 in absolute value. Most are far smaller; int64 and uint64
 * inputs are restricted to that (TYPE_RANGE).
 */
export type Integers = Float64Array;

/**
 * Proven bounds of a tensor, element by element. Everything that keeps the circuit from wrapping around the field, and every
 * accumulator from wrapping around int32, rests on these: `lo[i] ≤ x[i] ≤ hi[i]` holds for every input of the right type.
 */
export interface Intervals {
  readonly lo: Integers;
  readonly hi: Integers;
}

/** The same bounds for `length` elements. */
export function uniformIntervals(length: number, lo: number, hi: number): Intervals {
  return { lo: new Float64Array(length).fill(lo), hi: new Float64Array(length).fill(hi) };
}

/** The smallest interval that holds elements `indices` of a tensor; all of them when left out. */
export function hull({ lo, hi }: Intervals, indices?: Iterable<number>): { lo: number; hi: number } {
  let least = Infinity;
  let most = -Infinity;
  for (const index of indices ?? lo.keys()) {
    least = Math.min(least, lo[index] as number);
    most = Math.max(most, hi[index] as number);
  }
  return { lo: least, hi: most };
}
