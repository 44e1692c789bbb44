/** Operators that are written out as others: the circuit against ONNX Runtime, on the canonical graph and on the original. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertEqualsRuntime } from '../../../test/support/compareWithRuntime.js';
import { seeded } from '../../../test/support/seeded.js';
import { bindShapes } from '../bindShapes.js';
import type { ElementType, Graph } from '../graph.js';
import { inferTypes } from '../inferShapes.js';
import { GraphBuilder } from '../testing/graphBuilder.js';

type Type = 'uint8' | 'int8';

describe('operators written out equal ONNX Runtime', () => {
  const random = seeded(21);
  const scale = () => Math.fround(0.004 + random() / 20);
  const zero = (type: Type) => Math.floor(random() * 200) - (type === 'int8' ? 100 : 0);
  const settled = (graph: Graph): Graph => ({ ...graph, outputs: inferTypes(bindShapes(graph)).outputs });

  /** x → DequantizeLinear → xd → … → v → QuantizeLinear → y, and other outputs. */
  const quantized = (type: Type, shape: readonly number[], apply: (b: GraphBuilder) => GraphBuilder, { opset = 18, others = [] }: { opset?: number; others?: readonly [string, ElementType][] } = {}): Graph => {
    const b = apply(new GraphBuilder().input('x', type, shape).dequantize('x', 'xd', { type, scale: scale(), zeroPoint: zero(type) }));
    b.quantize('v', 'y', { type, scale: scale(), zeroPoint: zero(type) }).output('y', type, []);
    for (const [name, element] of others) b.output(name, element, []);
    return settled(b.build(opset));
  };

  for (const type of ['uint8', 'int8'] as const) {
    for (const opType of ['ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMean', 'ReduceProd', 'ReduceSum', 'ReduceSumSquare']) {
      it(`${opType} of one and of two elements, ${type}`, async () => {
        for (const [axes, keepdims] of [[[1], 1], [[-1, 0], 0], [[0], 1]] as const) {
          await assertEqualsRuntime({ graph: quantized(type, [1, 2, 2], (b) => b.constant('axes', 'int64', [axes.length], axes).node(opType, ['xd', 'axes'], 'v', { keepdims })), random, runs: 3 });
        }
      });
    }

    it(`reductions of a function, ${type}`, async () => {
      const graph = quantized(type, [3, 2], (b) => b.constant('axes', 'int64', [1], [1]).node('Abs', ['xd'], 'a').node('Sqrt', ['a'], 's').node('ReduceMean', ['s', 'axes'], 'm').node('Relu', ['m'], 'v'));
      await assertEqualsRuntime({ graph, random });
    });

    it(`ReduceMean of more elements, ${type}`, async () => {
      for (const [axes, keepdims] of [[[2, 3], 1], [[3, -2], 0], [[1], 0], [[0, -1], 1], [[0, 1, 2, 3], 0]] as const) {
        await assertEqualsRuntime({ graph: quantized(type, [2, 3, 2, 4], (b) => b.constant('axes', 'int64', [axes.length], axes).node('ReduceMean', ['xd', 'axes'], 'v', { keepdims })), random });
      }
    });

    it(`ReduceSum over no axes, ${type}`, async () => {
      await assertEqualsRuntime({ graph: quantized(type, [3, 2], (b) => b.constant('axes', 'int64', [0], []).node('ReduceSum', ['xd', 'axes'], 'v', { noop_with_empty_axes: 1 })), random });
    });

    it(`Hardmax, ${type}`, async () => {
      for (const axis of [0, 1, -1]) await assertEqualsRuntime({ graph: quantized(type, [2, 3, 4], (b) => b.node('Hardmax', ['xd'], 'v', { axis })), random });
      for (const axis of [1, 2]) await assertEqualsRuntime({ graph: quantized(type, [2, 3, 4], (b) => b.node('Hardmax', ['xd'], 'v', { axis }), { opset: 12 }), random });
    });

    it(`OneHot of float indices, ${type}`, async () => {
      for (const axis of [0, 1, -1]) {
        const graph = new GraphBuilder().input('x', type, [3, 2]).dequantize('x', 'xd', { type, scale: 0.5, zeroPoint: 10 }).constant('depth', 'float32', [], [40]).constant('values', 'float32', [2], [-0.5, 2])
          .node('OneHot', ['xd', 'depth', 'values'], 'v', { axis }).quantize('v', 'y', { type, scale: 0.25, zeroPoint: 3 }).output('y', type, []).build(13);
        await assertEqualsRuntime({ graph: settled(graph), random, runs: 6 });
      }
    });

    for (const reduction of ['add', 'mul', 'max', 'min']) {
      it(`scatters with ${reduction}, ${type}`, async () => {
        const scatter = (opType: string, indexShape: readonly number[], indices: readonly number[], updates: readonly number[], attributes = {}) => quantized(type, [4, 3], (b) =>
          b.input('u', type, updates).dequantize('u', 'ud', { type, scale: scale(), zeroPoint: zero(type) }).constant('indices', 'int64', indexShape, indices).node(opType, ['xd', 'indices', 'ud'], 'v', { reduction, ...attributes }));
        await assertEqualsRuntime({ graph: scatter('ScatterElements', [2, 3], [1, 0, -1, 2, 3, 0], [2, 3]), random });
        await assertEqualsRuntime({ graph: scatter('ScatterND', [2, 1], [3, 1], [2, 3]), random });
        // A place that is named twice: only maxima and minima of three tensors are exact.
        if (reduction.startsWith('m') && reduction !== 'mul') await assertEqualsRuntime({ graph: scatter('ScatterND', [3, 1], [3, 1, 3], [3, 3]), random });
      });
    }

    it(`MaxPool with indices, ${type}`, async () => {
      for (const attributes of [{ kernel_shape: [2, 2], strides: [2, 2] }, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, { kernel_shape: [3, 2], auto_pad: 'SAME_LOWER', storage_order: 1 }, { kernel_shape: [2, 2], dilations: [2, 2], ceil_mode: 1, strides: [2, 1] }]) {
        const graph = quantized(type, [2, 2, 5, 6], (b) => b.node('MaxPool', ['xd'], ['v', 'places'], attributes), { others: [['places', 'int64']] });
        await assertEqualsRuntime({ graph, random, runs: 2 });
      }
    });
  }

  it('floats cast to integers are rounded towards zero', async () => {
    for (const to of [3, 6, 7]) {
      const graph = settled(new GraphBuilder().input('x', 'int8', [40]).dequantize('x', 'xd', { type: 'int8', scale: Math.fround(0.37), zeroPoint: 5 }).node('Cast', ['xd'], 'y', { to }).output('y', ({ 3: 'int8', 6: 'int32', 7: 'int64' } as const)[to] as ElementType, [40]).build());
      assert.ok((await assertEqualsRuntime({ graph, random })) > 0);
    }
  });
});
