/**
 * Which public signal holds what: layout version 2.
 *
 * The public signals are those of the outputs, then the context, then those of the inputs, then the commitment of the weights where
 * they are hashed. Of public tensors they are the words; of hashed ones, one commitment of all (commitment.ts); of private ones, none.
 *
 * Every tensor starts a new word. A word holds ⌊31 / s⌋ elements of s bytes, right-aligned, the first one most significant; the last
 * word of a tensor may hold fewer. Elements are in row-major order.
 *
 * In a word, elements are offset-binary: an unsigned element is its value, a signed one its value + 2^(8s − 1). Outside of the
 * proof, the *public bytes* of a tensor are its elements one after the other, big-endian, signed ones in two's complement. So a
 * word is its piece of the public bytes, XOR a constant mask with 0x80 at the first byte of each signed element. The public bytes of a
 * commitment are its 32, big-endian.
 *
 * (Version 1 had public tensors only.)
 */
import { ZkonnxError } from '../errors/index.js';
import { ALL_PUBLIC, TENSOR_VISIBILITIES, WEIGHTS_VISIBILITIES, type TensorVisibility, type Visibility } from './visibility.js';

/** Element types of public tensors, with ONNX's names in lower case. */
export type PublicType = 'bool' | 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'uint64' | 'int64';

export interface PublicTensor {
  readonly name: string;
  readonly type: PublicType;
  readonly shape: readonly number[];
  /** Index of its first word among the public signals; where it is hashed, that of its commitment; where it is private, of what follows. */
  readonly offset: number;
}

export interface PublicLayout {
  readonly version: 2;
  readonly visibility: Visibility;
  readonly outputs: readonly PublicTensor[];
  readonly inputs: readonly PublicTensor[];
  /** The tensors that the commitment of the weights is of; none where they are fixed. */
  readonly weights: readonly PublicTensor[];
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

export interface UnplacedLayout {
  /** Default: all is public, and the weights are fixed. */
  readonly visibility?: Visibility | undefined;
  readonly outputs: readonly UnplacedTensor[];
  readonly inputs: readonly UnplacedTensor[];
  readonly weights?: readonly UnplacedTensor[] | undefined;
}

/** Gives the tensors their places. */
export function publicLayout({ visibility = ALL_PUBLIC, outputs, inputs, weights = [] }: UnplacedLayout): PublicLayout {
  let next = 0;
  const place = (tensors: readonly UnplacedTensor[], side: TensorVisibility): PublicTensor[] => {
    const placed = tensors.map((tensor): PublicTensor => {
      const offset = next;
      if (side === 'public') next += wordCount(tensor);
      return { name: tensor.name, type: tensor.type, shape: [...tensor.shape], offset };
    });
    if (side === 'hashed') next++;
    return placed;
  };
  const placedOutputs = place(outputs, visibility.outputs);
  next++;
  const placedInputs = place(inputs, visibility.inputs);
  return { version: 2, visibility: { ...visibility }, outputs: placedOutputs, inputs: placedInputs, weights: visibility.weights === 'hashed' ? place(weights, 'hashed') : [] };
}

/** Public signals of the tensors of one side. */
export function sideSignals(tensors: readonly UnplacedTensor[], visibility: TensorVisibility): number {
  if (visibility === 'public') return tensors.reduce((sum, tensor) => sum + wordCount(tensor), 0);
  return visibility === 'hashed' ? 1 : 0;
}

/** Index of the context among the public signals. */
export function contextOffset({ outputs, visibility }: PublicLayout): number {
  return sideSignals(outputs, visibility.outputs);
}

/** Number of public signals, the context included. */
export function signalCount(layout: PublicLayout): number {
  return contextOffset(layout) + 1 + sideSignals(layout.inputs, layout.visibility.inputs) + Number(layout.visibility.weights === 'hashed');
}

/** Reads a layout from JSON. @throws ARTIFACT_MALFORMED when it is not one, or when its places are not the ones of version 2. */
export function parsePublicLayout(json: unknown): PublicLayout {
  const bad = (message: string): ZkonnxError => new ZkonnxError('ARTIFACT_MALFORMED', { message: `the public layout ${message}` });
  if (!isRecord(json) || json['version'] !== 2) throw bad('is not of version 2');
  const tensors = (value: unknown): PublicTensor[] => {
    if (!Array.isArray(value)) throw bad('has no lists of outputs, inputs and weights');
    return value.map((tensor: unknown) => {
      if (!isTensor(tensor)) throw bad('has a tensor that cannot be public');
      return tensor;
    });
  };
  const visibility = json['visibility'];
  if (!isVisibility(visibility)) throw bad('does not say what is public');
  const layout: PublicLayout = { version: 2, visibility, outputs: tensors(json['outputs']), inputs: tensors(json['inputs']), weights: tensors(json['weights']) };
  if ((visibility.weights === 'fixed') !== (layout.weights.length === 0)) throw bad('has hashed weights without tensors, or tensors of weights that are fixed');
  const placed = publicLayout(layout);
  for (const side of ['outputs', 'inputs', 'weights'] as const) {
    if (layout[side].some((tensor, index) => tensor.offset !== placed[side][index]?.offset)) throw bad('has a tensor at the wrong place');
    if (new Set(layout[side].map(({ name }) => name)).size !== layout[side].length) throw bad('has two tensors of one name');
  }
  return placed;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isVisibility(value: unknown): value is Visibility {
  if (!isRecord(value)) return false;
  const known: readonly unknown[] = TENSOR_VISIBILITIES;
  return known.includes(value['inputs']) && known.includes(value['outputs']) && (WEIGHTS_VISIBILITIES as readonly unknown[]).includes(value['weights']);
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
