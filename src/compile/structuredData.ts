/**
 * Plain data with typed arrays in it, as JSON beside one block of bytes: `{"$array": ["Int32Array", offset, length]}` stands for
 * an array in the block. Arrays begin at multiples of eight bytes and are little-endian. The same data gives the same bytes.
 */
import { ZkonnxError } from '../errors/index.js';

const KINDS = { Float64Array, Int32Array, Uint32Array, Uint8Array } as const;
type AnyArray = InstanceType<(typeof KINDS)[ArrayKind]>;
type ArrayKind = keyof typeof KINDS;

export interface EncodedData {
  readonly json: Uint8Array;
  readonly block: Uint8Array;
}

/** Encodes data made of objects, arrays, strings, safe numbers, booleans and arrays of the KINDS. */
export function encodeStructured(data: unknown): EncodedData {
  const arrays: Uint8Array[] = [];
  let size = 0;
  const json = JSON.stringify(data, (_, value: unknown) => {
    const kind = kindOf(value);
    if (kind === undefined) return value;
    const array = value as AnyArray;
    const offset = size;
    arrays.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    size += Math.ceil(array.byteLength / 8) * 8;
    return { $array: [kind, offset, array.length] };
  });
  const block = new Uint8Array(size);
  let offset = 0;
  for (const bytes of arrays) {
    block.set(bytes, offset);
    offset += Math.ceil(bytes.length / 8) * 8;
  }
  return { json: new TextEncoder().encode(json), block };
}

/**
 * Decodes what {@link encodeStructured} made. Arrays are copies.
 * @throws ZkonnxError ARTIFACT_MALFORMED
 */
export function decodeStructured({ json, block }: EncodedData, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json), (_, value: unknown) => (isReference(value) ? arrayAt(block, value.$array) : value));
  } catch (cause) {
    throw new ZkonnxError('ARTIFACT_MALFORMED', { message: `${file} is damaged: ${cause instanceof Error ? cause.message : String(cause)}`, file, cause });
  }
}

function kindOf(value: unknown): ArrayKind | undefined {
  return (Object.keys(KINDS) as ArrayKind[]).find((kind) => value instanceof KINDS[kind]);
}

function isReference(value: unknown): value is { $array: [string, number, number] } {
  return typeof value === 'object' && value !== null && '$array' in value && Array.isArray(value.$array);
}

function arrayAt(block: Uint8Array, [kind, offset, length]: [string, number, number]): AnyArray {
  if (!(kind in KINDS)) throw new Error(`unknown array type ${kind}`);
  const constructor = KINDS[kind as ArrayKind];
  const bytes = length * constructor.BYTES_PER_ELEMENT;
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0 || offset + bytes > block.length) {
    throw new Error(`an array of ${length} elements at ${offset} leaves the file`);
  }
  return new constructor(block.slice(offset, offset + bytes).buffer);
}
