import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertEqualsRuntime } from '../../test/support/compareWithRuntime.js';
import { seeded } from '../../test/support/seeded.js';
import { lowerGraph } from '../lower/lower.js';
import { bindShapes } from '../onnx/bindShapes.js';
import type { Graph } from '../onnx/graph.js';
import { inferTypes } from '../onnx/inferShapes.js';
import { normalise } from '../onnx/normalise.js';
import { GraphBuilder } from '../onnx/testing/graphBuilder.js';
import type { Operation } from '../program/program.js';
import { joinSteps } from './joinSteps.js';

const [INT8, INT32] = [3, 6];

/** clip((x · factors + offsets) / divisor) − shift, as int8; the dividend may be negative. */
function rescaling({ factors, offsets, divisor, shift, alsoQuotient = false }: { factors: readonly number[]; offsets: readonly number[]; divisor: number; shift: number; alsoQuotient?: boolean }): Graph {
  const shape = [1, 3, 2, 2];
  const per = (values: readonly number[]): number[] => (values.length === 1 ? [] : [values.length, 1, 1]);
  const graph = new GraphBuilder()
    .input('x', 'int8', shape)
    .constant('factors', 'int32', per(factors), factors)
    .constant('offsets', 'int32', per(offsets), offsets)
    .constant('divisor', 'int32', [], [divisor])
    .constant('lo', 'int32', [], [shift - 100])
    .constant('hi', 'int32', [], [shift + 90])
    .constant('shift', 'int32', [], [shift])
    .node('Cast', ['x'], 'wide', { to: INT32 })
    .node('Mul', ['wide', 'factors'], 'product')
    .node('Add', ['product', 'offsets'], 'sum')
    .node('Div', ['sum', 'divisor'], 'quotient')
    .node('Clip', ['quotient', 'lo', 'hi'], 'clipped')
    .node('Sub', ['clipped', 'shift'], 'small')
    .node('Cast', ['small'], 'y', { to: INT8 })
    .output('y', 'int8', shape);
  return (alsoQuotient ? graph.output('quotient', 'int32', shape) : graph).build(13);
}

function kindsOf(graph: Graph): Operation['kind'][] {
  return joinSteps(lowerGraph(normalise(inferTypes(bindShapes(graph))).graph)).operations.map(({ kind }) => kind);
}

describe('joinSteps', () => {
  const cases = [
    { name: 'one function', factors: [29], offsets: [500], divisor: 33, shift: 0 },
    { name: 'one function for each channel', factors: [29, 3, 400], offsets: [500, -7, 9000], divisor: 33, shift: 7 },
    { name: 'offsets alone differ', factors: [5], offsets: [1, 2, 3], divisor: 4, shift: -3 },
    { name: 'channels that are alike beside others', factors: [29, 29, 3], offsets: [0, 0, 0], divisor: 100, shift: 0 },
  ];
  for (const { name, ...rest } of cases) {
    it(`makes one step of a rescaling: ${name}`, async () => {
      const graph = rescaling(rest);
      const kinds = kindsOf(graph);
      assert.ok(!kinds.includes('divide') && !kinds.includes('bilinear'), kinds.join());
      assert.equal(kinds.filter((kind) => kind === 'step').length, 1);
      await assertEqualsRuntime({ graph, runs: 30, random: seeded(11) });
    });
  }

  it('keeps a quotient that is an output, as a step of its own', async () => {
    const graph = rescaling({ factors: [29], offsets: [500], divisor: 33, shift: 0, alsoQuotient: true });
    assert.equal(kindsOf(graph).filter((kind) => kind === 'step').length, 2);
    await assertEqualsRuntime({ graph, runs: 10, random: seeded(5) });
  });

  it('leaves a falling product', async () => {
    const graph = rescaling({ factors: [29, -3, 5], offsets: [500], divisor: 33, shift: 0 });
    assert.ok(kindsOf(graph).includes('bilinear'));
    await assertEqualsRuntime({ graph, runs: 10, random: seeded(6) });
  });

  it('leaves a product that wraps around', async () => {
    const graph = rescaling({ factors: [1 << 25], offsets: [500], divisor: 1 << 20, shift: 0 });
    assert.ok(kindsOf(graph).includes('bilinear'));
    await assertEqualsRuntime({ graph, runs: 10, random: seeded(7) });
  });
});
