import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Tensor } from '../onnx/graph.js';
import { quantizeEntry } from '../runtime/boundary.js';
import { sampleInputs } from './sampleInputs.js';

const entry = { input: 'x', tensor: 'q', type: 'int8', scale: 0.25, zeroPoint: 10 } as const;
const around = { inputs: [{ name: 'x', type: 'float32', shape: [50, 20] }, { name: 'n', type: 'uint8', shape: [300] }] as const, entries: [entry] };
const samples = (count: number): ReadonlyMap<string, Tensor>[] => [...sampleInputs({ inputs: around.inputs.map((input) => ({ ...input, shape: [...input.shape] })), entries: [...around.entries] }, count)];

it('samples reach the whole range of what the model can tell apart, and are always the same', () => {
  const [first, second] = samples(2);
  assert.ok(first !== undefined && second !== undefined);
  const quantized = quantizeEntry(entry, first.get('x') as Tensor).data as Int8Array;
  assert.ok(Math.min(...quantized) < -120 && Math.max(...quantized) > 120);
  const bytes = first.get('n')?.data as Uint8Array;
  assert.ok(Math.min(...bytes) < 10 && Math.max(...bytes) > 245);
  assert.notDeepEqual(first, second);
  assert.deepEqual(samples(2), [first, second]);
});
