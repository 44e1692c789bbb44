/** What the options of the quantizer change, and what they must not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { decodeModel } from '../../src/onnx/decode.js';
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
    const [plain, corrected] = [await portableTwin({ graph, shapes, options: { rounding: 'nearest', biasCorrection: false } }), await portableTwin({ graph, shapes, options: { rounding: 'nearest' } })];
    assert.ok(corrected.decibels > plain.decibels + 6, `${plain.decibels} dB, corrected ${corrected.decibels} dB`);
  });

  it('bias correction knows where padding is', async () => {
    // Weights that all round down, of which corners read less than half.
    const graph = new GraphBuilder().input('x', 'float32', [1, 1, 4, 4]).constant('w', 'float32', [1, 1, 3, 3], [0.13, 0.13, 0.13, 0.13, 12.7, 0.13, 0.13, 0.13, 0.13]).node('Conv', ['x', 'w'], 'y', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }).output('y', 'float32', [1, 1, 4, 4]).build();
    const { model } = await portableTwin({ graph, shapes: { x: { shape: [1, 1, 4, 4], centre: 3, spread: 0.01 } }, options: { rounding: 'nearest', overrides: { x: { lo: 0, hi: 25.5 } } } });
    const bias = [...decodeModel({ bytes: model }).initializers].find(([name]) => name.endsWith('_bias'))?.[1].data[0];
    const scaled = [...decodeModel({ bytes: model }).initializers].find(([name]) => name === 'y_weights_scale')?.[1].data[0];
    const kernel = [...decodeModel({ bytes: model }).initializers].find(([name]) => name === 'y_weights')?.[1].data as Int8Array;
    // Each of the 16 places reads 9 elements less those outside; 84 of the 128 that lie around are inside.
    const lost = (84 / 16) * 3 * (0.13 - Number(scaled) * (kernel[0] as number)) + 3 * (12.7 - Number(scaled) * (kernel[4] as number));
    assert.ok(Math.abs(Number(bias) * Number(scaled) * Math.fround(0.1) - lost) < 0.02 * Math.abs(lost) + 0.005, `${Number(bias) * Number(scaled) * 0.1}, expected ${lost}`);
  });

  it('weights are rounded so that their errors cancel where inputs go together', async () => {
    // One picture, brighter or darker, so that only one sum of the weights counts; and one large weight, which sets their scale.
    const base = weights(32, 1, 9).map((value, index) => (index === 0 ? 0.01 : value));
    const graph = new GraphBuilder().input('x', 'float32', [8, 1]).constant('p', 'float32', [1, 32], base).node('MatMul', ['x', 'p'], 'm').constant('w', 'float32', [32, 2], weights(64, 1, 8).map((value, index) => (index < 2 ? 5 : value))).node('MatMul', ['m', 'w'], 'y').output('y', 'float32', [8, 2]).build();
    const [nearest, together] = [await portableTwin({ graph, options: { rounding: 'nearest', observer: 'minMax' } }), await portableTwin({ graph, options: { observer: 'minMax' } })];
    assert.ok(together.decibels > nearest.decibels + 0.5, `${nearest.decibels} dB, together ${together.decibels} dB`);
  });

  it('the default observer is the one with the smallest error on the calibration inputs, and all that were tried are named', async () => {
    const { observers, model } = await portableTwin({ graph: uneven });
    assert.deepEqual(new Set(observers.map(({ observer }) => observer)), new Set(['minMax', 'percentile', 'meanSquaredError']));
    const errors = observers.map(({ relativeError }) => relativeError as number);
    assert.ok(errors.every((error) => error > 0) && errors.every((error, index) => index === 0 || error >= (errors[index - 1] as number)));
    const alone = await portableTwin({ graph: uneven, options: { observer: observers[0]?.observer as 'minMax' } });
    assert.deepEqual(alone.model, model);
    assert.deepEqual((await portableTwin({ graph: uneven, samples: 8 })).observers, [{ observer: 'minMax' }]);
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
