/** Rows at the ends of int8, which no calibration input has: each has a proof, and every runtime computes it alike. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import { GraphBuilder, tensor } from '../../src/onnx/testing/graphBuilder.js';
import { quantizeModel } from '../../src/quantize/quantizeModel.js';
import { compareGraph } from '../fuzz/compare.js';
import { seeded } from '../support/seeded.js';

const ROWS: readonly ((index: number) => number)[] = [() => 127, () => -128, (index) => (index % 2 === 0 ? -128 : 127), (index) => (index === 0 ? 127 : -128), (index) => (index === 0 ? -128 : 127), (index) => (index === 0 ? 1 : 0)];

describe('rows at the ends of int8', () => {
  for (const operator of ['Softmax', 'LayerNormalization']) {
    for (const [length, spread] of [[2, 1], [16, 1e-3], [16, 1], [16, 1e3], [200, 1]] as const) {
      it(`${operator} of ${length} elements that were calibrated within ±${spread}`, async () => {
        const random = seeded(length);
        const shape = [1, length];
        const builder = new GraphBuilder().input('x', 'float32', shape).constant('g', 'float32', [length], Array.from({ length }, (_, index) => (index % 3) - 1.3));
        builder.node(operator, operator === 'Softmax' ? ['x'] : ['x', 'g'], 's').node('Identity', ['s'], 'y').output('y', 'float32', shape);
        const calibration = Array.from({ length: 4 }, () => ({ x: tensor('float32', shape, Array.from({ length }, () => (2 * random() - 1) * spread)) }));
        const { model } = await quantizeModel({ model: encodeModel(builder.build(17)), calibration });
        const { graph } = normalise(inferTypes(decodeModel({ bytes: model })));
        const name = graph.inputs[0]?.name as string;
        const comparison = await compareGraph(graph, ROWS.map((value) => new Map([[name, tensor('int8', shape, Array.from({ length }, (_, index) => value(index)))]])));
        assert.ok(comparison.verdict === 'compared', JSON.stringify(comparison));
        assert.deepEqual([comparison.witnesses, comparison.violatedRow, comparison.outputs.map(({ differing, onWeb }) => [differing, onWeb])], [ROWS.length, undefined, [[0, ROWS.length * length]]]);
      });
    }
  }
});
