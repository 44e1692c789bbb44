/** What the options of the quantizer change, and what they must not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { GraphBuilder, tensor } from '../../src/onnx/testing/graphBuilder.js';
import { OBSERVERS } from '../../src/quantize/options.js';
import { withoutInternalOperators } from '../../src/quantize/internalOperators.js';
import { rewrite } from '../../src/quantize/rewrites/registry.js';
import { run, withSession } from '../../src/runtime/session.js';
import { portableTwin, weights } from './portableTwin.js';

/** Two convolutions with a Relu and a pool between; the channels of the first are of very different size. */
const uneven = new GraphBuilder()
  .input('x', 'float32', [1, 2, 6, 6])
  .constant('v', 'float32', [4, 2, 3, 3], weights(72, 0.3, 1).map((value, index) => value * [1, 30, 0.05, 4][Math.floor(index / 18)]!))
  .constant('b', 'float32', [4], [0.1, 3, 0.01, -1])
  .constant('w', 'float32', [2, 4, 2, 2], weights(32, 0.3, 2).map((value, index) => value / [1, 30, 0.05, 4][Math.floor(index / 4) % 4]!))
  .node('Conv', ['x', 'v', 'b'], 'c', { kernel_shape: [3, 3] })
  .node('Relu', ['c'], 'r')
  .node('MaxPool', ['r'], 'm', { kernel_shape: [2, 2] })
  .node('Conv', ['m', 'w'], 'y', { kernel_shape: [2, 2] })
  .output('y', 'float32', [1, 2, 2, 2])
  .build();

describe('options', () => {
  it('equalising changes no result of the float model, and saves what one scale for uneven channels loses', async () => {
    const graph = inferTypes(uneven);
    const input = new Map([['x', tensor('float32', [1, 2, 6, 6], weights(72, 1, 5))]]);
    const [before, after] = await Promise.all([{}, { equalise: true }].map((options) => withSession({ bytes: encodeModel(withoutInternalOperators(rewrite(graph, options))) }, (session) => run(session, input))));
    before?.get('y')?.data.forEach((value: number | bigint, index: number) => assert.ok(Math.abs(Number(value) - Number(after?.get('y')?.data[index])) < 1e-4));
    const [plain, equalised] = [await portableTwin({ graph: uneven }), await portableTwin({ graph: uneven, options: { equalise: true } })];
    assert.ok(equalised.decibels > plain.decibels + 6, `${plain.decibels} dB, equalised ${equalised.decibels} dB`);
    assert.deepEqual(equalised.layers.map(({ floatTensor }) => floatTensor), ['x', 'y']);
  });

  it('bias correction moves the mean error of the weights into the bias', async () => {
    // Weights that all round up: 3.5 steps of a scale that the one large weight sets.
    const graph = new GraphBuilder().input('x', 'float32', [4, 32]).constant('w', 'float32', [32, 2], Array.from({ length: 64 }, (_, index) => (index < 2 ? 12.7 : 0.07))).node('MatMul', ['x', 'w'], 'y').output('y', 'float32', [4, 2]).build();
    const shapes = { x: { shape: [4, 32], centre: 3, spread: 0.3 } };
    const [plain, corrected] = [await portableTwin({ graph, shapes }), await portableTwin({ graph, shapes, options: { biasCorrection: true } })];
    assert.ok(corrected.decibels > plain.decibels + 6, `${plain.decibels} dB, corrected ${corrected.decibels} dB`);
  });

  for (const observer of OBSERVERS) {
    it(`the observer ${observer}`, async () => {
      const { decibels } = await portableTwin({ graph: uneven, options: { observer, equalise: true } });
      assert.ok(decibels > (observer === 'movingAverage' ? 15 : 20), `${decibels} dB`);
    });
  }

  it('overrides of single tensors', async () => {
    const { layers } = await portableTwin({ graph: uneven, options: { overrides: { x: { lo: -25.5, hi: 25.5 }, y: { observer: 'percentile' } } } });
    assert.equal(layers.find(({ floatTensor }) => floatTensor === 'x')?.scale, Math.fround(51 / 255));
  });
});
