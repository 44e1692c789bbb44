/**
 * Which public signal holds what: layout version 1.
 *
 * The public signals are the words of the output tensors, then the context, then the words of the input tensors. Every tensor
 * starts a new word. A word holds ⌊31 / s⌋ elements of s bytes, right-aligned, the first one most significant; the last word of a
 * tensor may hold fewer. Elements are in row-major order.
 *
 * In a word, elements are offset-binary: an unsigned element is its value, a signed one its value + 2^(8s − 1). Outside of the
 * proof, the *public bytes* of a tensor are its elements one after the other, big-endian, signed ones in two's complement. So a
 * word is its piece of the public bytes, XOR a constant mask with 0x80 at the first byte of each signed element.
 */
import { ZkonnxError } from '../errors/index.js';

/** Element types of public tensors, with ONNX's names in lower case. */
export type PublicType = 'bool' | 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'uint64' | 'int64';

export interface PublicTensor {
  readonly name: string;
  readonly type: PublicType;
  readonly shape: readonly number[];
  /** Index of its first word among the public signals. */
  readonly offset: number;
}

export interface PublicLayout {
  readonly version: 1;
  readonly outputs: readonly PublicTensor[];
  readonly inputs: readonly PublicTensor[];
}

/** A tensor before it has a place. */
export type UnplacedTensor = Omit<PublicTensor, 'offset'>;

const WORD_BYTES = 31;

const ELEMENT_BYTES: Readonly<Record<PublicType, 1 | 2 | 4 | 8>> = { bool: 1, uint8: 1, int8: 1, uint16: 2, int16: 2, uint32: 4, int32: 4, uint64: 8, int64: 8 };

/** Bytes of one element. */
export function elementBytes(type: PublicType): 1 | 2 | 4 | 8 {
  return ELEMENT_BYTES[type];
}

export function isSigned(type: PublicType): boolean {
  return type.startsWith('int');
}

/** Elements that one word holds at most. */
export function elementsPerWord(type: PublicType): number {
  return Math.floor(WORD_BYTES / elementBytes(type));
}

export function elementCount({ shape }: Pick<PublicTensor, 'shape'>): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

export function wordCount(tensor: Pick<PublicTensor, 'shape' | 'type'>): number {
  return Math.ceil(elementCount(tensor) / elementsPerWord(tensor.type));
}

/** Gives the tensors their places. */
export function publicLayout({ outputs, inputs }: { readonly outputs: readonly UnplacedTensor[]; readonly inputs: readonly UnplacedTensor[] }): PublicLayout {
  let next = 0;
  const place = (tensor: UnplacedTensor): PublicTensor => {
    const offset = next;
    next += wordCount(tensor);
    return { name: tensor.name, type: tensor.type, shape: [...tensor.shape], offset };
  };
  const placedOutputs = outputs.map(place);
  next++;
  return { version: 1, outputs: placedOutputs, inputs: inputs.map(place) };
}

/** Index of the context among the public signals. */
export function contextOffset({ outputs }: PublicLayout): number {
  return outputs.reduce((sum, tensor) => sum + wordCount(tensor), 0);
}

/** Number of public signals, the context included. */
export function signalCount(layout: PublicLayout): number {
  return contextOffset(layout) + 1 + layout.inputs.reduce((sum, tensor) => sum + wordCount(tensor), 0);
}

/** Reads a layout from JSON. @throws ARTIFACT_MALFORMED when it is not one, or when its places are not the ones of version 1. */
export function parsePublicLayout(json: unknown): PublicLayout {
  const bad = (message: string): ZkonnxError => new ZkonnxError('ARTIFACT_MALFORMED', { message: `the public layout ${message}` });
  if (!isRecord(json) || json['version'] !== 1) throw bad('is not of version 1');
  const tensors = (value: unknown): PublicTensor[] => {
    if (!Array.isArray(value)) throw bad('has no lists of outputs and inputs');
    return value.map((tensor: unknown) => {
      if (!isTensor(tensor)) throw bad('has a tensor that cannot be public');
      return tensor;
    });
  };
  const layout: PublicLayout = { version: 1, outputs: tensors(json['outputs']), inputs: tensors(json['inputs']) };
  const placed = publicLayout(layout);
  for (const side of ['outputs', 'inputs'] as const) {
    if (layout[side].some((tensor, index) => tensor.offset !== placed[side][index]?.offset)) throw bad('has a tensor at the wrong place');
    if (new Set(layout[side].map(({ name }) => name)).size !== layout[side].length) throw bad('has two tensors of one name');
  }
  return placed;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The most elements that a tensor may have; nothing larger can be a public input. */
const MOST_ELEMENTS = 2 ** 31;

function isTensor(value: unknown): value is PublicTensor {
  if (!isRecord(value)) return false;
  const { name, type, shape, offset } = value;
  return (
    typeof name === 'string' &&
    typeof type === 'string' &&
    Object.hasOwn(ELEMENT_BYTES, type) &&
    Number.isSafeInteger(offset) &&
    Array.isArray(shape) &&
    shape.every((dimension: unknown) => Number.isSafeInteger(dimension) && (dimension as number) > 0) &&
    elementCount({ shape: shape as number[] }) <= MOST_ELEMENTS
  );
}
