/**
 * How fast this machine is at this moment: a small synthetic model goes the whole road in a temporary folder, and what its stages
 * took is the rate for larger ones.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throwIfAborted } from '../errors/index.js';
import { encodeModel } from '../onnx/encode.js';
import type { Graph, Tensor, ValueInfo } from '../onnx/graph.js';
import { compileModel } from './compileModel.js';
import { proveInputs } from './proveInputs.js';
import { setupModel } from './setupModel.js';

/** Milliseconds of a stage: fixed + perUnit · units. */
export interface Rate {
  readonly fixed: number;
  readonly perUnit: number;
}

/** The unit of compilation is a row; of setup and proof a byte of the proving key, which counts points, entries and the domain by their work. */
export interface Rates {
  readonly compile: Rate;
  readonly setup: Rate;
  /** One proof, with its witness, its verification and reading the key. */
  readonly prove: Rate;
  /** The prover that was measured. */
  readonly backend: string;
  /** Rows of the model that was measured. */
  readonly rows: number;
}

/** Sides of the images: the first run also loads the code, the second is as small without it, the third is the work. */
const SIDES = [2, 2, 24] as const;

/** @throws ZkonnxError CANCELLED, FILE_NOT_WRITTEN */
export async function calibrate({ signal, onProgress }: { readonly signal?: AbortSignal | undefined; readonly onProgress?: ((share: number) => void) | undefined }): Promise<Rates> {
  const folder = await mkdtemp(join(tmpdir(), 'zkonnx-calibration-'));
  try {
    const runs: Run[] = [];
    for (const [index, side] of SIDES.entries()) {
      throwIfAborted(signal);
      onProgress?.(index / SIDES.length);
      runs.push(await measure(join(folder, String(index)), side, signal));
    }
    const [cold, small, large] = runs as [Run, Run, Run];
    const rate = (stage: 'compile' | 'setup' | 'prove', units: 'rows' | 'keyBytes'): Rate => {
      const perUnit = Math.max(0, large[stage] - small[stage]) / (large[units] - small[units]);
      return { fixed: Math.max(0, cold[stage] - perUnit * cold[units]), perUnit };
    };
    return { compile: rate('compile', 'rows'), setup: rate('setup', 'keyBytes'), prove: rate('prove', 'keyBytes'), backend: large.backend, rows: large.rows };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Run {
  /** Milliseconds. */
  readonly compile: number;
  readonly setup: number;
  readonly prove: number;
  readonly rows: number;
  readonly keyBytes: number;
  readonly backend: string;
}

async function measure(folder: string, side: number, signal: AbortSignal | undefined): Promise<Run> {
  const model = `${folder}.onnx`;
  const input = `${folder}.json`;
  await writeFile(model, encodeModel(convolution(side)));
  await writeFile(input, JSON.stringify({ x: { shape: [1, 1, side, side], data: Array.from({ length: side * side }, (_, index) => ((index * 37) % 255) - 127) } }));
  const start = performance.now();
  const { rows } = await compileModel({ model, folder, signal });
  const compiled = performance.now();
  const { provingKey } = await setupModel({ model, folder, key: 'development', signal });
  const setUp = performance.now();
  const { backend } = await proveInputs({ model, folder, inputs: [input], signal });
  const proven = performance.now();
  return { compile: compiled - start, setup: setUp - compiled, prove: proven - setUp, rows, keyBytes: provingKey.bytes, backend };
}

const CHANNELS = 8;

/** One 3 × 3 convolution of an int8 image, which is the work that most rows of a model do. */
function convolution(side: number): Graph {
  const weights = Int8Array.from({ length: CHANNELS * 9 }, (_, index) => ((index * 53) % 253) - 126);
  const scalar = (type: 'int8' | 'float32', value: number): Tensor => ({ type, shape: [], data: type === 'int8' ? Int8Array.of(value) : Float32Array.of(value) });
  const edge = (name: string, channels: number): ValueInfo => ({ name, type: 'int8', shape: [1, channels, side, side] });
  return {
    name: 'calibration',
    inputs: [edge('x', 1)],
    outputs: [edge('y', CHANNELS)],
    initializers: new Map<string, Tensor>([
      ['zero', scalar('int8', 0)],
      ['scale', scalar('float32', 0.02)],
      ['weights', { type: 'int8', shape: [CHANNELS, 1, 3, 3], data: weights }],
      ['weightScale', scalar('float32', 0.007)],
      ['resultScale', scalar('float32', 0.037)],
    ]),
    nodes: [
      {
        name: 'convolution',
        opType: 'QLinearConv',
        domain: '',
        inputs: ['x', 'scale', 'zero', 'weights', 'weightScale', 'zero', 'resultScale', 'zero'],
        outputs: ['y'],
        attributes: new Map([['pads', { kind: 'ints', value: [1n, 1n, 1n, 1n] }]]),
      },
    ],
    opsets: new Map([['', 13]]),
  };
}
