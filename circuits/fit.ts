/**
 * An integer brought into the range [lo, hi] of its type: y is a wire in the range, t the combination that the caller makes equal
 * to the unbounded value x in a row of its own (0 = x − t here; a product stands in that row directly).
 *
 * exact: x is in the range by the interval of the program. t = y. No rows beside the caller's.
 * guard: t = y and y ∈ [lo, hi]. ⌈log2(hi − lo + 1)⌉ rows. Where x is outside there is no witness.
 * wrap:  with S = hi − lo + 1, t = y + S·(q + qLo), y ∈ [lo, hi], q ∈ [0, qHi − qLo]. ⌈log2 S⌉ + ⌈log2(qHi − qLo + 1)⌉ rows.
 *   Sound: the residues modulo S have one representative in [lo, hi], and neither side reaches the field's order, so y is that one.
 *
 * Assumes: qLo ≤ ⌊(x − lo) / S⌋ ≤ qHi for all x that occur, and |x|, S·max(|qLo|, |qHi|) below 2^120.
 */
import { add, constant, scale, subtract, wire, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignCheck, assignFresh, checkRows, rangeBits } from './range.js';

export type FitParameters =
  | { readonly mode: 'exact' }
  | { readonly mode: 'guard'; readonly lo: number; readonly hi: number }
  | { readonly mode: 'wrap'; readonly lo: number; readonly hi: number; readonly qLo: number; readonly qHi: number };

/** Rows without the caller's. */
export function fitRows(parameters: FitParameters): number {
  switch (parameters.mode) {
    case 'exact':
      return 0;
    case 'guard':
      return checkRows(parameters.hi - parameters.lo);
    case 'wrap':
      return checkRows(parameters.hi - parameters.lo) + rangeBits(parameters.qHi - parameters.qLo);
  }
}

export interface Fitted {
  /** The result. */
  readonly y: LinearCombination;
  /** What must equal the unbounded value. */
  readonly t: LinearCombination;
}

export function constrainFitted({ builder, ranges }: ConstraintSystem, parameters: FitParameters): Fitted {
  const y = wire(builder.allocate(1));
  if (parameters.mode === 'exact') return { y, t: y };
  const { lo, hi } = parameters;
  ranges.check(subtract(y, constant(lo)), hi - lo);
  if (parameters.mode === 'guard') return { y, t: y };
  const { qLo, qHi } = parameters;
  return { y, t: add(y, scale(add(ranges.fresh(qHi - qLo), constant(qLo)), hi - lo + 1)) };
}

/** Forces y to be x, brought into the range: one row beside those of {@link fitRows}. */
export function constrainFit(cs: ConstraintSystem, x: LinearCombination, parameters: FitParameters): LinearCombination {
  const { y, t } = constrainFitted(cs, parameters);
  cs.builder.enforceZero(subtract(x, t));
  return y;
}

/**
 * Writes the wires, given the result and the unbounded value; returns the next free wire.
 * @param x a bigint where a double does not hold it.
 */
export function assignFitted(sink: WitnessSink, first: number, y: number, x: number | bigint, parameters: FitParameters): number {
  sink.set(first, y);
  if (parameters.mode === 'exact') return first + 1;
  const { lo, hi } = parameters;
  const next = assignCheck(sink, first + 1, hi - lo, y - lo);
  if (parameters.mode === 'guard') return next;
  const quotient = Number((BigInt(x) - BigInt(y)) / BigInt(hi - lo + 1));
  return assignFresh(sink, next, parameters.qHi - parameters.qLo, quotient - parameters.qLo);
}
