import { ZkonnxError } from '../errors/index.js';

/** One public tensor, as far as packing is concerned. */
export interface PublicTensor {
  readonly name: string;
  /** Bytes of one element. */
  readonly elementBytes: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  /** Number of elements. */
  readonly elements: number;
}

/**
 * Public layout, version 1. The public signals are the words of the outputs, the context, the words of the inputs. Each tensor
 * starts a new word; a word holds floor(31 / elementBytes) elements, right-aligned, the first one most significant. Signed
 * elements are offset-binary: the top bit of each is flipped.
 */
export interface PublicLayout {
  readonly version: 1;
  /** The public output tensors; private ones are absent. */
  readonly outputs: readonly PublicTensor[];
  /** The public input tensors; private ones are absent. */
  readonly inputs: readonly PublicTensor[];
}

/** Consecutive words of one tensor that hold equally many bytes. */
export interface WordRun {
  readonly tensor: PublicTensor;
  /** Index of the first word among the public signals. */
  readonly firstSignal: number;
  readonly words: number;
  /** Bytes in each word, at most 31. */
  readonly wordBytes: number;
  /** Offset of the first byte among the bytes of all inputs, or of all outputs. */
  readonly offset: number;
  /** Which bits to flip in each word. */
  readonly flip: bigint;
}

/** How the public bytes become public signals. */
export interface PackingPlan {
  readonly outputs: readonly WordRun[];
  readonly inputs: readonly WordRun[];
  readonly outputBytes: number;
  readonly inputBytes: number;
  readonly contextSignal: number;
  /** Number of public signals, the context included. */
  readonly signals: number;
}

/** The words that a layout asks for. Throws ARTIFACT_MALFORMED for a layout that is not one. */
export function packingPlan(layout: PublicLayout): PackingPlan {
  if (layout.version !== 1) {
    throw new ZkonnxError('ARTIFACT_MALFORMED', { message: 'The version of the public layout is not known.', expected: '1', found: String(layout.version) });
  }
  const outputs = runsOf(layout.outputs, 0);
  const inputs = runsOf(layout.inputs, outputs.nextSignal + 1);
  return {
    outputs: outputs.runs,
    inputs: inputs.runs,
    outputBytes: outputs.bytes,
    inputBytes: inputs.bytes,
    contextSignal: outputs.nextSignal,
    signals: inputs.nextSignal,
  };
}

function runsOf(tensors: readonly PublicTensor[], firstSignal: number): { runs: WordRun[]; bytes: number; nextSignal: number } {
  const runs: WordRun[] = [];
  let bytes = 0;
  let nextSignal = firstSignal;
  const add = (tensor: PublicTensor, words: number, wordBytes: number): void => {
    if (words === 0 || wordBytes === 0) return;
    runs.push({ tensor, firstSignal: nextSignal, words, wordBytes, offset: bytes, flip: flipMask(tensor, wordBytes) });
    nextSignal += words;
    bytes += words * wordBytes;
  };
  for (const tensor of tensors) {
    checkTensor(tensor);
    const perWord = Math.floor(31 / tensor.elementBytes);
    const full = Math.floor(tensor.elements / perWord);
    add(tensor, full, perWord * tensor.elementBytes);
    add(tensor, 1, (tensor.elements - full * perWord) * tensor.elementBytes);
  }
  return { runs, bytes, nextSignal };
}

function checkTensor(tensor: PublicTensor): void {
  const known = [1, 2, 4, 8].includes(tensor.elementBytes) && Number.isSafeInteger(tensor.elements) && tensor.elements > 0;
  if (known) return;
  throw new ZkonnxError('ARTIFACT_MALFORMED', {
    message: `The public tensor ${JSON.stringify(tensor.name)} cannot be packed.`,
    expected: 'elements of 1, 2, 4 or 8 bytes, at least one',
    found: `${tensor.elements} elements of ${tensor.elementBytes} bytes`,
  });
}

function flipMask(tensor: PublicTensor, wordBytes: number): bigint {
  if (!tensor.signed) return 0n;
  return BigInt(`0x${`80${'00'.repeat(tensor.elementBytes - 1)}`.repeat(wordBytes / tensor.elementBytes)}`);
}
