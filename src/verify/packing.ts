/** Tensor values to public signals and back; see publicLayout.ts for the layout. */
import { ZkonnxError } from '../errors/index.js';
import { FIELD_PRIME } from '../r1cs/field.js';
import { commitmentText, parseCommitment, parseFieldElement } from './fieldElement.js';
import { malformedProof, parseDecimal } from './proof.js';
import { contextOffset, elementBytes, elementCount, elementsPerWord, isSigned, signalCount, wordCount, type PublicLayout, type PublicTensor, type PublicType } from './publicLayout.js';
import { committedParts, type Committed } from './visibility.js';

/** Values of a tensor, row-major: a typed array, or integers. */
export type TensorValues = ArrayLike<number> | ArrayLike<bigint>;

/** A value that the requester chose: a bigint, a decimal string, or 0x and up to 64 hexadecimal digits; below r. */
export type Context = bigint | string;

/** Values by tensor name. */
export type TensorsByName = Readonly<Record<string, TensorValues>>;

/** Commitments of what is hashed: bigints, decimal strings, or 0x and up to 64 hexadecimal digits. */
export type Commitments = Readonly<Partial<Record<Committed, bigint | string>>>;

export interface PublicValues {
  readonly layout: PublicLayout;
  /** Empty, or left out, unless the outputs are public. */
  readonly outputs?: TensorsByName | undefined;
  readonly context: Context;
  /** Empty, or left out, unless the inputs are public. */
  readonly inputs?: TensorsByName | undefined;
  /** Of everything that is hashed, and of nothing else. */
  readonly commitments?: Commitments | undefined;
}

/** Typed arrays in the way onnxruntime has them; booleans as bytes. */
export type TypedValues = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | BigUint64Array | BigInt64Array;

export interface UnpackedPublic {
  readonly outputs: Readonly<Record<string, TypedValues>>;
  readonly context: bigint;
  readonly inputs: Readonly<Record<string, TypedValues>>;
  readonly commitments: Readonly<Partial<Record<Committed, bigint>>>;
}

/**
 * The public signals of these values, in the order of the circuit.
 * @throws INPUT_MISSING, INPUT_UNKNOWN, INPUT_SHAPE or INPUT_RANGE for tensors, PROOF_MALFORMED for the context and the commitments.
 */
export function packPublic({ layout, outputs = {}, context, inputs = {}, commitments = {} }: PublicValues): bigint[] {
  const parts = committedParts(layout.visibility);
  const superfluous = Object.keys(commitments).find((part) => !parts.includes(part as Committed));
  if (superfluous !== undefined) throw malformedProof(`there is a commitment of the ${superfluous}, which are not hashed`, parts.join(', ') || 'no commitment', superfluous);
  const side = (part: 'outputs' | 'inputs', values: TensorsByName): bigint[] => {
    if (layout.visibility[part] === 'hashed') return [commitmentOf(part, commitments)];
    return packTensors(publicTensors(layout, part), values);
  };
  return [...side('outputs', outputs), parseContext(context), ...side('inputs', inputs), ...(parts.includes('weights') ? [commitmentOf('weights', commitments)] : [])];
}

/** The tensors of a side whose values are public. */
export function publicTensors(layout: PublicLayout, side: 'outputs' | 'inputs'): readonly PublicTensor[] {
  return layout.visibility[side] === 'public' ? layout[side] : [];
}

function commitmentOf(part: Committed, commitments: Commitments): bigint {
  const value = Object.hasOwn(commitments, part) ? commitments[part] : undefined;
  if (value === undefined) throw malformedProof(`there is no commitment of the ${part}`);
  return parseCommitment(value, `commitment of the ${part}`);
}

/**
 * The values that public signals stand for.
 * @throws PROOF_MALFORMED when there are more or fewer signals than in the layout, or when a word is not the packing of any values.
 */
export function unpackPublic({ layout, publicSignals }: { readonly layout: PublicLayout; readonly publicSignals: readonly (string | bigint)[] }): UnpackedPublic {
  const count = signalCount(layout);
  if (publicSignals.length !== count) throw malformedProof('the number of public signals is not the layout’s', String(count), String(publicSignals.length));
  const words = publicSignals.map((signal, index) => {
    const word = typeof signal === 'bigint' ? signal : parseDecimal(signal);
    if (word === undefined || word < 0n || word >= FIELD_PRIME) throw malformedProof(`public signal ${index} is not a field element`, 'an integer in [0, r)', String(signal).slice(0, 100));
    return word;
  });
  const unpackAll = (side: 'outputs' | 'inputs') => Object.fromEntries(publicTensors(layout, side).map((tensor) => [tensor.name, unpackTensor(tensor, words)]));
  const commitments = Object.fromEntries(committedParts(layout.visibility).map((part) => [part, words[commitmentSignal(layout, part)] as bigint]));
  return { outputs: unpackAll('outputs'), context: words[contextOffset(layout)] as bigint, inputs: unpackAll('inputs'), commitments };
}

/**
 * The public bytes of tensors, as the verifier contract takes them: one tensor after the other, elements big-endian, signed ones
 * in two's complement.
 * @throws INPUT_MISSING, INPUT_UNKNOWN, INPUT_SHAPE, INPUT_RANGE
 */
export function publicBytes({ tensors, values }: { readonly tensors: readonly PublicTensor[]; readonly values: TensorsByName }): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(tensors.reduce((sum, tensor) => sum + elementCount(tensor) * elementBytes(tensor.type), 0));
  let position = 0;
  for (const { tensor, elements } of tensorElements(tensors, values)) {
    const size = elementBytes(tensor.type);
    for (const element of elements) {
      let rest = BigInt.asUintN(8 * size, element);
      for (let index = size - 1; index >= 0; index--, rest >>= 8n) bytes[position + index] = Number(rest & 0xffn);
      position += size;
    }
  }
  return bytes;
}

/** Index of the commitment of a hashed part among the public signals. */
export function commitmentSignal(layout: PublicLayout, part: Committed): number {
  if (part === 'outputs') return 0;
  return part === 'inputs' ? contextOffset(layout) + 1 : signalCount(layout) - 1;
}

/**
 * What the verifier contract takes for the outputs, or for the inputs: the public bytes of public tensors, the 32 bytes of the
 * commitment of hashed ones, nothing for private ones. Behind the inputs stands the commitment of hashed weights.
 * @throws INPUT_MISSING, INPUT_UNKNOWN, INPUT_SHAPE, INPUT_RANGE, PROOF_MALFORMED
 */
export function contractBytes({ layout, side, values = {}, commitments = {} }: { readonly layout: PublicLayout; readonly side: 'outputs' | 'inputs'; readonly values?: TensorsByName | undefined; readonly commitments?: Commitments | undefined }): Uint8Array<ArrayBuffer> {
  const parts = committedParts(layout.visibility).filter((part) => part === side || (part === 'weights' && side === 'inputs'));
  const hex = parts.map((part) => commitmentText(commitmentOf(part, commitments)).slice(2)).join('');
  const hashes = Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  const bytes = publicBytes({ tensors: publicTensors(layout, side), values });
  const all = new Uint8Array(bytes.length + hashes.length);
  all.set(bytes);
  all.set(hashes, bytes.length);
  return all;
}

/** The value of a context. @throws PROOF_MALFORMED when it is not an integer in [0, r). */
export function parseContext(context: Context): bigint {
  const value = parseFieldElement(context);
  if (value === undefined) {
    throw malformedProof('the context is not a field element', 'an integer in [0, r), decimal or 0x and up to 64 hexadecimal digits', String(context).slice(0, 100));
  }
  return value;
}

/**
 * The words of tensors, one tensor after the other.
 * @throws INPUT_MISSING, INPUT_UNKNOWN, INPUT_SHAPE, INPUT_RANGE
 */
export function packTensors(tensors: readonly PublicTensor[], values: TensorsByName): bigint[] {
  return tensorElements(tensors, values).flatMap(({ tensor, elements }) => {
    const perWord = elementsPerWord(tensor.type);
    const bits = BigInt(8 * elementBytes(tensor.type));
    const offset = signOffset(tensor.type);
    return Array.from({ length: wordCount(tensor) }, (_, word) =>
      elements.slice(word * perWord, (word + 1) * perWord).reduce((packed, element) => (packed << bits) | (element + offset), 0n),
    );
  });
}

function unpackTensor(tensor: PublicTensor, words: readonly bigint[]): TypedValues {
  const count = elementCount(tensor);
  const perWord = elementsPerWord(tensor.type);
  const bits = BigInt(8 * elementBytes(tensor.type));
  const offset = signOffset(tensor.type);
  const elements = new Array<bigint>(count);
  for (let word = 0; word < wordCount(tensor); word++) {
    const first = word * perWord;
    let rest = words[tensor.offset + word] as bigint;
    for (let index = Math.min(first + perWord, count) - 1; index >= first; index--, rest >>= bits) {
      const element = BigInt.asUintN(Number(bits), rest) - offset;
      if (tensor.type === 'bool' && element > 1n) throw malformedProof(`a public value of ${tensor.name} is not a boolean`, '0 or 1', String(element));
      elements[index] = element;
    }
    if (rest !== 0n) throw malformedProof(`public signal ${tensor.offset + word} holds more than its elements of ${tensor.name}`);
  }
  return typedValues(tensor.type, elements);
}

function typedValues(type: PublicType, elements: readonly bigint[]): TypedValues {
  if (type === 'int64') return BigInt64Array.from(elements);
  if (type === 'uint64') return BigUint64Array.from(elements);
  const numbers = elements.map(Number);
  const arrays = { bool: Uint8Array, uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array, uint32: Uint32Array, int32: Int32Array } as const;
  return arrays[type].from(numbers);
}

/** What a word adds to an element of the type. */
function signOffset(type: PublicType): bigint {
  return isSigned(type) ? 1n << BigInt(8 * elementBytes(type) - 1) : 0n;
}

function tensorElements(tensors: readonly PublicTensor[], values: TensorsByName): { tensor: PublicTensor; elements: bigint[] }[] {
  for (const name of Object.keys(values)) {
    if (!tensors.some((tensor) => tensor.name === name)) {
      throw new ZkonnxError('INPUT_UNKNOWN', { message: `no public tensor is called ${name}`, expected: tensors.map((tensor) => tensor.name).join(', ') || 'none', found: name });
    }
  }
  return tensors.map((tensor) => {
    const given = Object.hasOwn(values, tensor.name) ? values[tensor.name] : undefined;
    if (given === undefined) throw new ZkonnxError('INPUT_MISSING', { message: `no values for the public tensor ${tensor.name}` });
    const count = elementCount(tensor);
    if (given.length !== count) throw new ZkonnxError('INPUT_SHAPE', { message: `wrong number of values for ${tensor.name}`, expected: `${count} values`, found: `${given.length} values` });
    return { tensor, elements: Array.from(given as ArrayLike<number | bigint>, (value) => toElement(tensor, value)) };
  });
}

function toElement({ name, type }: PublicTensor, value: number | bigint): bigint {
  const bits = BigInt(8 * elementBytes(type));
  const low = isSigned(type) ? -(1n << (bits - 1n)) : 0n;
  const high = type === 'bool' ? 1n : low + (1n << bits) - 1n;
  const integer = typeof value === 'bigint' ? value : Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (integer === undefined || integer < low || integer > high) {
    throw new ZkonnxError('INPUT_RANGE', { message: `a value of ${name} is not of type ${type}`, expected: `an integer in [${low}, ${high}]`, found: String(value) });
  }
  return integer;
}
