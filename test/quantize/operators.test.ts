/** Every operator that the quantizer handles, alone or with what it needs, against the float model and in the circuit. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Graph } from '../../src/onnx/graph.js';
import { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import { attention, transformerBlock } from './attention.js';
import { portableTwin, weights, type InputShape } from './portableTwin.js';

interface Case {
  readonly name: string;
  readonly graph: Graph;
  readonly shapes?: Readonly<Record<string, InputShape>>;
  /** The least signal to noise that 8 bits must keep; default 30. */
  readonly decibels?: number;
}

const IMAGE = [1, 3, 6, 6];
const image = (): GraphBuilder => new GraphBuilder().input('x', 'float32', IMAGE);
const CONV = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

function conv(builder: GraphBuilder, input: string, output: string, { m, c, attributes = CONV, kernel = [3, 3], seed = 3, bias = true }: { m: number; c: number; attributes?: Readonly<Record<string, number | readonly number[]>>; kernel?: readonly number[]; seed?: number; bias?: boolean }): GraphBuilder {
  const count = m * c * kernel.reduce((a, b) => a * b, 1);
  builder.constant(`${output}_w`, 'float32', [m, c, ...kernel], weights(count, 1 / Math.sqrt(count / m), seed));
  if (bias) builder.constant(`${output}_b`, 'float32', [m], weights(m, 0.5, seed + 100));
  return builder.node('Conv', [input, `${output}_w`, ...(bias ? [`${output}_b`] : [])], output, attributes);
}

/** Each row of scores sees its own element and those before. */
function causal(form: 'Add' | 'Add of −∞' | 'Where' | 'Where not'): Graph {
  const later = Array.from({ length: 36 }, (_, flat) => flat % 6 > Math.floor(flat / 6));
  const builder = new GraphBuilder().input('x', 'float32', [2, 6, 6]).constant('k', 'float32', [], [0.5]).node('Mul', ['x', 'k'], 'm').constant('lowest', 'float32', [], [-3.4e38]);
  if (form.startsWith('Add')) builder.constant('mask', 'float32', [1, 6, 6], later.map((hidden) => (hidden ? (form === 'Add' ? -1e4 : -Infinity) : 0))).node('Add', ['m', 'mask'], 's');
  else builder.constant('mask', 'bool', [6, 6], later.map((hidden) => Number(hidden === (form === 'Where not')))).node('Where', form === 'Where' ? ['mask', 'm', 'lowest'] : ['mask', 'lowest', 'm'], 's');
  return builder.node('Softmax', ['s'], 'p', { axis: -1 }).node('MatMul', ['p', 'm'], 'y').output('p', 'float32', [2, 6, 6]).output('y', 'float32', [2, 6, 6]).build();
}

const CASES: readonly Case[] = [
  { name: 'Conv', graph: conv(image(), 'x', 'y', { m: 4, c: 3 }).output('y', 'float32', [1, 4, 6, 6]).build() },
  { name: 'Conv without bias, strides, dilations', graph: conv(image(), 'x', 'y', { m: 4, c: 3, bias: false, attributes: { kernel_shape: [3, 3], strides: [2, 2], dilations: [2, 2], pads: [2, 2, 2, 2] } }).output('y', 'float32', [1, 4, 3, 3]).build() },
  { name: 'depthwise Conv', graph: conv(image(), 'x', 'y', { m: 6, c: 1, attributes: { ...CONV, group: 3 } }).output('y', 'float32', [1, 6, 6, 6]).build() },
  { name: 'Conv of one dimension', graph: conv(new GraphBuilder().input('x', 'float32', [2, 3, 9]), 'x', 'y', { m: 4, c: 3, kernel: [3], attributes: { kernel_shape: [3] } }).output('y', 'float32', [2, 4, 7]).build() },
  { name: 'Conv, batch norm, Relu', graph: conv(image(), 'x', 'c', { m: 4, c: 3 }).constant('s', 'float32', [4], [1, 0.5, 2, -1]).constant('t', 'float32', [4], [0, 1, -1, 0.5]).constant('m', 'float32', [4], [0.1, 0.2, 0, -0.5]).constant('v', 'float32', [4], [1, 2, 0.5, 1]).node('BatchNormalization', ['c', 's', 't', 'm', 'v'], 'n').node('Relu', ['n'], 'y').output('y', 'float32', [1, 4, 6, 6]).build() },
  { name: 'batch norm alone', graph: image().constant('s', 'float32', [3], [1, 0.5, -2]).constant('t', 'float32', [3], [0, 1, -1]).constant('m', 'float32', [3], [0.1, 0.2, 0]).constant('v', 'float32', [3], [1, 2, 0.5]).node('BatchNormalization', ['x', 's', 't', 'm', 'v'], 'y').output('y', 'float32', IMAGE).build() },
  { name: 'batch norm before Conv without padding', graph: conv(image().constant('s', 'float32', [3], [1, 0.5, -2]).constant('t', 'float32', [3], [0, 1, -1]).constant('m', 'float32', [3], [0.1, 0.2, 0]).constant('v', 'float32', [3], [1, 2, 0.5]).node('BatchNormalization', ['x', 's', 't', 'm', 'v'], 'n'), 'n', 'y', { m: 2, c: 3, attributes: { kernel_shape: [3, 3] } }).output('y', 'float32', [1, 2, 4, 4]).build() },
  { name: 'ConvTranspose', graph: image().constant('w', 'float32', [3, 2, 3, 3], weights(54, 0.3, 4)).constant('b', 'float32', [2], [0.5, -1]).node('ConvTranspose', ['x', 'w', 'b'], 'y', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] }).output('y', 'float32', [1, 2, 12, 12]).build() },
  { name: 'ConvTranspose in groups, batch norm', graph: new GraphBuilder().input('x', 'float32', [1, 4, 3, 3]).constant('w', 'float32', [4, 2, 2, 2], weights(32, 0.3, 4)).node('ConvTranspose', ['x', 'w'], 'c', { kernel_shape: [2, 2], strides: [2, 2], group: 2 }).constant('s', 'float32', [4], [1, 0.5, 2, -1]).constant('t', 'float32', [4], [0, 1, -1, 0.5]).constant('m', 'float32', [4], [0.1, 0.2, 0, -0.5]).constant('v', 'float32', [4], [1, 2, 0.5, 1]).node('BatchNormalization', ['c', 's', 't', 'm', 'v'], 'y').output('y', 'float32', [1, 4, 6, 6]).build() },
  { name: 'Gemm', graph: new GraphBuilder().input('x', 'float32', [2, 8]).constant('w', 'float32', [8, 5], weights(40, 0.4, 5)).constant('b', 'float32', [5], weights(5, 1, 6)).node('Gemm', ['x', 'w', 'b'], 'y', { alpha: { float: 0.5 }, beta: { float: 2 } }).output('y', 'float32', [2, 5]).build() },
  { name: 'Gemm, both factors turned', graph: new GraphBuilder().input('x', 'float32', [8, 2]).constant('w', 'float32', [5, 8], weights(40, 0.4, 5)).node('Gemm', ['x', 'w'], 'y', { transA: 1, transB: 1 }).output('y', 'float32', [2, 5]).build() },
  { name: 'Gemm of two tensors with a computed bias', graph: new GraphBuilder().input('x', 'float32', [2, 6]).input('z', 'float32', [4, 6]).input('c', 'float32', [2, 4]).node('Gemm', ['x', 'z', 'c'], 'y', { transB: 1, alpha: { float: 0.25 }, beta: { float: 1.5 } }).output('y', 'float32', [2, 4]).build() },
  { name: 'MatMul by weights, then Add', graph: new GraphBuilder().input('x', 'float32', [2, 3, 8]).constant('w', 'float32', [8, 5], weights(40, 0.4, 5)).constant('b', 'float32', [5], weights(5, 1, 6)).node('MatMul', ['x', 'w'], 'm').node('Add', ['m', 'b'], 'y').output('y', 'float32', [2, 3, 5]).build() },
  { name: 'MatMul by weights on the left', graph: new GraphBuilder().input('x', 'float32', [4, 3]).constant('w', 'float32', [5, 4], weights(20, 0.4, 5)).node('MatMul', ['w', 'x'], 'y').output('y', 'float32', [5, 3]).build(), decibels: 25 },
  { name: 'MatMul of two tensors', graph: new GraphBuilder().input('x', 'float32', [2, 3, 8]).input('z', 'float32', [2, 8, 4]).node('MatMul', ['x', 'z'], 'm').constant('k', 'float32', [], [0.35]).node('Mul', ['m', 'k'], 'y').output('y', 'float32', [2, 3, 4]).build() },
  { name: 'residual Add, Relu', graph: conv(image(), 'x', 'c', { m: 3, c: 3 }).node('Add', ['x', 'c'], 's').node('Relu', ['s'], 'y').output('y', 'float32', IMAGE).build() },
  { name: 'Sub with broadcasting', graph: new GraphBuilder().input('x', 'float32', [2, 3, 4]).input('z', 'float32', [3, 1]).node('Sub', ['x', 'z'], 'y').output('y', 'float32', [2, 3, 4]).build() },
  { name: 'Mul of two tensors', graph: new GraphBuilder().input('x', 'float32', [2, 12]).input('z', 'float32', [2, 12]).node('Mul', ['x', 'z'], 'y').output('y', 'float32', [2, 12]).build() },
  { name: 'Div of two tensors', graph: new GraphBuilder().input('x', 'float32', [2, 12]).input('z', 'float32', [2, 12]).node('Div', ['x', 'z'], 'y').output('y', 'float32', [2, 12]).build(), shapes: { z: { shape: [2, 12], centre: 4, spread: 0.5 }, x: { shape: [2, 12] } } },
  { name: 'squeeze and excite', graph: conv(image(), 'x', 'c', { m: 4, c: 3 }).node('GlobalAveragePool', ['c'], 'g').node('Sigmoid', ['g'], 's').node('Mul', ['c', 's'], 'y').output('y', 'float32', [1, 4, 6, 6]).build() },
  { name: 'Add, Mul, Div, Sub by constants along an axis', graph: image().constant('a', 'float32', [3, 1, 1], [1, -2, 3]).constant('m', 'float32', [3, 1, 1], [0.5, 2, 1.5]).node('Add', ['x', 'a'], 'p').node('Div', ['p', 'm'], 'q').node('Sub', ['a', 'q'], 'y').output('y', 'float32', IMAGE).build() },
  { name: 'Add of a constant that makes the result larger', graph: new GraphBuilder().input('x', 'float32', [1, 4]).constant('a', 'float32', [3, 4], weights(12, 1, 8)).node('Add', ['x', 'a'], 'y').output('y', 'float32', [3, 4]).build() },
  { name: 'Sum and Mean of three', graph: new GraphBuilder().input('a', 'float32', [2, 5]).input('b', 'float32', [2, 5]).input('c', 'float32', [5]).node('Sum', ['a', 'b', 'c'], 'y').node('Mean', ['a', 'b', 'c'], 'z').output('y', 'float32', [2, 5]).output('z', 'float32', [2, 5]).build() },
  ...['Sigmoid', 'Tanh', 'HardSwish', 'HardSigmoid', 'Elu', 'LeakyRelu', 'Softplus', 'Erf', 'Exp', 'Abs', 'Selu', 'Celu', 'Softsign', 'Mish', 'Sin', 'Cos', 'Atan', 'ThresholdedRelu', 'Neg', 'Sinh', 'Asinh', 'Round'].map((op): Case => ({
    name: op,
    graph: new GraphBuilder().input('x', 'float32', [2, 20]).node(op, ['x'], 'y').output('y', 'float32', [2, 20]).build(18),
    ...(op === 'ThresholdedRelu' || op === 'Round' ? { decibels: 15 } : {}),
  })),
  ...['Sqrt', 'Log', 'Reciprocal'].map((op): Case => ({ name: op, graph: new GraphBuilder().input('x', 'float32', [2, 20]).node(op, ['x'], 'y').output('y', 'float32', [2, 20]).build(18), shapes: { x: { shape: [2, 20], centre: 5, spread: 0.8 } } })),
  { name: 'Gelu', graph: new GraphBuilder().input('x', 'float32', [2, 20]).node('Gelu', ['x'], 'y', { approximate: 'tanh' }).output('y', 'float32', [2, 20]).build(20) },
  { name: 'Gelu spelled out with Erf', graph: new GraphBuilder().input('x', 'float32', [2, 20]).constant('r', 'float32', [], [Math.SQRT2]).constant('one', 'float32', [1], [1]).constant('half', 'float32', [], [0.5]).node('Div', ['x', 'r'], 'a').node('Erf', ['a'], 'b').node('Add', ['b', 'one'], 'c').node('Mul', ['x', 'c'], 'd').node('Mul', ['d', 'half'], 'y').output('y', 'float32', [2, 20]).build() },
  { name: 'Swish spelled out', graph: new GraphBuilder().input('x', 'float32', [2, 20]).node('Sigmoid', ['x'], 's').node('Mul', ['x', 's'], 'y').output('y', 'float32', [2, 20]).build() },
  { name: 'Pow by a constant', graph: new GraphBuilder().input('x', 'float32', [2, 20]).constant('e', 'float32', [], [2]).node('Pow', ['x', 'e'], 'y').output('y', 'float32', [2, 20]).build() },
  { name: 'PRelu along channels', graph: image().constant('s', 'float32', [3, 1, 1], [0.1, 0.5, -0.25]).node('PRelu', ['x', 's'], 'y').output('y', 'float32', IMAGE).build() },
  { name: 'Relu and Clip beside other readers', graph: new GraphBuilder().input('x', 'float32', [2, 20]).constant('lo', 'float32', [], [-0.5]).constant('hi', 'float32', [], [0.75]).node('Relu', ['x'], 'r').node('Clip', ['x', 'lo', 'hi'], 'c').node('Add', ['r', 'c'], 'y').output('y', 'float32', [2, 20]).output('c', 'float32', [2, 20]).build() },
  { name: 'Relu6 after Conv', graph: conv(image().constant('lo', 'float32', [], [0]).constant('hi', 'float32', [], [1]), 'x', 'c', { m: 4, c: 3 }).node('Clip', ['c', 'lo', 'hi'], 'y').output('y', 'float32', [1, 4, 6, 6]).build() },
  { name: 'a clip that shares a wider range', graph: conv(image().constant('lo', 'float32', [], [-0.25]).constant('hi', 'float32', [], [0.5]), 'x', 'c', { m: 3, c: 3 }).node('Clip', ['c', 'lo', 'hi'], 'd').node('Concat', ['d', 'x'], 'y', { axis: 1 }).output('y', 'float32', [1, 6, 6, 6]).build() },
  { name: 'MaxPool, AveragePool', graph: image().node('MaxPool', ['x'], 'm', { kernel_shape: [2, 2], strides: [2, 2] }).node('AveragePool', ['m'], 'y', { kernel_shape: [2, 2] }).output('y', 'float32', [1, 3, 2, 2]).build() },
  { name: 'AveragePool with padding that does not count', graph: image().node('AveragePool', ['x'], 'y', { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] }).output('y', 'float32', [1, 3, 3, 3]).build() },
  { name: 'AveragePool with padding that counts', graph: image().node('AveragePool', ['x'], 'y', { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 }).output('y', 'float32', IMAGE).build() },
  { name: 'AveragePool with windows that reach beyond the input', graph: image().node('AveragePool', ['x'], 'y', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }).output('y', 'float32', [1, 3, 3, 3]).build() },
  { name: 'AveragePool with windows that reach beyond padding that counts', graph: image().node('AveragePool', ['x'], 'y', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1, ceil_mode: 1 }).output('y', 'float32', [1, 3, 4, 4]).build() },
  { name: 'AveragePool with windows that reach beyond padding that does not count', graph: image().node('AveragePool', ['x'], 'y', { kernel_shape: [3, 2], strides: [2, 3], pads: [1, 0, 1, 1], ceil_mode: 1 }).output('y', 'float32', [1, 3, 4, 3]).build(), decibels: 26 },
  { name: 'AveragePool SAME_UPPER', graph: image().node('AveragePool', ['x'], 'y', { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' }).output('y', 'float32', [1, 3, 3, 3]).build() },
  { name: 'GlobalAveragePool, Flatten', graph: image().node('GlobalAveragePool', ['x'], 'g').node('Flatten', ['g'], 'y').output('y', 'float32', [1, 3]).build() },
  { name: 'GlobalMaxPool', graph: image().node('GlobalMaxPool', ['x'], 'y').output('y', 'float32', [1, 3, 1, 1]).build() },
  { name: 'ReduceMean over spatial axes', graph: image().node('ReduceMean', ['x'], 'y', { axes: [2, 3], keepdims: 0 }).output('y', 'float32', [1, 3]).build() },
  { name: 'ReduceSum', graph: image().constant('axes', 'int64', [1], [-1]).node('ReduceSum', ['x', 'axes'], 'y').output('y', 'float32', [1, 3, 6, 1]).build() },
  { name: 'ReduceMax', graph: image().node('ReduceMax', ['x'], 'y', { axes: [1] }).output('y', 'float32', [1, 1, 6, 6]).build() },
  { name: 'Concat, Slice, Transpose, Reshape', graph: new GraphBuilder().input('x', 'float32', [2, 4]).input('z', 'float32', [2, 4]).constant('from', 'int64', [1], [1]).constant('to', 'int64', [1], [3]).constant('axis', 'int64', [1], [1]).constant('shape', 'int64', [2], [-1, 4]).node('Concat', ['x', 'z'], 'c', { axis: 1 }).node('Slice', ['c', 'from', 'to', 'axis'], 's').node('Transpose', ['s'], 't', { perm: [1, 0] }).node('Reshape', ['t', 'shape'], 'y').output('y', 'float32', [1, 4]).build() },
  { name: 'Split, Squeeze, Unsqueeze of opset 11', graph: new GraphBuilder().input('x', 'float32', [1, 2, 6]).node('Squeeze', ['x'], 'q', { axes: [0] }).node('Split', ['q'], ['a', 'b'], { axis: 1, split: [2, 4] }).node('Unsqueeze', ['b'], 'y', { axes: [0] }).output('a', 'float32', [2, 2]).output('y', 'float32', [1, 2, 4]).build(11) },
  { name: 'Pad with zeros and with a value', graph: image().constant('pads', 'int64', [8], [0, 0, 1, 1, 0, 0, 1, 0]).constant('v', 'float32', [], [1.5]).node('Pad', ['x', 'pads'], 'p').node('Pad', ['p', 'pads', 'v'], 'y').output('y', 'float32', [1, 3, 10, 8]).build() },
  { name: 'Resize nearest, Conv', graph: conv(image().constant('scales', 'float32', [4], [1, 1, 2, 2]).node('Resize', ['x', '', 'scales'], 'r', { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }), 'r', 'y', { m: 2, c: 3 }).output('y', 'float32', [1, 2, 12, 12]).build() },
  { name: 'Max and Min of two', graph: new GraphBuilder().input('x', 'float32', [2, 12]).input('z', 'float32', [2, 12]).node('Max', ['x', 'z'], 'a').node('Min', ['x', 'z'], 'y').output('a', 'float32', [2, 12]).output('y', 'float32', [2, 12]).build() },
  { name: 'Gather from an embedding by integer inputs', graph: new GraphBuilder().input('ids', 'int64', [1, 4]).constant('table', 'float32', [6, 5], weights(30, 1, 9)).node('Gather', ['table', 'ids'], 'e').constant('w', 'float32', [5, 3], weights(15, 0.5, 10)).node('MatMul', ['e', 'w'], 'y').output('y', 'float32', [1, 4, 3]).build(), shapes: { ids: { shape: [1, 4], below: 6 } } },
  { name: 'Softmax at the end', graph: new GraphBuilder().input('x', 'float32', [2, 8]).constant('w', 'float32', [8, 5], weights(40, 0.4, 5)).node('MatMul', ['x', 'w'], 'm').node('Softmax', ['m'], 'y', { axis: 1 }).output('y', 'float32', [2, 5]).build() },
  ...([[-1, 13, [2, 3, 7]], [1, 14, [2, 9, 3]], [1, 18, [1, 64]], [1, 11, [2, 4, 3]], [0, 13, [5, 4]]] as const).map(([axis, opset, shape]): Case => ({
    name: `Softmax in the middle: axis ${axis} of [${shape.join(', ')}], opset ${opset}`,
    graph: new GraphBuilder().input('x', 'float32', shape).node('Softmax', ['x'], 's', { axis }).node('Sqrt', ['s'], 'y').output('s', 'float32', shape).output('y', 'float32', shape).build(opset),
  })),
  ...([[[2, 4, 32], -1, 1], [[3, 5], 1, 0.01], [[1, 2, 3, 4], 2, 20], [[1, 768], -1, 1]] as const).map(([shape, axis, spread]): Case => {
    const own = shape.slice(axis);
    const count = own.reduce<number>((product, size) => product * size, 1);
    return {
      name: `LayerNormalization from axis ${axis} of [${shape.join(', ')}] on, values about ±${spread}`,
      graph: new GraphBuilder().input('x', 'float32', shape).constant('g', 'float32', own, weights(count, 1, 60)).constant('b', 'float32', own, weights(count, 1, 61)).node('LayerNormalization', ['x', 'g', 'b'], 'y', { axis }).output('y', 'float32', shape).build(17),
      shapes: { x: { shape, spread, centre: 3 * spread } },
    };
  }),
  ...(['Add', 'Add of −∞', 'Where', 'Where not'] as const).map((form): Case => ({ name: `causal Softmax, by ${form}`, graph: causal(form), shapes: { x: { shape: [2, 6, 6], spread: 2 } } })),
  { name: 'Softmax of a sum with a constant that is no mask', graph: new GraphBuilder().input('x', 'float32', [2, 4]).constant('c', 'float32', [4], [0, -3, 2, 0]).node('Add', ['x', 'c'], 's').node('Softmax', ['s'], 'p', { axis: -1 }).node('Abs', ['p'], 'y').output('y', 'float32', [2, 4]).build() },
  { name: 'attention', graph: attention() },
  { name: 'transformer block', graph: transformerBlock(), decibels: 25 },
  { name: 'ArgMax at the end', graph: new GraphBuilder().input('x', 'float32', [4, 8]).constant('w', 'float32', [8, 5], weights(40, 0.4, 5)).node('MatMul', ['x', 'w'], 'm').node('ArgMax', ['m'], 'y', { axis: 1 }).output('y', 'int64', [4, 1]).build(), decibels: 15 },
  { name: 'constants computed by nodes', graph: new GraphBuilder().input('x', 'float32', [2, 8]).constant('w', 'float32', [5, 8], weights(40, 0.4, 5)).constant('e', 'float32', [], [0.5]).node('Exp', ['e'], 'f').node('Mul', ['w', 'f'], 'v').node('Transpose', ['v'], 't', { perm: [1, 0] }).node('MatMul', ['x', 't'], 'y').output('y', 'float32', [2, 5]).build() },
];

describe('operators, quantized', () => {
  for (const { name, graph, shapes, decibels: least = 30 } of CASES) {
    it(name, async (t) => {
      const { decibels, rows } = await portableTwin({ graph, ...(shapes === undefined ? {} : { shapes }) });
      t.diagnostic(`${decibels.toFixed(1)} dB, ${rows} rows`);
      assert.ok(decibels >= least, `${decibels.toFixed(1)} dB`);
    });
  }
});
