import assert from 'node:assert/strict';
import { it } from 'node:test';
import { encodeModel } from '../onnx/encode.js';
import { GraphBuilder } from '../onnx/testing/graphBuilder.js';
import { run, withSession } from '../runtime/session.js';
import { logistic } from './logistic.js';

it('logistic has the bits of ONNX Runtime’s Sigmoid', async () => {
  const count = 50_000;
  const data = Float32Array.from({ length: count }, (_, index) => (index / count - 0.5) * 44);
  const graph = new GraphBuilder().input('x', 'float32', [count]).node('Sigmoid', ['x'], 'y').output('y', 'float32', [count]).build();
  const results = await withSession({ bytes: encodeModel(graph) }, (session) => run(session, new Map([['x', { type: 'float32', shape: [count], data }]])));
  assert.deepEqual(data.map(logistic), results.get('y')?.data);
});
