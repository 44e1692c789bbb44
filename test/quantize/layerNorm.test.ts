/** LayerNormalization in integers: how near it is to the real one, which is computed here in double precision. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeModel } from '../../src/onnx/decode.js';
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

  for (const [opset, square, gamma] of [[13, 'Pow', true], [14, 'Mul', true], [17, 'two differences', false], [18, 'Pow', true]] as const) {
    it(`spelled out in opset ${opset} (${square}) it becomes what the node of its own becomes`, async () => {
      const shape = [1, 3, 8];
      const input = (): GraphBuilder => new GraphBuilder().input('x', 'float32', shape).constant('g', 'float32', [8], [1, 2, -1, 0.5, 1, 1, 3, 1]).constant('b', 'float32', [8], [0, 1, -1, 0.5, 0, 0, 2, 0]);
      const whole = input().node('LayerNormalization', gamma ? ['x', 'g', 'b'] : ['x', 'ones'], 'y', { epsilon: { float: 1e-3 } }).constant('ones', 'float32', [8], new Array<number>(8).fill(1)).output('y', 'float32', shape).build(18);
      const spelled = input().constant('axes', 'int64', [1], [-1]).constant('two', 'float32', [], [2]).constant('epsilon', 'float32', [], [1e-3]);
      const mean = (from: string, to: string): unknown => (opset < 18 ? spelled.node('ReduceMean', [from], to, { axes: [-1] }) : spelled.node('ReduceMean', [from, 'axes'], to));
      mean('x', 'm');
      spelled.node('Sub', ['x', 'm'], 'd').node('Sub', ['x', 'm'], 'e');
      if (square === 'Pow') spelled.node('Pow', ['d', 'two'], 'p');
      else spelled.node('Mul', ['d', square === 'Mul' ? 'd' : 'e'], 'p');
      mean('p', 'v');
      spelled.node('Add', ['v', 'epsilon'], 'a').node('Sqrt', ['a'], 's').node('Div', ['d', 's'], gamma ? 'n' : 'y');
      if (gamma) spelled.node('Mul', ['n', 'g'], 'h').node('Add', ['h', 'b'], 'y');
      const random = seeded(5);
      const calibration = Array.from({ length: 5 }, () => ({ x: tensor('float32', shape, Array.from({ length: 24 }, () => 4 * random() - 1)) }));
      const results = await Promise.all([whole, spelled.output('y', 'float32', shape).build(opset)].map(async (graph) => {
        const { model } = await quantizeModel({ model: encodeModel(graph), calibration });
        return { operators: decodeModel({ bytes: model }).nodes.map(({ opType }) => opType), outputs: await withSession({ bytes: model }, async (session) => Promise.all(calibration.map(async (set) => (await run(session, new Map(Object.entries(set)))).get('y')?.data))) };
      }));
      assert.deepEqual(results[0], results[1]);
      assert.ok(results[0]?.operators.includes('GreaterOrEqual'));
    });
  }

  it('what only looks like one is none: another tensor is centred, the axes are not the last ones, or squares are cubes', async () => {
    for (const [from, axis, exponent] of [['z', 1, 2], ['x', 0, 2], ['x', 1, 3]] as const) {
      const shape = [3, 4];
      const graph = new GraphBuilder().input('x', 'float32', shape).input('z', 'float32', shape).constant('k', 'float32', [], [exponent]).constant('e', 'float32', [], [0.5])
        .node('ReduceMean', [from], 'm', { axes: [axis] }).node('Sub', ['x', 'm'], 'd').node('Pow', ['d', 'k'], 'p').node('ReduceMean', ['p'], 'v', { axes: [axis] }).node('Abs', ['v'], 'w').node('Add', [exponent === 3 ? 'w' : 'v', 'e'], 'a').node('Sqrt', ['a'], 's').node('Div', ['d', 's'], 'y')
        .output('y', 'float32', shape).build(13);
      const random = seeded(6);
      const set = () => Object.fromEntries(graph.inputs.map(({ name }) => [name, tensor('float32', shape, Array.from({ length: 12 }, () => 2 * random() - 1))]));
      const used = from === 'z' ? graph : { ...graph, inputs: graph.inputs.slice(0, 1) };
      const { model } = await quantizeModel({ model: encodeModel(used), calibration: Array.from({ length: 4 }, () => Object.fromEntries(Object.entries(set()).filter(([name]) => used.inputs.some((input) => input.name === name)))) });
      assert.ok(!decodeModel({ bytes: model }).nodes.some(({ opType }) => opType === 'GreaterOrEqual'), `${from}, ${axis}, ${exponent}`);
    }
  });

  it('rows whose squares do not fit an int64 of a circuit are refused by name', async () => {
    const graph = new GraphBuilder().input('x', 'float32', [1, 1300]).constant('g', 'float32', [1300], new Array<number>(1300).fill(1)).node('LayerNormalization', ['x', 'g'], 'y').output('y', 'float32', [1, 1300]).build(17);
    await assert.rejects(quantizeModel({ model: encodeModel(graph), calibration: [{ x: tensor('float32', [1, 1300], new Array<number>(1300).fill(1)) }] }), /'y_node' \(LayerNormalization\): its rows are too long/);
  });
});
