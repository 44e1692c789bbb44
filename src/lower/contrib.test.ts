import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertEqualsRuntime } from '../../test/support/compareWithRuntime.js';
import { seeded } from '../../test/support/seeded.js';
import { encodeModel } from '../onnx/encode.js';
import { GraphBuilder, tensor } from '../onnx/testing/graphBuilder.js';
import { run, withSession } from '../runtime/session.js';

const CONTRIB = 'com.microsoft';

describe('quantized operators of com.microsoft equal ONNX Runtime', () => {
  const random = seeded(2);
  const scale = () => Math.fround(0.002 + 0.1 * random());

  for (const type of ['uint8', 'int8'] as const) {
    const zero = () => Math.floor(random() * 256) - (type === 'int8' ? 128 : 0);
    const parameters = (graph: GraphBuilder, name: string) => graph.constant(`${name}_scale`, 'float32', [], [scale()]).constant(`${name}_zero`, type, [], [zero()]);
    const named = (name: string) => [`${name}_scale`, `${name}_zero`];

    for (const opType of ['QLinearAdd', 'QLinearMul']) {
      for (const [aShape, bShape] of [[[2, 90], [2, 90]], [[4, 50], [1]], [[1], [4, 50]], [[5, 1], [5, 40]], [[5, 40], [5, 1]]] as const) {
        it(`${opType} ${type} [${aShape.join(', ')}] [${bShape.join(', ')}]`, async () => {
          const graph = new GraphBuilder().input('a', type, aShape).input('b', type, bShape);
          for (const name of ['a', 'b', 'y']) parameters(graph, name);
          graph.node(opType, ['a', ...named('a'), 'b', ...named('b'), ...named('y')], 'y', {}, CONTRIB);
          await assertEqualsRuntime({ graph: graph.output('y', type, aShape.length >= bShape.length && aShape.at(-1) !== 1 ? aShape : bShape).build(), random });
        });
      }
    }
    for (const opType of ['QLinearSigmoid', 'QLinearLeakyRelu']) {
      it(`${opType} ${type}`, async () => {
        const graph = new GraphBuilder().input('x', type, [300]);
        for (const name of ['x', 'y']) parameters(graph, name);
        graph.node(opType, ['x', ...named('x'), ...named('y')], 'y', opType === 'QLinearLeakyRelu' ? { alpha: { float: 0.2 } } : {}, CONTRIB);
        await assertEqualsRuntime({ graph: graph.output('y', type, [300]).build(), random });
      });
    }
    it(`QLinearGlobalAveragePool ${type}`, async () => {
      const graph = new GraphBuilder().input('x', type, [2, 3, 5, 7]);
      for (const name of ['x', 'y']) parameters(graph, name);
      graph.node('QLinearGlobalAveragePool', ['x', ...named('x'), ...named('y')], 'y', {}, CONTRIB);
      await assertEqualsRuntime({ graph: graph.output('y', type, [2, 3, 1, 1]).build(), random });
    });
    it(`QLinearGlobalAveragePool ${type} with a multiplier at which ONNX Runtime stops is refused`, async () => {
      for (const yScale of [2 ** -10, 2 ** 31]) {
        const graph = new GraphBuilder().input('x', type, [1, 1, 2, 2]).constant('x_scale', 'float32', [], [1]).constant('y_scale', 'float32', [], [yScale]);
        for (const name of ['x', 'y']) graph.constant(`${name}_zero`, type, [], [0]);
        const built = graph.node('QLinearGlobalAveragePool', ['x', ...named('x'), ...named('y')], 'y', {}, CONTRIB).output('y', type, [1, 1, 1, 1]).build();
        await assert.rejects(assertEqualsRuntime({ graph: built, random }), { code: 'OPERATOR_UNSUPPORTED' });
        await assert.rejects(withSession({ bytes: encodeModel(built) }, (session) => run(session, new Map([['x', tensor(type, [1, 1, 2, 2], [1, 2, 3, 4])]]))), { code: 'NATIVE_FAILED' });
      }
    });
    for (const [scaleX, attributes, shape] of [
      [0.25, { kernel_shape: [2, 2], strides: [2, 2] }, [2, 3, 4, 4]],
      [0.0625, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, [2, 3, 8, 8]],
      [0.0625, { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 }, [2, 3, 8, 8]],
      [0.0371, { kernel_shape: [2, 2], strides: [2, 2] }, [2, 3, 4, 4]],
      [0.0371, { kernel_shape: [8, 8] }, [2, 3, 1, 1]],
    ] as const) {
      it(`QLinearAveragePool ${type}, scale ${scaleX}, ${JSON.stringify(attributes)}`, async () => {
        const graph = new GraphBuilder()
          .input('x', type, [2, 3, 8, 8])
          .constant('x_scale', 'float32', [], [scaleX])
          .constant('x_zero', type, [], [zero()])
          .constant('y_scale', 'float32', [], [0.0713])
          .constant('y_zero', type, [], [zero()])
          .node('QLinearAveragePool', ['x', ...named('x'), ...named('y')], 'y', attributes, CONTRIB);
        await assertEqualsRuntime({ graph: graph.output('y', type, shape).build(), random });
      });
    }
    it(`QLinearSoftmax ${type}`, async () => {
      for (const [axis, opset, shape, scaleX, scaleY] of [[-1, 13, [6, 10], 0.1, 1 / 256], [1, 13, [2, 7, 3], 0.031, 1 / 255], [1, 12, [2, 3, 5], 0.007, 0.01], [0, 12, [4, 4], 0.3, 1 / 128]] as const) {
        const graph = new GraphBuilder().input('x', type, shape).constant('x_scale', 'float32', [], [scaleX]).constant('x_zero', type, [], [zero()])
          .constant('y_scale', 'float32', [], [scaleY]).constant('y_zero', type, [], [opset === 13 ? (type === 'int8' ? -128 : 0) : zero()])
          .node('QLinearSoftmax', ['x', ...named('x'), ...named('y')], 'y', { axis, opset }, CONTRIB);
        await assertEqualsRuntime({ graph: graph.output('y', type, shape).build(), random });
      }
    });
    it(`QLinearWhere ${type}`, async () => {
      for (const [c, x, y] of [[[2, 3, 4], [2, 3, 4], [3, 1]], [[4], [1], [2, 3, 4]]] as const) {
        const graph = new GraphBuilder().input('c', 'bool', c).input('a', type, x).input('b', type, y);
        for (const name of ['a', 'b', 'y']) parameters(graph, name);
        const result = random() < 0.5 ? 'y' : 'a';
        graph.node('QLinearWhere', ['c', 'a', ...named('a'), 'b', ...named('b'), ...named(result)], 'y', {}, CONTRIB);
        await assertEqualsRuntime({ graph: graph.output('y', type, [2, 3, 4]).build(), random });
      }
    });
    it(`QLinearConcat ${type}`, async () => {
      const graph = new GraphBuilder().input('a', type, [2, 3, 4]).input('b', type, [2, 5, 4]);
      for (const name of ['a', 'y']) parameters(graph, name);
      graph.node('QLinearConcat', [...named('y'), 'a', ...named('a'), 'b', ...named('y')], 'y', { axis: 1 }, CONTRIB);
      await assertEqualsRuntime({ graph: graph.output('y', type, [2, 8, 4]).build(), random });
    });
  }
});
