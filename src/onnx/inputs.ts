/** Inputs of a model from JSON or from ONNX TensorProto files. docs/inputs.md has the forms. */
import { readFileSync } from 'node:fs';
import { ZkonnxError, isZkonnxError } from '../errors/index.js';
import { decodeNamedTensor } from './decodeTensor.js';
import { isInteger, newTensorData } from './elementType.js';
import { elementCount, type ElementType, type Tensor, type ValueInfo } from './graph.js';
import { formatShape, sameShape } from './shape.js';

/** An input file: JSON with any of the inputs, or one TensorProto. */
export interface InputFile {
  readonly path: string;
  /** The input that a TensorProto file is for; by default the name in the file, or the only input of the model. */
  readonly name?: string;
}

/**
 * Reads one set of inputs from files; together they must give each input once.
 * @param inputs the graph inputs with their shapes, all dimensions known
 * @throws ZkonnxError FILE_NOT_FOUND, INPUT_MALFORMED, INPUT_MISSING, INPUT_UNKNOWN, INPUT_SHAPE, INPUT_TYPE, INPUT_RANGE
 */
export function readInputs({ inputs, files }: { inputs: readonly ValueInfo[]; files: readonly InputFile[] }): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  for (const file of files) {
    for (const [name, tensor] of readFile(inputs, file)) {
      if (found.has(name)) throw new ZkonnxError('USAGE', { message: `The input '${name}' is given twice.`, file: file.path });
      found.set(name, tensor);
    }
  }
  return complete(inputs, found);
}

/**
 * Inputs from a parsed JSON value: `{ "name": VALUE, … }`, where VALUE is nested arrays or `{ "shape": […], "data": […] }`; or a
 * VALUE alone when the model has one input.
 * @throws ZkonnxError INPUT_MALFORMED, INPUT_MISSING, INPUT_UNKNOWN, INPUT_SHAPE, INPUT_TYPE, INPUT_RANGE
 */
export function inputsFromValues({ inputs, values }: { inputs: readonly ValueInfo[]; values: unknown }): Map<string, Tensor> {
  return complete(inputs, byName(inputs, values));
}

function readFile(inputs: readonly ValueInfo[], { path, name }: InputFile): Map<string, Tensor> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new ZkonnxError('FILE_NOT_FOUND', { message: `The input file '${path}' cannot be read: ${(cause as Error).message}.`, file: path, cause });
  }
  try {
    return isJson(path, bytes) ? fromJson(inputs, bytes, name) : fromTensorFile(inputs, bytes, name);
  } catch (cause) {
    if (isZkonnxError(cause)) throw new ZkonnxError(cause.code, { ...cause.details, message: cause.message, file: path, cause });
    throw cause;
  }
}

/** By the ending of the name; else JSON is what begins like JSON, which no TensorProto does. */
function isJson(path: string, bytes: Uint8Array): boolean {
  if (/\.json$/i.test(path)) return true;
  if (/\.(pb|tensorproto)$/i.test(path)) return false;
  return /^\s*[[{]/.test(new TextDecoder().decode(bytes.subarray(0, 64)));
}

function fromJson(inputs: readonly ValueInfo[], bytes: Uint8Array, name: string | undefined): Map<string, Tensor> {
  let values: unknown;
  try {
    values = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ZkonnxError('INPUT_MALFORMED', { message: `The input is not JSON: ${(cause as Error).message}.`, cause });
  }
  if (name === undefined) return byName(inputs, values);
  const input = named(inputs, name);
  return new Map([[name, tensorFromJson(input, values)]]);
}

function fromTensorFile(inputs: readonly ValueInfo[], bytes: Uint8Array, name: string | undefined): Map<string, Tensor> {
  const { name: ownName, tensor } = decodeNamedTensor({ bytes });
  const [only] = inputs;
  const target = name ?? (inputs.some((input) => input.name === ownName) ? ownName : inputs.length === 1 ? only?.name : undefined);
  if (target === undefined) {
    throw new ZkonnxError('INPUT_UNKNOWN', { message: `The TensorProto is called '${ownName}', but the model has no such input.`, expected: inputs.map((input) => input.name).join(', '), found: ownName || 'no name', fix: 'Say which input it is: --input NAME=FILE.' });
  }
  const input = named(inputs, target);
  checkShape(input, tensor.shape);
  if (tensor.type !== input.type) throw new ZkonnxError('INPUT_TYPE', { message: `The input '${input.name}' has the wrong element type.`, expected: input.type, found: tensor.type });
  return new Map([[target, tensor]]);
}

function byName(inputs: readonly ValueInfo[], values: unknown): Map<string, Tensor> {
  const [only] = inputs;
  if (inputs.length === 1 && only !== undefined && !(isObject(values) && !isFlat(values)) && !(isObject(values) && Object.hasOwn(values, only.name))) {
    return new Map([[only.name, tensorFromJson(only, values)]]);
  }
  if (!isObject(values)) throw new ZkonnxError('INPUT_MALFORMED', { message: 'The inputs are not a JSON object with one entry per input.', expected: inputs.map(({ name }) => name).join(', '), found: Array.isArray(values) ? 'an array' : typeof values });
  return new Map(Object.entries(values).map(([name, value]) => [name, tensorFromJson(named(inputs, name), value)]));
}

function named(inputs: readonly ValueInfo[], name: string): ValueInfo {
  const input = inputs.find((candidate) => candidate.name === name);
  if (input === undefined) throw new ZkonnxError('INPUT_UNKNOWN', { message: `The model has no input called '${name}'.`, expected: inputs.map((candidate) => candidate.name).join(', '), found: name });
  return input;
}

function complete(inputs: readonly ValueInfo[], found: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const missing = inputs.filter(({ name }) => !found.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new ZkonnxError('INPUT_MISSING', { message: `The input${missing.length > 1 ? 's' : ''} ${missing.map((name) => `'${name}'`).join(', ')} of the model ${missing.length > 1 ? 'were' : 'was'} not given.`, expected: inputs.map(({ name }) => name).join(', '), found: [...found.keys()].join(', ') || 'nothing' });
  return new Map(inputs.map(({ name }) => [name, found.get(name) as Tensor]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFlat(value: unknown): value is { shape: unknown; data: unknown } {
  return isObject(value) && Object.hasOwn(value, 'data') && Object.keys(value).every((key) => key === 'shape' || key === 'data');
}

/** ONNX tensors have few dimensions; arrays nested deeper are not tensors. */
const MAX_RANK = 32;

function tensorFromJson(input: ValueInfo, value: unknown): Tensor {
  const elements: unknown[] = [];
  const shape = isFlat(value) ? flatShape(input, value, elements) : nestedShape(input, value, elements);
  checkShape(input, shape);
  const data = newTensorData(input.type, elements.length);
  if (data.length !== elements.length) throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The input '${input.name}' is of type ${input.type}.`, found: input.type });
  elements.forEach((element, index) => { data[index] = numberOf(input, element, index) as never; });
  return { type: input.type, shape, data };
}

function flatShape(input: ValueInfo, { shape, data }: { shape: unknown; data: unknown }, elements: unknown[]): number[] {
  if (!Array.isArray(data)) throw new ZkonnxError('INPUT_MALFORMED', { message: `"data" of the input '${input.name}' is not an array.` });
  const known = shape === undefined ? input.shape : shape;
  if (!Array.isArray(known) || !known.every((dimension): dimension is number => Number.isSafeInteger(dimension) && (dimension as number) >= 0)) {
    throw new ZkonnxError('INPUT_MALFORMED', { message: `"shape" of the input '${input.name}' is not a list of sizes.` });
  }
  if (elementCount(known) !== data.length) throw new ZkonnxError('INPUT_SHAPE', { message: `The input '${input.name}' has ${data.length} values, which do not fit the shape ${formatShape(known)}.`, expected: `${elementCount(known)} values`, found: String(data.length) });
  for (const element of data as unknown[]) elements.push(element);
  return [...known];
}

function nestedShape(input: ValueInfo, value: unknown, elements: unknown[]): number[] {
  const shape: number[] = [];
  for (let level = value; Array.isArray(level); level = (level as unknown[])[0]) {
    shape.push(level.length);
    if (shape.length > MAX_RANK) throw new ZkonnxError('INPUT_MALFORMED', { message: `The input '${input.name}' is nested more than ${MAX_RANK} deep.` });
  }
  const visit = (level: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (Array.isArray(level)) throw ragged();
      elements.push(level);
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[depth]) throw ragged();
    for (const item of level as unknown[]) visit(item, depth + 1);
  };
  const ragged = (): ZkonnxError => new ZkonnxError('INPUT_SHAPE', { message: `The rows of the input '${input.name}' differ in length.`, expected: formatShape(input.shape) });
  visit(value, 0);
  return shape;
}

function checkShape({ name, shape: expected }: ValueInfo, shape: readonly number[]): void {
  if (!sameShape(shape, expected as readonly number[])) throw new ZkonnxError('INPUT_SHAPE', { message: `The input '${name}' has the wrong shape.`, expected: formatShape(expected), found: formatShape(shape) });
}

const INTEGER_RANGE: Partial<Record<ElementType, readonly [lo: bigint, hi: bigint]>> = {
  bool: [0n, 1n],
  uint8: [0n, 255n], int8: [-128n, 127n], uint16: [0n, 65_535n], int16: [-32_768n, 32_767n],
  uint32: [0n, 2n ** 32n - 1n], int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint64: [0n, 2n ** 64n - 1n], int64: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** One JSON element as an element of the input's type. Integers may be strings, which hold more than 53 bits exactly. */
function numberOf({ name, type }: ValueInfo, element: unknown, index: number): number | bigint {
  const where = `Element ${index} of the input '${name}'`;
  if (!isInteger(type)) {
    if (type !== 'float32' && type !== 'float64') throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The input '${name}' is of type ${type}; give it as a TensorProto file.`, found: type });
    if (typeof element !== 'number') throw new ZkonnxError('INPUT_TYPE', { message: `${where} is not a number.`, expected: type, found: JSON.stringify(element) });
    return element;
  }
  const range = INTEGER_RANGE[type] as readonly [bigint, bigint];
  const value = integerOf(element);
  if (value === undefined) throw new ZkonnxError('INPUT_TYPE', { message: `${where} is not an integer.`, expected: type, found: JSON.stringify(element) });
  if (value === 'inexact') throw new ZkonnxError('INPUT_RANGE', { message: `${where} is beyond 2^53, where JSON numbers are no longer exact.`, expected: 'the same number as a string', found: String(element) });
  const [lo, hi] = range;
  if (value < lo || value > hi) throw new ZkonnxError('INPUT_RANGE', { message: `${where} is outside its type ${type}.`, expected: `${lo} to ${hi}`, found: String(value) });
  return type === 'int64' || type === 'uint64' ? value : Number(value);
}

function integerOf(element: unknown): bigint | 'inexact' | undefined {
  if (typeof element === 'boolean') return element ? 1n : 0n;
  if (typeof element === 'string') return /^-?\d{1,20}$/.test(element) ? BigInt(element) : undefined;
  if (typeof element !== 'number' || !Number.isInteger(element)) return undefined;
  return Number.isSafeInteger(element) ? BigInt(element) : 'inexact';
}
