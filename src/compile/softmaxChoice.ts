/** The parameters of a softmax gadget: its floats as integers, and where its levels begin. */
import { softmaxReach, type SoftmaxParameters } from '../../circuits/softmax.js';
import { ZkonnxError } from '../errors/index.js';
import { hull, type Intervals } from '../program/interval.js';
import type { SoftmaxOperation } from '../program/program.js';

/** Significant bits of a float32. */
const PRECISION = 24;

/** The least float32 above 0 is 2^−149. */
const LEAST_EXPONENT = -149;

/** Numbers in the circuit have at most this many bits. */
const MOST_BITS = 240;

/** The bounds of the elements. */
export interface SoftmaxBounds {
  readonly lo: number;
  readonly hi: number;
}

export function softmaxParameters({ length, terms, numerators, most }: SoftmaxOperation, { lo, hi }: SoftmaxBounds): SoftmaxParameters {
  const all = [...terms, ...numerators];
  // In units of the last place of the smallest number all of them are integers.
  let exponent = Math.max(LEAST_EXPONENT, Math.floor(Math.log2(Math.min(...all.filter((value) => value > 0)))) - PRECISION + 1);
  while (!all.every((value) => Number.isInteger(value * 2 ** -exponent))) exponent--;
  const integers = (values: Float64Array): bigint[] => Array.from(values, (value) => BigInt(value * 2 ** -exponent));
  const ratio = terms.reduce((largest, term, d) => (term > 0 ? Math.max(largest, (numerators[d] as number) / term) : largest), 0);
  return { length, lo, hi, terms: integers(terms), numerators: integers(numerators), precision: PRECISION, ...thresholdsOf(most, Math.ceil(ratio) + 1) };
}

/**
 * The bounds of a softmax, after the check that its numbers fit the field.
 * @param node named in errors
 * @throws ZkonnxError OPERATOR_UNSUPPORTED where the terms are so far apart that their sum does not fit a field element
 */
export function chooseSoftmax(operation: SoftmaxOperation, x: Intervals, node: string): SoftmaxBounds {
  const bounds = hull(x);
  const reach = softmaxReach(softmaxParameters(operation, bounds));
  if (reach <= MOST_BITS) return bounds;
  throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
    message: `The exponentials of node "${node}" (QLinearSoftmax) are too far apart: their sum does not fit a field element.`,
    node,
    expected: `at most ${MOST_BITS} bits`,
    found: `${reach} bits`,
    fix: 'Quantize its input with a smaller scale: logits beyond ±40 make no difference.',
  });
}

const SHIFT = 25;

/**
 * Where the levels of a float32 quotient begin, in units of 2^−25. Level k begins with the float32 number k − 1/2 where k is even, as
 * halves are rounded to even, and behind it where k is odd. The numbers that are rounded to a float32 reach half a unit in its last
 * place to both sides, ends included, since the significand of k − 1/2 is even. The last level ends at `limit`, which no quotient reaches.
 */
function thresholdsOf(most: number, limit: number): { readonly thresholds: readonly number[]; readonly shift: number } {
  const thresholds = [0];
  for (let k = 1; k <= most; k++) {
    const half = k - 0.5;
    const place = 2 ** (Math.floor(Math.log2(half)) - PRECISION + 1);
    thresholds.push((k % 2 === 0 ? half - place / 2 : half + place / 2) * 2 ** SHIFT);
  }
  thresholds.push(limit * 2 ** SHIFT);
  return { thresholds, shift: SHIFT };
}
