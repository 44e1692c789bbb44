/**
 * NumPy's .npy: a magic number, a header that is a Python dictionary, and the elements.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1.0 to 3.0
 */
import { ZkonnxError } from '../../errors/index.js';
import { isInteger, newTensorData } from '../elementType.js';
import { elementCount, type Tensor, type ValueInfo } from '../graph.js';
import { numberOf } from './number.js';
import type { CheckShape } from './target.js';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** The header of a plain array is some hundred bytes. */
const MAX_HEADER = 65_536;
const MAX_RANK = 32;

interface Header {
  /** `<f4`: byte order, kind, bytes. */
  readonly order: string;
  readonly kind: string;
  readonly size: number;
  readonly columnMajor: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly offset: number;
}

/** Whether bytes begin like a .npy file. */
export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((value, index) => bytes[index] === value);
}

/**
 * The tensor of a .npy file for one input. Floats of any width go to a float input, rounded to it; integers and bools to an integer
 * input, whose range they must be in.
 * @throws ZkonnxError INPUT_MALFORMED, INPUT_SHAPE, INPUT_TYPE, INPUT_RANGE
 */
export function tensorFromNpy({ input, bytes, checkShape }: { input: ValueInfo; bytes: Uint8Array; checkShape: CheckShape }): Tensor {
  const header = readHeader(bytes);
  const { kind, size, shape, columnMajor, offset } = header;
  checkShape(input, shape);
  const count = elementCount(shape);
  if (bytes.length - offset !== count * size) throw new ZkonnxError('INPUT_MALFORMED', { message: `The .npy array for the input '${input.name}' is not as long as its header says.`, expected: `${count * size} bytes of elements`, found: String(bytes.length - offset) });
  const whole = kind === 'i' || kind === 'u' || kind === 'b';
  if (whole !== isInteger(input.type)) {
    throw new ZkonnxError('INPUT_TYPE', { message: `The .npy array for the input '${input.name}' holds ${whole ? 'integers' : 'floats'}.`, expected: input.type, found: `${kind}${size}`, fix: whole ? 'Scale it as the model expects it and save it as float32: array.astype(numpy.float32).' : 'Save it as integers.' });
  }
  const read = elementReader(header, new DataView(bytes.buffer, bytes.byteOffset + offset, count * size));
  const data = newTensorData(input.type, count);
  const places = columnMajor ? columnMajorOrder(shape) : undefined;
  for (let index = 0; index < count; index++) data[index] = numberOf(input, read(places === undefined ? index : (places[index] as number)), index) as never;
  return { type: input.type, shape, data };
}

function readHeader(bytes: Uint8Array): Header {
  const malformed = (why: string): ZkonnxError => new ZkonnxError('INPUT_MALFORMED', { message: `The file is not a readable .npy array: ${why}.` });
  if (!isNpy(bytes) || bytes.length < 12) throw malformed('it does not begin as one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = view.getUint8(6);
  if (major < 1 || major > 3) throw malformed(`its version ${major} is not known`);
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER || start + length > bytes.length) throw malformed('its header does not end');
  const text = new TextDecoder().decode(bytes.subarray(start, start + length));
  const [, descr] = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(text) ?? [];
  const [, order] = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text) ?? [];
  const [, list] = /['"]shape['"]\s*:\s*\(([\d\s,]*)\)/.exec(text) ?? [];
  if (descr === undefined || order === undefined || list === undefined) throw malformed('its header has no descr, fortran_order or shape of a plain array');
  const [, byteOrder, kind, digits] = /^([<>|=])([fiub])(\d)$/.exec(descr) ?? [];
  if (byteOrder === undefined || kind === undefined || digits === undefined || !READERS.has(kind + digits)) {
    throw new ZkonnxError('INPUT_TYPE', { message: `The .npy array has elements of type '${descr}'.`, expected: 'floats of 2, 4 or 8 bytes, integers of 1, 2, 4 or 8 bytes, or bools', found: descr });
  }
  const shape = list.split(',').map((part) => part.trim()).filter((part) => part !== '').map(Number);
  if (shape.length > MAX_RANK || !Number.isSafeInteger(elementCount(shape) * 8)) throw malformed('its shape is too large');
  return { order: byteOrder, kind, size: Number(digits), columnMajor: order === 'True', shape, offset: start + length };
}

type Reader = (view: DataView, at: number, little: boolean) => number | bigint;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['f2', (view, at, little) => halfToNumber(view.getUint16(at, little))],
  ['f4', (view, at, little) => view.getFloat32(at, little)],
  ['f8', (view, at, little) => view.getFloat64(at, little)],
  ['i1', (view, at) => view.getInt8(at)],
  ['i2', (view, at, little) => view.getInt16(at, little)],
  ['i4', (view, at, little) => view.getInt32(at, little)],
  ['i8', (view, at, little) => view.getBigInt64(at, little)],
  ['u1', (view, at) => view.getUint8(at)],
  ['u2', (view, at, little) => view.getUint16(at, little)],
  ['u4', (view, at, little) => view.getUint32(at, little)],
  ['u8', (view, at, little) => view.getBigUint64(at, little)],
  ['b1', (view, at) => view.getUint8(at)],
]);

function elementReader({ order, kind, size }: Header, view: DataView): (index: number) => number | bigint {
  const read = READERS.get(`${kind}${size}`) as Reader;
  return (index) => read(view, index * size, order !== '>');
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** For each place in row-major order, the place in column-major order. */
function columnMajorOrder(shape: readonly number[]): Float64Array {
  const places = new Float64Array(elementCount(shape));
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) => elementCount(shape.slice(0, axis)));
  for (let place = 0; place < places.length; place++) {
    places[place] = index.reduce((sum, value, axis) => sum + value * (strides[axis] as number), 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      index[axis] = 0;
    }
  }
  return places;
}
