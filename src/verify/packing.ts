/** Tensor values to public signals and back; see publicLayout.ts for the layout. */
import { ZkonnxError } from '../errors/index.js';
import { FIELD_PRIME } from '../r1cs/field.js';
import { malformedProof, parseDecimal } from './proof.js';
import { contextOffset, elementBytes, elementCount, elementsPerWord, isSigned, signalCount, wordCount, type PublicLayout, type PublicTensor, type PublicType } from './publicLayout.js';

/** Values of a tensor, row-major: a typed array, or integers. */
export type TensorValues = ArrayLike<number> | ArrayLike<bigint>;

/** A value that the requester chose: a bigint, a decimal string, or 0x and up to 64 hexadecimal digits; below r. */
export type Context = bigint | string;

/** Values by tensor name. */
export type TensorsByName = Readonly<Record<string, TensorValues>>;

export interface PublicValues {
  readonly layout: PublicLayout;
  readonly outputs: TensorsByName;
  readonly context: Context;
  readonly inputs: TensorsByName;
}

/** Typed arrays in the way onnxruntime has them; booleans as bytes. */
export type TypedValues = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | BigUint64Array | BigInt64Array;

export interface UnpackedPublic {
  readonly outputs: Readonly<Record<string, TypedValues>>;
  readonly context: bigint;
  readonly inputs: Readonly<Record<string, TypedValues>>;
}

/**
 * The public signals of these values, in the order of the circuit.
 * @throws INPUT_MISSING, INPUT_UNKNOWN, INPUT_SHAPE or INPUT_RANGE for tensors, PROOF_MALFORMED for the context.
 */
export function packPublic({ layout, outputs, context, inputs }: PublicValues): bigint[] {
  return [...packTensors(layout.outputs, outputs), parseContext(context), ...packTensors(layout.inputs, inputs)];
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
  const unpackAll = (tensors: readonly PublicTensor[]) => Object.fromEntries(tensors.map((tensor) => [tensor.name, unpackTensor(tensor, words)]));
  return { outputs: unpackAll(layout.outputs), context: words[contextOffset(layout)] as bigint, inputs: unpackAll(layout.inputs) };
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

/** The value of a context. @throws PROOF_MALFORMED when it is not an integer in [0, r). */
export function parseContext(context: Context): bigint {
  const value = typeof context === 'bigint' ? context : typeof context === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(context) ? BigInt(context) : parseDecimal(context);
  if (value === undefined || value < 0n || value >= FIELD_PRIME) {
    throw malformedProof('the context is not a field element', 'an integer in [0, r), decimal or 0x and up to 64 hexadecimal digits', String(context).slice(0, 100));
  }
  return value;
}

function packTensors(tensors: readonly PublicTensor[], values: TensorsByName): bigint[] {
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
