/** A model of 50,000 nodes, most of whose time goes into ONNX Runtime's own loading. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { encodeModel } from '../../src/onnx/encode.js';
import { tensor } from '../../src/onnx/testing/graphBuilder.js';
import { quantizeModel } from '../../src/quantize/quantizeModel.js';
import { longChain } from './longChain.js';

it('quantizes 50,000 nodes', async () => {
  const { model, layers } = await quantizeModel({ model: encodeModel(longChain(50_000)), calibration: [{ x: tensor('float32', [1, 4], [1, -2, 3, -4]) }] });
  // The whole chain is one table.
  assert.ok(model.length < 5000, `${model.length} bytes`);
  assert.deepEqual(layers.map(({ floatTensor }) => floatTensor), ['x', 't49999', 'y']);
});
