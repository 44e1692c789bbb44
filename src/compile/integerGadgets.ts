/** How the integer primitives are forced, what that costs, and the wires of their witness. One element at a time. */
import { bilinearRows, constrainBilinear } from '../../circuits/bilinear.js';
import { assignBits, bitsRows, constrainBits } from '../../circuits/bits.js';
import { assignNotNegative, constrainNotNegative, notNegativeRows, type NotNegativeParameters } from '../../circuits/compare.js';
import type { ConstraintSystem } from '../../circuits/constraintSystem.js';
import { assignDivide, constrainDivide, divideRows, type DivideParameters } from '../../circuits/divide.js';
import { assignZeroTest, constrainZeroTest, ZERO_TEST_ROWS } from '../../circuits/equal.js';
import { assignFitted, constrainFit, fitRows, type FitParameters } from '../../circuits/fit.js';
import { constrainSelect, SELECT_ROWS } from '../../circuits/select.js';
import { bilinearRange, squareRange } from '../program/integerBounds.js';
import { isInside, type BilinearOperation, type CompareOperation, type DivideOperation, type Fit, type IntegerOperation } from '../program/integerOperation.js';
import { bilinear } from '../program/integerValue.js';
import { hull, type Intervals } from '../program/interval.js';
import { constant, subtract, type LinearCombination } from '../r1cs/linearCombination.js';
import type { WitnessSink } from '../r1cs/witness.js';

export type IntegerChoice =
  | { readonly kind: 'none' }
  | { readonly kind: 'fit'; readonly fit: FitParameters }
  /** The bounds of the difference that decides an inequality. */
  | { readonly kind: 'difference'; readonly lo: number; readonly hi: number }
  /** The bounds of the operands; the divisors, where they are constants. */
  | { readonly kind: 'divide'; readonly aLo: number; readonly aHi: number; readonly dLo: number; readonly dHi: number; readonly divisors?: Float64Array };

/** The choice for an operation, from the bounds of its operands. */
export function chooseInteger(operation: IntegerOperation, inputs: readonly Intervals[]): IntegerChoice {
  const [a, b] = inputs as [Intervals, Intervals];
  switch (operation.kind) {
    case 'fit': {
      const { lo, hi } = hull(a);
      return { kind: 'fit', fit: fitParameters(operation.fit, isInside({ lo, hi }, operation.fit), BigInt(lo), BigInt(hi)) };
    }
    case 'bilinear':
      return { kind: 'fit', fit: chooseBilinear(operation, a, b) };
    case 'compare':
      return operation.relation === 'less' || operation.relation === 'lessOrEqual' ? { kind: 'difference', ...differences(operation, a, b) } : { kind: 'none' };
    case 'divide': {
      const [dividend, divisor] = [hull(a), hull(b)];
      const bounds = { aLo: dividend.lo, aHi: dividend.hi, dLo: divisor.lo, dHi: divisor.hi };
      const areConstant = b.lo.every((lo, i) => lo === b.hi[i]);
      return { kind: 'divide', ...bounds, ...(areConstant ? { divisors: b.lo } : {}) };
    }
    case 'select':
    case 'bits':
      return { kind: 'none' };
  }
}

function fitParameters({ lo, hi, wraps }: Fit, inside: boolean, xLo: bigint, xHi: bigint): FitParameters {
  if (inside) return { mode: 'exact' };
  if (!wraps) return { mode: 'guard', lo, hi };
  const size = BigInt(hi) - BigInt(lo) + 1n;
  const quotient = (x: bigint): number => {
    const offset = x - BigInt(lo);
    const remainder = ((offset % size) + size) % size;
    return Number((offset - remainder) / size);
  };
  return { mode: 'wrap', lo, hi, qLo: quotient(xLo), qHi: quotient(xHi) };
}

function chooseBilinear(operation: BilinearOperation, a: Intervals, b: Intervals): FitParameters {
  const range = { lo: Infinity, hi: -Infinity };
  for (let i = 0; i < a.lo.length; i++) {
    const [x, y] = [{ lo: a.lo[i] as number, hi: a.hi[i] as number }, { lo: b.lo[i] as number, hi: b.hi[i] as number }];
    const { lo, hi } = operation.inputs[0] === operation.inputs[1] ? squareRange(operation, x) : bilinearRange(operation, x, y);
    range.lo = Math.min(range.lo, lo);
    range.hi = Math.max(range.hi, hi);
  }
  // The quotient's bounds are exact, from the corners of the widest operands.
  const [left, right] = [hull(a), hull(b)];
  const corners = [left.lo, left.hi].flatMap((x) => [right.lo, right.hi].map((y) => BigInt(bilinear(operation, x, y))));
  const [xLo, xHi] = [corners.reduce((least, x) => (x < least ? x : least)), corners.reduce((most, x) => (x > most ? x : most))];
  return fitParameters(operation.fit, isInside(range, operation.fit), xLo, xHi);
}

function differences({ relation }: CompareOperation, a: Intervals, b: Intervals): NotNegativeParameters {
  const strict = relation === 'less' ? 1 : 0;
  let [lo, hi] = [Infinity, -Infinity];
  for (let i = 0; i < a.lo.length; i++) {
    lo = Math.min(lo, (b.lo[i] as number) - (a.hi[i] as number) - strict);
    hi = Math.max(hi, (b.hi[i] as number) - (a.lo[i] as number) - strict);
  }
  return { lo, hi };
}

/** The parameters of one element. */
function divideParameters({ rounding, result }: DivideOperation, { aLo, aHi, dLo, dHi, divisors }: Extract<IntegerChoice, { kind: 'divide' }>, i: number): DivideParameters {
  const divisor = divisors?.[i];
  return { aLo, aHi, dLo: divisor ?? dLo, dHi: divisor ?? dHi, rounding, result };
}

/** Rows of all elements. */
export function integerRows(operation: IntegerOperation, choice: IntegerChoice, elements: number): number {
  switch (operation.kind) {
    case 'fit':
      return elements * (fitRows((choice as Extract<IntegerChoice, { kind: 'fit' }>).fit) + 1);
    case 'bilinear':
      return elements * bilinearRows({ ...operation, ...(choice as Extract<IntegerChoice, { kind: 'fit' }>) });
    case 'compare':
      return elements * (choice.kind === 'difference' ? notNegativeRows(choice) : ZERO_TEST_ROWS);
    case 'select':
      return elements * SELECT_ROWS;
    case 'divide': {
      const divide = choice as Extract<IntegerChoice, { kind: 'divide' }>;
      let rows = 0;
      for (let i = 0; i < elements; i++) rows += divideRows(divideParameters(operation, divide, i));
      return rows;
    }
    case 'bits':
      return (elements / operation.width) * bitsRows(operation);
  }
}

/** The choice in words, for the cost report. */
export function integerStrategy(operation: IntegerOperation, choice: IntegerChoice): string {
  switch (choice.kind) {
    case 'none':
      return operation.kind === 'bits' ? `${operation.width} bits` : 'products';
    case 'fit':
      return { exact: 'one row', guard: `in [${choice.fit.mode === 'guard' ? `${choice.fit.lo}, ${choice.fit.hi}` : ''}], or no proof`, wrap: 'modulo the type' }[choice.fit.mode];
    case 'difference':
      return `difference in [${choice.lo}, ${choice.hi}]`;
    case 'divide':
      return choice.divisors === undefined ? 'division' : 'division by constants';
  }
}

/** Forces element i; a decomposition gives one combination for each bit. */
export function constrainInteger(cs: ConstraintSystem, operation: IntegerOperation, choice: IntegerChoice, i: number, values: readonly LinearCombination[]): readonly LinearCombination[] {
  const [a, b, c] = values as [LinearCombination, LinearCombination, LinearCombination];
  switch (operation.kind) {
    case 'fit':
      return [constrainFit(cs, a, (choice as Extract<IntegerChoice, { kind: 'fit' }>).fit)];
    case 'bilinear':
      return [constrainBilinear(cs, a, b, { ...operation, ...(choice as Extract<IntegerChoice, { kind: 'fit' }>) })];
    case 'compare': {
      if (choice.kind !== 'difference') return [constrainZeroTest(cs, subtract(a, b), operation.relation === 'notEqual')];
      return [constrainNotNegative(cs, subtract(subtract(b, a), constant(operation.relation === 'less' ? 1 : 0)), choice)];
    }
    case 'select':
      return [constrainSelect(cs, a, b, c)];
    case 'divide':
      return [constrainDivide(cs, a, b, divideParameters(operation, choice as Extract<IntegerChoice, { kind: 'divide' }>, i))];
    case 'bits':
      return constrainBits(cs, a, operation);
  }
}

/** Writes the wires of element i, whose result is y; returns the next free wire. */
export function assignInteger(sink: WitnessSink, first: number, operation: IntegerOperation, choice: IntegerChoice, i: number, values: readonly number[], y: number): number {
  const [a, b] = values as [number, number];
  switch (operation.kind) {
    case 'fit':
      return assignFitted(sink, first, y, a, (choice as Extract<IntegerChoice, { kind: 'fit' }>).fit);
    case 'bilinear':
      return assignFitted(sink, first, y, bilinear(operation, a, b), (choice as Extract<IntegerChoice, { kind: 'fit' }>).fit);
    case 'compare':
      if (choice.kind !== 'difference') return assignZeroTest(sink, first, a - b, operation.relation === 'notEqual');
      return assignNotNegative(sink, first, b - a - (operation.relation === 'less' ? 1 : 0), choice);
    case 'select':
      sink.set(first, y);
      return first + 1;
    case 'divide':
      return assignDivide(sink, first, a, b, divideParameters(operation, choice as Extract<IntegerChoice, { kind: 'divide' }>, i));
    case 'bits':
      return assignBits(sink, first, a, operation);
  }
}
