import assert from 'node:assert/strict';
import { it } from 'node:test';
import { unportableNodes } from './portability.js';
import { readCore } from './readCore.js';

const nodesOf = (model: string): string[] => unportableNodes(readCore({ model: `examples/digits/${model}`, batch: 1 }).canonical.graph).map(({ node }) => node);

it('products of int8 and int8 are portable, of uint8 and int8 they are not', () => {
  for (const form of ['qoperator', 'qdq']) {
    assert.deepEqual(nodesOf(`cnn.int8.${form}.onnx`), []);
    assert.equal(nodesOf(`cnn.uint8.${form}.onnx`).length, 3, form);
  }
});
