/** What each integer primitive computes, exactly. */
import { ZkonnxError } from '../errors/index.js';
import type { Integers } from './interval.js';
import type { BilinearOperation, BitsOperation, CompareOperation, DivideOperation, Fit, IntegerOperation } from './integerOperation.js';

/**
 * The value of an operation.
 * @param node named in errors.
 * @throws ZkonnxError VALUE_UNPROVABLE on division by zero, and where a value leaves the 52 exact bits of a 64-bit type.
 */
export function evaluateInteger(operation: IntegerOperation, inputs: readonly Integers[], node: string): Integers {
  const [a, b, c] = inputs as [Integers, Integers, Integers];
  switch (operation.kind) {
    case 'fit':
      return a.map((x) => fitted(x, operation.fit, node));
    case 'bilinear':
      return a.map((x, i) => fitted(bilinear(operation, x, b[i] as number), operation.fit, node));
    case 'compare':
      return a.map((x, i) => (compared(operation, x, b[i] as number) ? 1 : 0));
    case 'select':
      return a.map((condition, i) => (condition === 1 ? (b[i] as number) : (c[i] as number)));
    case 'divide':
      return a.map((x, i) => divided(operation, x, b[i] as number, node));
    case 'bits':
      return bitsOf(operation, a);
  }
}

/** The exact value: a number where a double holds it, else a bigint. */
export function bilinear({ product, left, right, constant }: BilinearOperation, a: number, b: number): number | bigint {
  const rounded = product * a * b + left * a + right * b + constant;
  const reach = Math.abs(product * a * b) + Math.abs(left * a) + Math.abs(right * b) + Math.abs(constant);
  if (reach < 2 ** 53) return rounded;
  return BigInt(product) * BigInt(a) * BigInt(b) + BigInt(left) * BigInt(a) + BigInt(right) * BigInt(b) + BigInt(constant);
}

function fitted(x: number | bigint, { lo, hi, wraps }: Fit, node: string): number {
  if (x >= lo && x <= hi) return Number(x);
  if (!wraps) throw unprovable(node, 'A value leaves the range that can be proven.', `a value in [${lo}, ${hi}]`, String(x));
  const size = BigInt(hi) - BigInt(lo) + 1n;
  const offset = (BigInt(x) - BigInt(lo)) % size;
  return Number(offset < 0n ? offset + size : offset) + lo;
}

function compared({ relation }: CompareOperation, a: number, b: number): boolean {
  switch (relation) {
    case 'less':
      return a < b;
    case 'lessOrEqual':
      return a <= b;
    case 'equal':
      return a === b;
    case 'notEqual':
      return a !== b;
  }
}

function divided({ rounding, result }: DivideOperation, a: number, d: number, node: string): number {
  if (d === 0) throw unprovable(node, 'An integer is divided by zero.', 'a divisor other than 0', '0');
  // % is exact on doubles, and so is (a − a % d) / d. Adding 0 turns −0 into 0.
  const truncated = a % d;
  const remainder = rounding === 'floor' && truncated !== 0 && truncated < 0 !== d < 0 ? truncated + d : truncated;
  return (result === 'remainder' ? remainder : (a - remainder) / d) + 0;
}

function bitsOf({ width }: BitsOperation, x: Integers): Integers {
  const result = new Float64Array(width * x.length);
  x.forEach((value, i) => {
    // Two's complement: bit k is the parity of ⌊x / 2^k⌋, also for negative x.
    for (let bit = 0; bit < width; bit++) result[bit * x.length + i] = Math.abs(Math.floor(value / 2 ** bit) % 2);
  });
  return result;
}

function unprovable(node: string, message: string, expected: string, found: string): ZkonnxError {
  return new ZkonnxError('VALUE_UNPROVABLE', { message: `${message} It happens in node "${node}" for this input.`, node, expected, found });
}
