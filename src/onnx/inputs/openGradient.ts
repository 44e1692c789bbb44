/**
 * The tensors of OpenGradient's inference contract as JSON: `{ "numbers": [{ "name", "values": [{ "value", "decimals" }, …], "shape" }] }`.
 * A number is value / 10^decimals, both integers (int128 in the contract, so strings where JSON would round them).
 * https://github.com/OpenGradient/sdk, TensorLib in src/opengradient/contracts/og_inference/OGInference.sol
 */
import { ZkonnxError } from '../../errors/index.js';
import { isInteger, newTensorData } from '../elementType.js';
import type { Tensor, ValueInfo } from '../graph.js';
import { numberOf } from './number.js';
import { shapeOf, targetInput, type CheckShape } from './target.js';

interface FixedPointTensor {
  readonly name?: unknown;
  readonly values: readonly unknown[];
  readonly shape?: unknown;
}

interface FixedPointDocument {
  readonly numbers: readonly unknown[];
  readonly strings?: unknown;
}

/** Whether a value has the form of one tensor of numbers. */
export function isFixedPointTensor(value: unknown): value is FixedPointTensor {
  return isObject(value) && Array.isArray(value['values']) && Object.keys(value).every((key) => key === 'name' || key === 'values' || key === 'shape');
}

/** Whether a value has the form of a whole set of tensors. */
export function isFixedPointDocument(value: unknown): value is FixedPointDocument {
  return isObject(value) && Array.isArray(value['numbers']) && Object.keys(value).every((key) => key === 'numbers' || key === 'strings');
}

/** @throws ZkonnxError INPUT_MALFORMED, INPUT_UNKNOWN, INPUT_SHAPE, INPUT_TYPE, INPUT_RANGE, USAGE for a tensor given twice */
export function fixedPointTensors({ inputs, document: { numbers, strings }, checkShape }: {
  inputs: readonly ValueInfo[];
  document: FixedPointDocument;
  checkShape: CheckShape;
}): Map<string, Tensor> {
  if (Array.isArray(strings) && strings.length > 0) throw new ZkonnxError('INPUT_TYPE', { message: 'Tensors of strings cannot be proven.', expected: 'numbers only', found: `${strings.length} in "strings"` });
  const found = new Map<string, Tensor>();
  for (const tensor of numbers) {
    if (!isFixedPointTensor(tensor)) throw new ZkonnxError('INPUT_MALFORMED', { message: 'An entry of "numbers" is not a tensor.', expected: '{ "name", "values", "shape" }' });
    const input = targetInput({ inputs, name: undefined, ownName: typeof tensor.name === 'string' ? tensor.name : '', what: 'tensor' });
    if (found.has(input.name)) throw new ZkonnxError('USAGE', { message: `The input '${input.name}' is given twice.` });
    found.set(input.name, fixedPointTensor({ input, tensor, checkShape }));
  }
  return found;
}

/** @throws ZkonnxError INPUT_MALFORMED, INPUT_SHAPE, INPUT_TYPE, INPUT_RANGE */
export function fixedPointTensor({ input, tensor: { values, shape }, checkShape }: { input: ValueInfo; tensor: FixedPointTensor; checkShape: CheckShape }): Tensor {
  const known = shapeOf(input, shape, values.length);
  checkShape(input, known);
  const data = newTensorData(input.type, values.length);
  values.forEach((value, index) => { data[index] = numberOf(input, fixedPointNumber(input, value, index), index) as never; });
  return { type: input.type, shape: known, data };
}

/** int128 has 39 digits. */
const DIGITS = /^-?\d{1,39}$/;
const MAX_DECIMALS = 400;

/** The number as text: an integer for integer inputs, else the nearest float64, which is then rounded to the input's type. */
function fixedPointNumber(input: ValueInfo, number: unknown, index: number): unknown {
  const pair = Array.isArray(number) && number.length === 2 ? (number as [unknown, unknown]) : isObject(number) ? [number['value'], number['decimals']] : undefined;
  const [value, decimals] = (pair ?? []).map(wholeNumber);
  if (value === undefined || decimals === undefined) throw new ZkonnxError('INPUT_MALFORMED', { message: `Element ${index} of the input '${input.name}' is not a number of value and decimals.`, expected: '{ "value": 15, "decimals": 1 } for 1.5; whole numbers, as strings beyond 2^53', found: JSON.stringify(number) });
  const places = Number(decimals);
  if (places < 0 || places > MAX_DECIMALS) throw new ZkonnxError('INPUT_RANGE', { message: `Element ${index} of the input '${input.name}' has ${decimals} decimals.`, expected: `0 to ${MAX_DECIMALS}`, found: decimals });
  if (!isInteger(input.type)) return Number(`${value}e-${places}`);
  const digits = value.replace(/^-?/, '');
  const fraction = digits.slice(Math.max(0, digits.length - places));
  // A fraction of zeros is none; what is left over is for numberOf to refuse.
  return places === 0 ? BigInt(value) : /^0*$/.test(fraction) ? BigInt(value) / 10n ** BigInt(places) : Number(`${value}e-${places}`);
}

/** The digits of a whole number that JSON holds exactly. */
function wholeNumber(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
  return typeof value === 'string' && DIGITS.test(value) ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
