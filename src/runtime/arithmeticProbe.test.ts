import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeModel } from '../onnx/decode.js';
import type { Tensor, TensorData } from '../onnx/graph.js';
import { probeArithmetic, type RunGraph } from './arithmeticProbe.js';

/** Sums of products as VPMADDUBSW makes them: two neighbours at a time, held to int16. */
function saturating(values: readonly number[], weights: readonly number[]): number {
  let sum = 0;
  for (let k = 0; k < values.length; k += 2) {
    const pair = (values[k] as number) * (weights[k] as number) + (values[k + 1] as number) * (weights[k + 1] as number);
    sum += Math.max(-32_768, Math.min(32_767, pair));
  }
  return sum;
}

/** A runtime on a processor without VNNI, as far as the probes go: every sum is over 64 equal products. */
const withoutVnni: RunGraph = async (model, inputs) => {
  const { nodes, initializers, outputs } = decodeModel({ bytes: model });
  const [{ name, type, shape } = { name: '', type: 'int32' as const, shape: [] }] = outputs;
  if (nodes[0]?.opType === 'QLinearAdd') throw new Error('not looked at here');
  const weight = Number((initializers.get('b') ?? initializers.get('w'))?.data[0]);
  const value = Number([...inputs.values()][0]?.data[0]);
  const sum = saturating(new Array<number>(64).fill(value), new Array<number>(64).fill(weight));
  const result = Math.round(sum / Number(initializers.get('yScale')?.data[0] ?? 1));
  const count = (shape as number[]).reduce((product, size) => product * size, 1);
  return new Map<string, Tensor>([[name, { type, shape: shape as number[], data: new Int32Array(count).fill(result) }]]);
};

/** ONNX Runtime's WebAssembly build, which adds in another order than x86-64 does. */
const webAssembly: RunGraph = async (model, inputs) => {
  const web = await import('onnxruntime-web');
  const session = await web.InferenceSession.create(model, { executionProviders: ['wasm'], graphOptimizationLevel: 'disabled' });
  const feeds = Object.fromEntries([...inputs].map(([name, { type, shape, data }]) => [name, new web.Tensor(type as 'uint8', data as Uint8Array, [...shape])]));
  const results = await session.run(feeds);
  const output = results['y'] as { type: string; dims: readonly number[]; data: unknown };
  return new Map<string, Tensor>([['y', { type: output.type as 'uint8', shape: output.dims, data: output.data as TensorData }]]);
};

describe('the probes of the local arithmetic', () => {
  it('see a processor without VNNI in every operator that multiplies uint8 by int8', async () => {
    const differences = await probeArithmetic(withoutVnni);
    assert.deepEqual(differences.map(({ operators, expected, found }) => [operators[0], expected, found]), [
      ['MatMulInteger', 2_072_640, 1_048_544],
      ['QLinearMatMul', 104, 52],
      ['QLinearConv', 104, 52],
    ]);
    assert.ok(differences.every(({ what }) => what.includes('VNNI')));
  });

  it('see that WebAssembly computes QLinearAdd differently, and the products alike', async () => {
    const differences = await probeArithmetic(webAssembly);
    assert.deepEqual(differences.map(({ operators, expected, found }) => [operators, expected, found]), [[['QLinearAdd'], 3, 4]]);
  });

  it('say nothing where the runtime fails', async () => {
    assert.deepEqual(await probeArithmetic(() => Promise.reject(new Error('no runtime'))), []);
  });
});
