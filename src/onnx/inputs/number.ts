/** One number of a file as an element of an input. */
import { ZkonnxError } from '../../errors/index.js';
import { isInteger } from '../elementType.js';
import type { ElementType, ValueInfo } from '../graph.js';

const INTEGER_RANGE: Partial<Record<ElementType, readonly [lo: bigint, hi: bigint]>> = {
  bool: [0n, 1n],
  uint8: [0n, 255n], int8: [-128n, 127n], uint16: [0n, 65_535n], int16: [-32_768n, 32_767n],
  uint32: [0n, 2n ** 32n - 1n], int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint64: [0n, 2n ** 64n - 1n], int64: [-(2n ** 63n), 2n ** 63n - 1n],
};

/**
 * One element as the input's type. Integers may be strings, which hold more than 53 bits exactly.
 * @throws ZkonnxError INPUT_TYPE, INPUT_RANGE, TYPE_UNSUPPORTED
 */
export function numberOf(input: ValueInfo, element: unknown, index: number): number | bigint {
  const { name, type } = input;
  if (isInteger(type)) return integerOf(input, element, index);
  if (type !== 'float32' && type !== 'float64') throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The input '${name}' is of type ${type}; give it as a TensorProto file.`, found: type });
  if (typeof element !== 'number') throw new ZkonnxError('INPUT_TYPE', { message: `Element ${index} of the input '${name}' is not a number.`, expected: type, found: JSON.stringify(element) });
  return element;
}

function integerOf({ name, type }: ValueInfo, element: unknown, index: number): number | bigint {
  const where = `Element ${index} of the input '${name}'`;
  const range = INTEGER_RANGE[type] as readonly [bigint, bigint];
  const value = exactInteger(element);
  if (value === undefined) throw new ZkonnxError('INPUT_TYPE', { message: `${where} is not an integer.`, expected: type, found: typeof element === 'bigint' ? String(element) : JSON.stringify(element) });
  if (value === 'inexact') throw new ZkonnxError('INPUT_RANGE', { message: `${where} is beyond 2^53, where JSON numbers are no longer exact.`, expected: 'the same number as a string', found: String(element) });
  const [lo, hi] = range;
  if (value < lo || value > hi) throw new ZkonnxError('INPUT_RANGE', { message: `${where} is outside its type ${type}.`, expected: `${lo} to ${hi}`, found: String(value) });
  return type === 'int64' || type === 'uint64' ? value : Number(value);
}

function exactInteger(element: unknown): bigint | 'inexact' | undefined {
  if (typeof element === 'bigint') return element;
  if (typeof element === 'boolean') return element ? 1n : 0n;
  if (typeof element === 'string') return /^-?\d{1,20}$/.test(element) ? BigInt(element) : undefined;
  if (typeof element !== 'number' || !Number.isInteger(element)) return undefined;
  return Number.isSafeInteger(element) ? BigInt(element) : 'inexact';
}
