/** The interval of what each integer primitive yields. */
import { ZkonnxError } from '../errors/index.js';
import type { Intervals } from './interval.js';
import { uniformIntervals } from './interval.js';
import { isInside, type BilinearOperation, type CompareOperation, type DivideOperation, type Fit, type IntegerOperation } from './integerOperation.js';

interface Range {
  readonly lo: number;
  readonly hi: number;
}

/**
 * The proven bounds of the result.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED where no input at all has a proof: a divisor that is always 0, a 64-bit result that is never within 52 bits.
 */
export function integerBounds(operation: IntegerOperation, inputs: readonly Intervals[], length: number, node: string): Intervals {
  if (operation.kind === 'bits') return bitBounds(operation.width, inputs[0] as Intervals);
  const at = (operand: number, i: number): Range => ({ lo: inputs[operand]?.lo[i] as number, hi: inputs[operand]?.hi[i] as number });
  const same = operation.kind === 'bilinear' && operation.inputs[0] === operation.inputs[1];
  const result = uniformIntervals(length, 0, 0);
  for (let i = 0; i < length; i++) {
    const { lo, hi } = ((): Range => {
      switch (operation.kind) {
        case 'fit':
          return fittedRange(at(0, i), operation.fit, node);
        case 'bilinear':
          return fittedRange(same ? squareRange(operation, at(0, i)) : bilinearRange(operation, at(0, i), at(1, i)), operation.fit, node);
        case 'compare':
          return compareRange(operation, at(0, i), at(1, i));
        case 'select':
          return selectRange(at(0, i), at(1, i), at(2, i));
        case 'divide':
          return divideRange(operation, at(0, i), at(1, i), node);
      }
    })();
    result.lo[i] = lo;
    result.hi[i] = hi;
  }
  return result;
}

/**
 * The interval of a bilinear form before it is brought into its range. A value beyond 2^53 is rounded, by less than one part in
 * 2^51: far from the bounds that matter, but see {@link BilinearOperation}'s gadget, which leaves room for it.
 */
export function bilinearRange({ product, left, right, constant }: BilinearOperation, a: Range, b: Range): Range {
  // A bilinear function on a rectangle has its extremes at the corners.
  const ends = [a.lo, a.hi].flatMap((x) => [b.lo, b.hi].map((y) => product * x * y + left * x + right * y + constant));
  return { lo: Math.min(...ends), hi: Math.max(...ends) };
}

/** The form of a value with itself: p·x² + (l + r)·x + c. */
export function squareRange({ product, left, right, constant }: BilinearOperation, { lo, hi }: Range): Range {
  const slope = left + right;
  const vertex = -slope / (2 * product);
  const inner = [Math.floor(vertex), Math.ceil(vertex)].filter((x) => x > lo && x < hi);
  const values = [lo, hi, ...inner].map((x) => product * x * x + slope * x + constant);
  return { lo: Math.min(...values), hi: Math.max(...values) };
}

function fittedRange(range: Range, fit: Fit, node: string): Range {
  if (isInside(range, fit)) return range;
  if (fit.wraps) return fit;
  if (range.lo > fit.hi || range.hi < fit.lo) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `A value of node "${node}" is never within the range that can be proven.`, node, expected: `a value in [${fit.lo}, ${fit.hi}]`, found: `[${range.lo}, ${range.hi}]` });
  }
  return { lo: Math.max(range.lo, fit.lo), hi: Math.min(range.hi, fit.hi) };
}

function compareRange({ relation }: CompareOperation, a: Range, b: Range): Range {
  const truth = (always: boolean, never: boolean): Range => ({ lo: always ? 1 : 0, hi: never ? 0 : 1 });
  const apart = a.hi < b.lo || b.hi < a.lo;
  const equal = a.lo === a.hi && b.lo === b.hi && a.lo === b.lo;
  switch (relation) {
    case 'less':
      return truth(a.hi < b.lo, a.lo >= b.hi);
    case 'lessOrEqual':
      return truth(a.hi <= b.lo, a.lo > b.hi);
    case 'equal':
      return truth(equal, apart);
    case 'notEqual':
      return truth(apart, equal);
  }
}

function selectRange(condition: Range, first: Range, second: Range): Range {
  if (condition.lo === 1) return first;
  if (condition.hi === 0) return second;
  return { lo: Math.min(first.lo, second.lo), hi: Math.max(first.hi, second.hi) };
}

function divideRange({ rounding, result }: DivideOperation, a: Range, d: Range, node: string): Range {
  if (d.lo === 0 && d.hi === 0) throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node}" divides integers by zero.`, node, expected: 'a divisor other than 0', found: '0' });
  // The quotient is monotone in each operand as long as the divisor keeps its sign.
  const divisors = [d.lo, d.hi, -1, 1].filter((x) => x !== 0 && x >= d.lo && x <= d.hi);
  if (result === 'quotient') {
    const round = rounding === 'floor' ? Math.floor : Math.trunc;
    const quotients = [a.lo, a.hi].flatMap((x) => divisors.map((y) => exactQuotient(x, y, round)));
    return { lo: Math.min(...quotients), hi: Math.max(...quotients) };
  }
  const most = Math.max(...divisors.map(Math.abs)) - 1;
  if (rounding === 'truncate') return { lo: a.lo < 0 ? -Math.min(most, -a.lo) : 0, hi: a.hi > 0 ? Math.min(most, a.hi) : 0 };
  const sameSign = a.lo >= 0 && d.lo >= 0 ? a.hi : Infinity;
  return { lo: d.lo < 0 ? d.lo + 1 : 0, hi: d.hi > 0 ? Math.min(d.hi - 1, sameSign) : 0 };
}

function exactQuotient(a: number, d: number, round: (x: number) => number): number {
  const truncated = (a - (a % d)) / d + 0;
  return round === Math.floor && a % d !== 0 && a < 0 !== d < 0 ? truncated - 1 : truncated;
}

function bitBounds(width: number, { lo, hi }: Intervals): Intervals {
  const result = uniformIntervals(width * lo.length, 0, 1);
  for (let i = 0; i < lo.length; i++) {
    for (let bit = 0; bit < width; bit++) {
      // Within one block of 2^bit values the bit does not change.
      const [first, last] = [Math.floor((lo[i] as number) / 2 ** bit), Math.floor((hi[i] as number) / 2 ** bit)];
      if (first !== last) continue;
      result.lo[bit * lo.length + i] = Math.abs(first % 2);
      result.hi[bit * lo.length + i] = Math.abs(first % 2);
    }
  }
  return result;
}
