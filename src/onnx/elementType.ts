/**
 * The element types of ONNX: their numbers in TensorProto.DataType, their width in a file and how their elements are held here.
 * https://onnx.ai/onnx/api/mapping.html
 */
import type { ElementType, TensorData } from './graph.js';

/** By TensorProto.DataType. Numbers from 17 on are newer than the schema of onnx-proto and arrive as plain numbers. */
const TYPE_BY_NUMBER: readonly (ElementType | undefined)[] = [
  undefined, 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16', 'float64', 'uint32',
  'uint64', 'complex64', 'complex128', 'bfloat16', 'float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz', 'uint4',
  'int4', 'float4e2m1', 'float8e8m0', 'uint2', 'int2',
];

/** The element type of a TensorProto.DataType number, or undefined for a number that this version does not know. */
export function elementTypeOf(number: number): ElementType | undefined {
  return TYPE_BY_NUMBER[number];
}

/** The TensorProto.DataType number of an element type. */
export function dataTypeNumber(type: ElementType): number {
  return TYPE_BY_NUMBER.indexOf(type);
}

const BITS: Readonly<Record<ElementType, number>> = {
  float32: 32, float64: 64, float16: 16, bfloat16: 16,
  uint8: 8, int8: 8, uint16: 16, int16: 16, int32: 32, int64: 64, uint32: 32, uint64: 64,
  bool: 8, string: 0, complex64: 64, complex128: 128,
  float8e4m3fn: 8, float8e4m3fnuz: 8, float8e5m2: 8, float8e5m2fnuz: 8, float8e8m0: 8, float4e2m1: 4,
  uint4: 4, int4: 4, uint2: 2, int2: 2,
};

/** Bits of one element in `raw_data`; 0 for strings, which have no raw form. */
export function elementBits(type: ElementType): number {
  return BITS[type];
}

/** Bytes of `count` elements in `raw_data`. The last byte of a 4-bit or 2-bit tensor may be filled up. */
export function byteLength(type: ElementType, count: number): number {
  return Math.ceil((count * BITS[type]) / 8);
}

/** Types whose elements are integers that zkonnx computes with. */
export function isInteger(type: ElementType): boolean {
  return /^u?int(8|16|32|64)$/.test(type) || type === 'bool';
}

/** The smallest and largest value of the integer types that QuantizeLinear yields and that have a typed array. */
export const QUANTIZED_RANGE = {
  uint8: { lo: 0, hi: 255 },
  int8: { lo: -128, hi: 127 },
  uint16: { lo: 0, hi: 65_535 },
  int16: { lo: -32_768, hi: 32_767 },
} as const satisfies Partial<Record<ElementType, { lo: number; hi: number }>>;

export type QuantizedType = keyof typeof QUANTIZED_RANGE;

/** Whether a type is one that QuantizeLinear yields (8 or 16 bits). */
export function isQuantizedType(type: ElementType): type is QuantizedType {
  return type in QUANTIZED_RANGE;
}

/** A zero-filled array for `length` elements of a type, one entry per element. */
export function newTensorData(type: ElementType, length: number): TensorData {
  switch (type) {
    case 'float32': return new Float32Array(length);
    case 'float64': return new Float64Array(length);
    case 'float16': case 'bfloat16': case 'uint16': return new Uint16Array(length);
    case 'int16': return new Int16Array(length);
    case 'int8': case 'int4': case 'int2': return new Int8Array(length);
    case 'int32': return new Int32Array(length);
    case 'uint32': return new Uint32Array(length);
    case 'int64': return new BigInt64Array(length);
    case 'uint64': return new BigUint64Array(length);
    case 'uint8': case 'bool': case 'uint4': case 'uint2':
    case 'float8e4m3fn': case 'float8e4m3fnuz': case 'float8e5m2': case 'float8e5m2fnuz': case 'float8e8m0': case 'float4e2m1':
      return new Uint8Array(length);
    case 'complex64': return new Float32Array(2 * length);
    case 'complex128': return new Float64Array(2 * length);
    // Strings cannot be proven; the tensor is kept so that an unused one does no harm.
    case 'string': return new Uint8Array(0);
  }
}
