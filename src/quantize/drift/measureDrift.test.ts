import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isZkonnxError } from '../../errors/index.js';
import { bindShapes } from '../../onnx/bindShapes.js';
import type { Tensor, TypedGraph } from '../../onnx/graph.js';
import { inferTypes } from '../../onnx/inferShapes.js';
import { readModel } from '../../onnx/readModel.js';
import { GraphBuilder, tensor } from '../../onnx/testing/graphBuilder.js';
import { readDigits } from '../../../test/support/digits.js';
import { overallDrift, type OutputDrift } from './driftReport.js';
import { assertDrift } from './gate.js';
import { measureDrift, type DriftModel } from './measureDrift.js';

const near = (found: number | null | undefined, expected: number, places: number): void => assert.ok(Math.abs((found ?? NaN) - expected) <= 0.5001 * 10 ** -places, `${found}, expected ${expected}`);
const model = (graph: TypedGraph): DriftModel => ({ name: 'model.onnx', bytes: 1, graph });

describe('the drift of what ONNX Runtime’s quantizer makes', () => {
  const { images, labels, heldOut } = readDigits();
  const inputs = heldOut.map((index) => new Map([['input', tensor('float32', [1, 1, 8, 8], [...(images[index] as Float32Array)])]]));
  const accuracy = JSON.parse(readFileSync('examples/digits/accuracy.json', 'utf8')) as { models: Record<string, Row> };
  interface Row {
    readonly heldOut: { readonly correct?: number; readonly score: number; readonly rootMeanSquaredError?: number };
    readonly drift: { readonly maxAbsoluteError: number; readonly meanAbsoluteError: number; readonly signalToNoiseDb: number; readonly meanCosine: number; readonly sameLargest: number };
  }
  const read = (file: string): DriftModel => model(inferTypes(bindShapes(readModel(`examples/digits/${file}`).graph)));

  // The figures of record were computed by NumPy (scripts/models/evaluate.py) from what ONNX Runtime's Python package gives.
  for (const name of ['mlp', 'cnn', 'separable', 'autoencoder']) {
    it(`${name} is as NumPy says`, async () => {
      const file = `${name}.int8.qoperator.onnx`;
      const right = name === 'autoencoder' ? inputs.map((set) => (set.get('input') as Tensor).data as Float32Array) : heldOut.map((index) => labels[index] as number);
      const report = await measureDrift({ float: read(`${name}.float.onnx`), quantized: read(file), layers: [], sets: [{ name: 'evaluation', inputs, labels: right }] });
      const { outputs: [output], task } = report.sets[0] ?? assert.fail('no set');
      const { drift, heldOut: row } = accuracy.models[file] as Row;
      near(output?.maxAbsoluteError, drift.maxAbsoluteError, 5);
      near(output?.meanAbsoluteError, drift.meanAbsoluteError, 5);
      near(output?.signalToNoise, drift.signalToNoiseDb, 1);
      near(output?.cosine, drift.meanCosine, 5);
      if (row.correct !== undefined) near(output?.top1Agreement, drift.sameLargest, 4);
      assert.equal(task?.quantized.right, row.correct);
      near(task?.quantized.score, row.score, 4);
      if (row.rootMeanSquaredError !== undefined) near(task?.quantized.rootMeanSquaredError, row.rootMeanSquaredError, 5);
    });
  }
});

describe('drift by hand', () => {
  // The float model doubles; the quantized one does so in steps of 0.5 up to ±63.5, and adds 0.5.
  const float = inferTypes(new GraphBuilder().input('x', 'float32', [1, 3]).constant('two', 'float32', [], [2]).node('Mul', ['x', 'two'], 'inner').node('Identity', ['inner'], 'y').output('y', 'float32', [1, 3]).build());
  const quantized = inferTypes(new GraphBuilder().input('x', 'float32', [1, 3]).constant('two', 'float32', [], [2]).constant('scale', 'float32', [], [0.5]).constant('zero', 'int8', [], [-1]).constant('other', 'int8', [], [0])
    .node('Mul', ['x', 'two'], 'product').node('QuantizeLinear', ['product', 'scale', 'other'], 'q').node('DequantizeLinear', ['q', 'scale', 'zero'], 'y').output('y', 'float32', [1, 3]).build());
  const layers = [{ node: 'inner_node', floatTensor: 'inner', quantizedTensor: 'q', scale: 0.5, zeroPoint: 0 }, { node: 'gone', floatTensor: 'nowhere', quantizedTensor: 'q', scale: 1, zeroPoint: 0 }];
  const measure = (values: readonly (readonly number[])[], labels?: readonly number[]) => measureDrift({
    float: model(float), quantized: model(quantized), layers, sets: [{ name: 'calibration', inputs: values.map((row) => new Map([['x', tensor('float32', [1, 3], [...row])]])), labels }],
  });

  it('collects errors, ranks and layers', async () => {
    // 2x: 0, 2, 4 and 6, 6, 100; quantized and moved: 0.5, 2.5, 4.5 and 6.5, 6.5, 64 (clipped at 63.5).
    const report = await measure([[0, 1, 2], [3, 3, 50]], [2, 0]);
    const { outputs: [y], layers: [inner, ...others], task } = report.sets[0] ?? assert.fail('no set');
    assert.deepEqual(others, []);
    assert.equal(y?.maxAbsoluteError, 36);
    near(y?.meanAbsoluteError, (5 * 0.5 + 36) / 6, 9);
    const relative = Math.sqrt((5 * 0.25 + 36 ** 2) / (4 + 16 + 36 + 36 + 10_000));
    near(y?.relativeError, relative, 9);
    near(y?.signalToNoise, -20 * Math.log10(relative), 9);
    near(y?.cosine, ((2 * 2.5 + 4 * 4.5) / Math.sqrt(20 * (0.25 + 6.25 + 20.25)) + (6 * 6.5 * 2 + 6400) / Math.sqrt(10_072 * (84.5 + 4096))) / 2, 9);
    assert.equal(y?.top1Agreement, 1);
    assert.equal(y?.top5Agreement, undefined);
    assert.deepEqual(y?.histogram.counts.reduce((sum, count) => sum + count, 0), 6);
    assert.deepEqual(y?.sample.at(-1), [100, 64]);
    assert.equal(inner?.maxAbsoluteError, 36.5);
    assert.equal(inner?.clipped, 1 / 6);
    assert.equal(inner?.operator, 'Mul');
    near(inner?.ownSignalToNoise, 10 * Math.log10(10_092 / 36.5 ** 2), 9);
    assert.deepEqual([task?.float, task?.quantized, task?.lossPoints], [{ score: 0.5, right: 1 }, { score: 0.5, right: 1 }, 0]);
    assert.equal(overallDrift(report), y?.relativeError);
  });

  it('has no figures where there is nothing to compare', async () => {
    const { outputs: [y], layers: [inner] } = (await measure([[0, 0, 0]])).sets[0] ?? assert.fail('no set');
    assert.deepEqual([y?.relativeError, y?.signalToNoise, y?.cosine], [null, null, 0]);
    assert.deepEqual([inner?.relativeError, inner?.signalToNoise, inner?.ownSignalToNoise, inner?.maxAbsoluteError], [null, null, null, 0]);
    assert.equal(overallDrift(await measure([[0, 0, 0]])), Infinity);
  });

  it('refuses labels that do not fit', async () => {
    for (const labels of [[], [3], [-1], [0.5]]) await assert.rejects(measure([[0, 1, 2]], labels), (error) => isZkonnxError(error) && error.code === 'USAGE');
  });

  it('is a gate', async () => {
    const report = await measure([[0, 1, 2]]);
    const drift = (report.sets[0]?.outputs[0] as OutputDrift).relativeError as number;
    assertDrift(report, drift);
    assert.throws(() => assertDrift(report, drift * 0.99), (error) => isZkonnxError(error) && error.code === 'DRIFT_EXCEEDED' && error.exitStatus === 4);
  });
});
