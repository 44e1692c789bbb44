import { elementBytes, elementCount, elementsPerWord, isSigned, contextOffset, signalCount, type PublicLayout, type PublicTensor } from '../verify/publicLayout.js';
import { commitmentSignal, publicTensors } from '../verify/packing.js';
import { committedParts, type Committed, type Visibility } from '../verify/visibility.js';

/** Consecutive words of one tensor that hold equally many bytes. */
export interface WordRun {
  readonly tensor: PublicTensor;
  /** Index of the first word among the public signals. */
  readonly firstSignal: number;
  readonly words: number;
  /** Bytes in each word, at most 31. */
  readonly wordBytes: number;
  /** Offset of the first byte among the public bytes of all inputs, or of all outputs. */
  readonly offset: number;
  /** Which bits to flip in each word: the top bit of each signed element. */
  readonly flip: bigint;
}

/** A commitment: 32 bytes, one signal. */
export interface HashRun {
  readonly part: Committed;
  readonly signal: number;
  /** Offset of its first byte in `outputs`, or in `inputs`. */
  readonly offset: number;
}

/** How the public bytes become public signals: the layout, as loops over bytes. */
export interface PackingPlan {
  readonly visibility: Visibility;
  readonly outputs: readonly WordRun[];
  readonly inputs: readonly WordRun[];
  /** Commitments in `outputs`, and in `inputs`. */
  readonly outputHashes: readonly HashRun[];
  readonly inputHashes: readonly HashRun[];
  readonly outputBytes: number;
  readonly inputBytes: number;
  readonly contextSignal: number;
  /** Number of public signals, the context included. */
  readonly signals: number;
}

/** The loops that pack public bytes by a layout: for each tensor one over its full words, and one for what is left. */
export function packingPlan(layout: PublicLayout): PackingPlan {
  const [outputs, inputs] = [publicTensors(layout, 'outputs'), publicTensors(layout, 'inputs')];
  const hashes = (parts: readonly Committed[], start: number): HashRun[] =>
    committedParts(layout.visibility)
      .filter((part) => parts.includes(part))
      .map((part, i) => ({ part, signal: commitmentSignal(layout, part), offset: start + HASH_BYTES * i }));
  const outputHashes = hashes(['outputs'], byteCount(outputs));
  const inputHashes = hashes(['inputs', 'weights'], byteCount(inputs));
  return {
    visibility: layout.visibility,
    outputs: runsOf(outputs),
    inputs: runsOf(inputs),
    outputHashes,
    inputHashes,
    outputBytes: byteCount(outputs) + HASH_BYTES * outputHashes.length,
    inputBytes: byteCount(inputs) + HASH_BYTES * inputHashes.length,
    contextSignal: contextOffset(layout),
    signals: signalCount(layout),
  };
}

const HASH_BYTES = 32;

function runsOf(tensors: readonly PublicTensor[]): WordRun[] {
  return tensors.flatMap((tensor, index) => {
    const size = elementBytes(tensor.type);
    const perWord = elementsPerWord(tensor.type);
    const elements = elementCount(tensor);
    const full = Math.floor(elements / perWord);
    const start = byteCount(tensors.slice(0, index));
    const run = (firstWord: number, words: number, wordBytes: number): WordRun => ({
      tensor,
      firstSignal: tensor.offset + firstWord,
      words,
      wordBytes,
      offset: start + firstWord * perWord * size,
      flip: flipMask(tensor, wordBytes),
    });
    return [run(0, full, perWord * size), run(full, 1, (elements - full * perWord) * size)].filter(({ words, wordBytes }) => words * wordBytes > 0);
  });
}

function byteCount(tensors: readonly PublicTensor[]): number {
  return tensors.reduce((sum, tensor) => sum + elementCount(tensor) * elementBytes(tensor.type), 0);
}

function flipMask({ type }: PublicTensor, wordBytes: number): bigint {
  if (!isSigned(type)) return 0n;
  const size = elementBytes(type);
  return BigInt(`0x0${`80${'00'.repeat(size - 1)}`.repeat(wordBytes / size)}`);
}
