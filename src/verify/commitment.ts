/**
 * Commitments to tensors, version 1.
 *
 * The commitment of a list of tensors is the Poseidon chain (src/poseidon) of these field elements:
 *
 *   1. the tag: the ASCII bytes `zkonnx`, the version 1, the kind (1: values, 2: weights), the number of tensors in 4 bytes and the number
 *      of data words in 8, as one big-endian integer;
 *   2. what the tensors are: for each the code of its element type in 1 byte (bool 0, uint8 1, int8 2, uint16 3, int16 4, uint32 5, int32 6,
 *      uint64 7, int64 8) and the number of its elements in 6, four to a big-endian integer of up to 28 bytes;
 *   3. the salt: a field element that nobody can guess, or 0 for none. Without one, whoever can guess the values can check the guess;
 *   4. the words of the tensors, packed as public ones are (publicLayout.ts).
 *
 * The names and shapes do not enter, and inputs and outputs have one kind: the commitment of the outputs of one model is that of the
 * inputs of the next if the values, their types and the salt are the same.
 */
import { poseidonChain } from '../poseidon/poseidon.js';
import { FIELD_PRIME } from '../r1cs/field.js';
import { packTensors, type TensorsByName } from './packing.js';
import { elementCount, wordCount, type PublicTensor, type PublicType } from './publicLayout.js';
import type { Committed } from './visibility.js';

const VERSION = 1n;
const TAG = 0x7a6b6f6e6e78n;
const KINDS = { values: 1n, weights: 2n } as const;
const TYPE_CODES: Readonly<Record<PublicType, bigint>> = { bool: 0n, uint8: 1n, int8: 2n, uint16: 3n, int16: 4n, uint32: 5n, int32: 6n, uint64: 7n, int64: 8n };
const TENSORS_PER_WORD = 4;

type Described = Pick<PublicTensor, 'type' | 'shape'>;

/** The elements in front of the salt: what is committed to, not which values. */
export function commitmentHeader(part: Committed, tensors: readonly Described[]): bigint[] {
  const words = tensors.reduce((sum, tensor) => sum + wordCount(tensor), 0);
  const kind = KINDS[part === 'weights' ? 'weights' : 'values'];
  const tag = (((((TAG << 8n) | VERSION) << 8n) | kind) << 96n) | (BigInt(tensors.length) << 64n) | BigInt(words);
  const descriptions: bigint[] = [];
  for (let first = 0; first < tensors.length; first += TENSORS_PER_WORD) {
    descriptions.push(tensors.slice(first, first + TENSORS_PER_WORD).reduce((word, tensor) => (word << 56n) | (TYPE_CODES[tensor.type] << 48n) | BigInt(elementCount(tensor)), 0n));
  }
  return [tag, ...descriptions];
}

export interface CommitParameters {
  readonly part: Committed;
  readonly tensors: readonly PublicTensor[];
  readonly values: TensorsByName;
  /** In [0, r); 0 for none. */
  readonly salt: bigint;
}

/**
 * The commitment of tensors.
 * @throws INPUT_MISSING, INPUT_UNKNOWN, INPUT_SHAPE, INPUT_RANGE
 */
export function commit({ part, tensors, values, salt }: CommitParameters): bigint {
  if (salt < 0n || salt >= FIELD_PRIME) throw new RangeError('a salt outside of the field');
  return poseidonChain([...commitmentHeader(part, tensors), salt, ...packTensors(tensors, values)]);
}
