/**
 * Primitives of integer tensors. All work element by element on operands of one length; `bits` alone yields more elements than it
 * reads. Their value and their interval are in integerValue.ts and integerBounds.ts, their constraints in
 * src/compile/integerGadgets.ts with circuits/.
 */
import type { TensorId } from './tensorId.js';

/**
 * How a result is brought into the range [lo, hi] of its type. `wraps`: modulo hi − lo + 1, as ONNX Runtime does. Otherwise a value
 * outside has no proof: so it is with 64-bit types, of which only 52 bits are exact here.
 */
export interface Fit {
  readonly lo: number;
  readonly hi: number;
  readonly wraps: boolean;
}

/** y = x, brought into the range. */
export interface FitOperation {
  readonly kind: 'fit';
  readonly inputs: readonly [TensorId];
  readonly fit: Fit;
}

/** y = product·a·b + left·a + right·b + constant, brought into the range. With product 0 left out: a sum is a linear map. */
export interface BilinearOperation {
  readonly kind: 'bilinear';
  readonly inputs: readonly [TensorId, TensorId];
  readonly product: number;
  readonly left: number;
  readonly right: number;
  readonly constant: number;
  readonly fit: Fit;
}

/** 1 where a < b (a ≤ b, a = b, a ≠ b), 0 elsewhere. */
export interface CompareOperation {
  readonly kind: 'compare';
  readonly inputs: readonly [TensorId, TensorId];
  readonly relation: 'less' | 'lessOrEqual' | 'equal' | 'notEqual';
}

/** Where the condition (0 or 1) is 1 the first value, elsewhere the second: inputs are condition, first, second. */
export interface SelectOperation {
  readonly kind: 'select';
  readonly inputs: readonly [TensorId, TensorId, TensorId];
}

/** Quotient or remainder of a / d, the quotient rounded down or towards zero. Where d is 0 there is no proof. */
export interface DivideOperation {
  readonly kind: 'divide';
  readonly inputs: readonly [TensorId, TensorId];
  readonly rounding: 'floor' | 'truncate';
  readonly result: 'quotient' | 'remainder';
}

/** The `width` lowest bits of x (of n elements) in two's complement, least first: element bit · n + i. x fits in `width` bits, signed or not. */
export interface BitsOperation {
  readonly kind: 'bits';
  readonly inputs: readonly [TensorId];
  readonly width: number;
  readonly signed: boolean;
}

export type IntegerOperation = FitOperation | BilinearOperation | CompareOperation | SelectOperation | DivideOperation | BitsOperation;

/** Whether every value of a proven interval is in the range as it is. */
export function isInside({ lo, hi }: { readonly lo: number; readonly hi: number }, fit: Fit): boolean {
  return lo >= fit.lo && hi <= fit.hi;
}
