/** TensorProto → Tensor. Every size that a file declares is checked against the bytes that are there before anything is allocated. */
import { ZkonnxError } from '../errors/index.js';
import { byteLength, elementBits, elementTypeOf, newTensorData } from './elementType.js';
import type { ElementType, Tensor, TensorData } from './graph.js';
import { copyOf, decodeTensorProto, toBigInt, type ProtoTensor } from './proto.js';
import { formatShape } from './shape.js';
import { checkWire } from './wire.js';

/** Where a tensor says that its bytes are, when they are not in the model file. */
export interface ExternalReference {
  readonly location: string;
  readonly offset: number;
  /** Bytes that the type and the shape ask for. */
  readonly expectedLength: number;
  /** Bytes that the file says; absent means up to what the shape asks for. */
  readonly length?: number;
}

export type ReadExternal = (reference: ExternalReference, tensorName: string) => Uint8Array;

/** `data_location` EXTERNAL of TensorProto. */
const EXTERNAL = 1;

/**
 * Reads a TensorProto file (`.pb`), as the ONNX backend tests use them.
 * @throws ZkonnxError INPUT_MALFORMED when the bytes are not a tensor.
 */
export function decodeTensor(source: { bytes: Uint8Array; file?: string }): Tensor {
  return decodeNamedTensor(source).tensor;
}

/** {@link decodeTensor} with the name that the file gives the tensor, which may be ''. */
export function decodeNamedTensor({ bytes, file }: { bytes: Uint8Array; file?: string }): { name: string; tensor: Tensor } {
  try {
    if (bytes.length === 0) throw new Error('it is empty.');
    checkWire({ bytes, message: 'tensor', file });
    const proto = decodeTensorProto(bytes);
    return { name: proto.name ?? '', tensor: tensorFromProto({ proto }) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ZkonnxError('INPUT_MALFORMED', { message: `The file is not a readable ONNX TensorProto: ${reason}`, file, cause });
  }
}

/**
 * The tensor of a TensorProto message.
 * @throws ZkonnxError MODEL_INVALID when sizes and data do not agree, MODEL_EXTERNAL_DATA for data elsewhere, TYPE_UNSUPPORTED for
 * a type that no version of ONNX known here has.
 */
export function tensorFromProto({ proto, readExternal, label }: {
  proto: ProtoTensor;
  readExternal?: ReadExternal | undefined;
  /** What the tensor is, for messages. */
  label?: string;
}): Tensor {
  const name = label ?? (proto.name ? `'${proto.name}'` : 'without a name');
  const number = proto.dataType ?? 0;
  const type = elementTypeOf(number);
  if (type === undefined) throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The tensor ${name} has the element type number ${number}, which is not known.` });
  const shape = shapeFromProto(proto, name);
  const count = countOf(shape, name);
  if (type === 'string') return { type, shape, data: newTensorData(type, 0) };

  const expectedLength = byteLength(type, count);
  if (proto.dataLocation === EXTERNAL) {
    const reference = externalReference(proto, expectedLength, name);
    if (readExternal === undefined) {
      throw new ZkonnxError('MODEL_EXTERNAL_DATA', {
        message: `The data of the tensor ${name} is in the file '${reference.location}', but the model was given as bytes only.`,
        fix: 'Give the path of the model file, or store the weights inside the model (onnx.save with save_as_external_data=False).',
      });
    }
    return { type, shape, data: fromRaw(readExternal(reference, name), type, count) };
  }
  const raw = proto.rawData;
  if (raw !== undefined && raw !== null && raw.length > 0) {
    if (raw.length !== expectedLength) throw sizeMismatch(name, type, shape, `${expectedLength} bytes`, `${raw.length} bytes`);
    return { type, shape, data: fromRaw(raw, type, count) };
  }
  return { type, shape, data: fromTypedField(proto, type, shape, count, name) };
}

function sizeMismatch(name: string, type: ElementType, shape: readonly number[], expected: string, found: string): ZkonnxError {
  return new ZkonnxError('MODEL_INVALID', { message: `The data of the tensor ${name} does not fit its type ${type} and shape ${formatShape(shape)}.`, expected, found });
}

function shapeFromProto(proto: ProtoTensor, name: string): number[] {
  return (proto.dims ?? []).map((value) => {
    const dimension = toBigInt(value);
    if (dimension < 0n || dimension > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new ZkonnxError('MODEL_INVALID', { message: `The tensor ${name} has the dimension ${dimension}.`, expected: 'a size that exists', found: String(dimension) });
    }
    return Number(dimension);
  });
}

function countOf(shape: readonly number[], name: string): number {
  const count = shape.reduce((product, dimension) => product * BigInt(dimension), 1n);
  if (count > 2n ** 48n) {
    throw new ZkonnxError('MODEL_INVALID', { message: `The tensor ${name} of shape ${formatShape(shape)} has ${count} elements, more than any file holds.` });
  }
  return Number(count);
}

function externalReference(proto: ProtoTensor, expectedLength: number, name: string): ExternalReference {
  const entries = new Map((proto.externalData ?? []).map((entry) => [entry.key ?? '', entry.value ?? '']));
  const number = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    if (!/^\d{1,15}$/.test(text)) throw new ZkonnxError('MODEL_EXTERNAL_DATA', { message: `The tensor ${name} has the external-data ${key} '${text.slice(0, 40)}'.`, expected: 'a number of bytes' });
    return Number(text);
  };
  const location = entries.get('location');
  if (location === undefined || location === '') throw new ZkonnxError('MODEL_EXTERNAL_DATA', { message: `The tensor ${name} has external data without a location.` });
  const length = number('length');
  if (length !== undefined && length !== expectedLength) {
    throw new ZkonnxError('MODEL_EXTERNAL_DATA', { message: `The external data of the tensor ${name} has the wrong length.`, expected: `${expectedLength} bytes`, found: `${length} bytes` });
  }
  return { location, offset: number('offset') ?? 0, expectedLength, ...(length === undefined ? {} : { length }) };
}

/** Little-endian bytes → typed array. ONNX files are little-endian, and so is every machine that Node runs on today. */
function fromRaw(raw: Uint8Array, type: ElementType, count: number): TensorData {
  const bits = elementBits(type);
  if (bits < 8) return unpack(raw, type, count);
  // A copy: protobufjs gives a view at any alignment, and typed arrays need theirs.
  const { buffer } = copyOf(raw);
  const data = viewAs(type, buffer);
  return type === 'bool' ? data.map((value: number | bigint) => (value ? 1 : 0) as never) as TensorData : data;
}

function viewAs(type: ElementType, buffer: ArrayBufferLike): TensorData {
  const Constructor = newTensorData(type, 0).constructor as new (buffer: ArrayBuffer) => TensorData;
  return new Constructor(buffer as ArrayBuffer);
}

/** 4-bit and 2-bit elements, the first one in the lowest bits. */
function unpack(raw: Uint8Array, type: ElementType, count: number): TensorData {
  const bits = elementBits(type);
  const perByte = 8 / bits;
  const signed = type === 'int4' || type === 'int2';
  const data = newTensorData(type, count) as Uint8Array | Int8Array;
  for (let index = 0; index < count; index++) {
    const byte = raw[Math.floor(index / perByte)] as number;
    const value = (byte >> (bits * (index % perByte))) & (2 ** bits - 1);
    data[index] = signed && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
  }
  return data;
}

/** The typed fields: several types share one field (see the comments of TensorProto in onnx.proto). */
function fromTypedField(proto: ProtoTensor, type: ElementType, shape: readonly number[], count: number, name: string): TensorData {
  const bits = elementBits(type);
  const expectEntries = (found: number, expected: number): void => {
    if (found !== expected) throw sizeMismatch(name, type, shape, `${expected} values`, `${found} values`);
  };
  if (type === 'float32' || type === 'complex64') {
    const values = proto.floatData ?? [];
    expectEntries(values.length, type === 'float32' ? count : 2 * count);
    return Float32Array.from(values);
  }
  if (type === 'float64' || type === 'complex128') {
    const values = proto.doubleData ?? [];
    expectEntries(values.length, type === 'float64' ? count : 2 * count);
    return Float64Array.from(values);
  }
  if (type === 'int64') {
    const values = proto.int64Data ?? [];
    expectEntries(values.length, count);
    return BigInt64Array.from(values, (value) => toBigInt(value));
  }
  if (type === 'uint64' || type === 'uint32') {
    const values = (proto.uint64Data ?? []).map((value) => toBigInt(value, true));
    expectEntries(values.length, count);
    return type === 'uint64' ? BigUint64Array.from(values) : Uint32Array.from(values, (value) => Number(inRange(value, 0n, 2n ** 32n - 1n, name, type)));
  }
  const values = proto.int32Data ?? [];
  if (bits < 8) {
    expectEntries(values.length, Math.ceil(count / (8 / bits)));
    return unpack(Uint8Array.from(values), type, count);
  }
  expectEntries(values.length, count);
  const data = newTensorData(type, count) as Int32Array;
  const signed = type === 'int8' || type === 'int16' || type === 'int32';
  const lo = signed ? -(2 ** (bits - 1)) : 0;
  const hi = type === 'bool' ? 1 : signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  values.forEach((value, index) => {
    data[index] = Number(inRange(BigInt(value), BigInt(lo), BigInt(hi), name, type));
  });
  return data;
}

function inRange(value: bigint, lo: bigint, hi: bigint, name: string, type: ElementType): bigint {
  if (value < lo || value > hi) throw new ZkonnxError('MODEL_INVALID', { message: `The tensor ${name} of type ${type} has the value ${value}.`, expected: `${lo} to ${hi}`, found: String(value) });
  return value;
}
