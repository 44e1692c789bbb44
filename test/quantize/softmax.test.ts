/** Softmax in integers: how near it is to the real one, which is computed here in double precision. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeModel } from '../../src/onnx/encode.js';
import { GraphBuilder, tensor } from '../../src/onnx/testing/graphBuilder.js';
import { quantizeModel } from '../../src/quantize/quantizeModel.js';
import { run, withSession } from '../../src/runtime/session.js';
import { seeded } from '../support/seeded.js';
import { portableTwin } from './portableTwin.js';

/** Rounding, and what the table and the fraction may add. */
const STEPS = 0.5 + 2 / 32;

describe('Softmax in integers', () => {
  for (const [length, spread] of [[1, 1], [2, 0.1], [2, 30], [3, 2], [16, 1], [64, 0.01], [64, 8], [1200, 1], [1200, 20], [5000, 0.3]] as const) {
    it(`a row of ${length} elements up to ±${spread} is right but for ${STEPS} steps`, async () => {
      const random = seeded(length);
      const row = (): number[] => Array.from({ length }, () => (2 * random() - 1) * spread);
      const set = (values: readonly number[]) => ({ x: tensor('float32', [1, length], values) });
      const graph = new GraphBuilder().input('x', 'float32', [1, length]).node('Softmax', ['x'], 's').node('Identity', ['s'], 'y').output('y', 'float32', [1, length]).build();
      // The ends of the range are among the inputs, so that results can have any value.
      const calibration = [...Array.from({ length: 8 }, row), [spread, ...new Array<number>(length - 1).fill(-spread)], [-spread, ...new Array<number>(length - 1).fill(spread)]];
      const { model, layers } = await quantizeModel({ model: encodeModel(graph), calibration: calibration.map(set) });
      const parameters = (name: string) => layers.find(({ floatTensor }) => floatTensor === name) as (typeof layers)[number];
      const [x, s] = [parameters('x'), parameters('s')];
      await withSession({ bytes: model }, async (session) => {
        for (const given of [...calibration, row(), row()]) {
          const values = given.map((value) => x.scale * (Math.min(Math.max(Math.round(value / x.scale) + x.zeroPoint, -128), 127) - x.zeroPoint));
          const exponentials = values.map((value) => Math.exp(value - Math.max(...values)));
          const total = exponentials.reduce((sum, value) => sum + value, 0);
          const found = (await run(session, new Map(Object.entries(set(values))))).get('y');
          exponentials.forEach((value, index) => {
            const expected = Math.min(value / total, s.scale * (127 - s.zeroPoint));
            const steps = Math.abs(Number(found?.data[index]) - expected) / s.scale;
            assert.ok(steps <= STEPS + 1e-4, `element ${index}: ${steps} steps`);
          });
        }
      });
    });
  }

  it('one that is an output keeps its meaning where the file has an older opset', async () => {
    const graph = new GraphBuilder().input('x', 'float32', [2, 3, 4]).node('Tanh', ['x'], 't').node('Softmax', ['t'], 'y').output('y', 'float32', [2, 3, 4]).build(11);
    assert.ok((await portableTwin({ graph })).decibels > 30);
  });
});
