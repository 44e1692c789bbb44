/** LayerNormalization in integers: how near it is to the real one, which is computed here in double precision. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeModel } from '../../src/onnx/encode.js';
import { GraphBuilder, tensor } from '../../src/onnx/testing/graphBuilder.js';
import { quantizeModel } from '../../src/quantize/quantizeModel.js';
import { run, withSession } from '../../src/runtime/session.js';
import { seeded } from '../support/seeded.js';

/** Rounding, and what roots, slopes and offsets in integers may add. */
const STEPS = 0.5 + 1 / 8;
const EPSILON = Math.fround(1e-5);

describe('LayerNormalization in integers', () => {
  for (const [length, spread] of [[2, 1], [3, 0.01], [16, 5], [64, 1e-4], [64, 300], [768, 2], [1280, 1]] as const) {
    it(`a row of ${length} elements of about ±${spread} is right but for ${STEPS} steps`, async () => {
      const random = seeded(length);
      const row = (factor = 1): number[] => Array.from({ length }, () => 2 * factor * (2 * random() - 0.7) * spread);
      const [gamma, beta] = [row().map((value) => value / spread), row().map((value) => value / spread)];
      const set = (values: readonly number[]) => ({ x: tensor('float32', [1, length], values) });
      const graph = new GraphBuilder().input('x', 'float32', [1, length]).constant('g', 'float32', [length], gamma).constant('b', 'float32', [length], beta)
        .node('LayerNormalization', ['x', 'g', 'b'], 'n').node('Identity', ['n'], 'y').output('y', 'float32', [1, length]).build(17);
      // Rows that hardly vary, that do not, and with one element far from all others.
      const rows = [...Array.from({ length: 8 }, () => row()), row(0.02), new Array<number>(length).fill(spread), row(0.01).map((value, index) => (index === 1 ? 2 * spread : value))];
      const { model, layers } = await quantizeModel({ model: encodeModel(graph), calibration: rows.map(set), options: { observer: 'minMax' } });
      const parameters = (name: string) => layers.find(({ floatTensor }) => floatTensor === name) as (typeof layers)[number];
      const [x, n] = [parameters('x'), parameters('n')];
      const [lo, hi] = [-128, 127].map((end) => n.scale * (end - n.zeroPoint)) as [number, number];
      await withSession({ bytes: model }, async (session) => {
        for (const given of [...rows, row(), row()]) {
          const values = given.map((value) => x.scale * (Math.min(Math.max(Math.round(value / x.scale) + x.zeroPoint, -128), 127) - x.zeroPoint));
          const mean = values.reduce((sum, value) => sum + value, 0) / length;
          const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length + EPSILON);
          const found = (await run(session, new Map(Object.entries(set(values))))).get('y');
          values.forEach((value, index) => {
            const real = Math.fround(gamma[index] as number) * ((value - mean) / deviation) + Math.fround(beta[index] as number);
            const steps = Math.abs(Number(found?.data[index]) - Math.min(Math.max(real, lo), hi)) / n.scale;
            assert.ok(steps <= STEPS, `element ${index}: ${steps} steps`);
          });
        }
      });
    });
  }

  it('rows whose squares do not fit an int64 of a circuit are refused by name', async () => {
    const graph = new GraphBuilder().input('x', 'float32', [1, 1300]).constant('g', 'float32', [1300], new Array<number>(1300).fill(1)).node('LayerNormalization', ['x', 'g'], 'y').output('y', 'float32', [1, 1300]).build(17);
    await assert.rejects(quantizeModel({ model: encodeModel(graph), calibration: [{ x: tensor('float32', [1, 1300], new Array<number>(1300).fill(1)) }] }), /'y_node' \(LayerNormalization\): its rows are too long/);
  });
});
