/**
 * QLinearConv and ConvInteger with constant weights.
 * https://onnx.ai/onnx/operators/onnx__QLinearConv.html, https://onnx.ai/onnx/operators/onnx__ConvInteger.html
 */
import { ZkonnxError } from '../errors/index.js';
import { intAttribute, intsAttribute } from '../onnx/attributes.js';
import { elementCount, type GraphNode } from '../onnx/graph.js';
import type { ConvMap } from '../program/linear.js';
import { integers, type LoweringContext } from './context.js';
import { addLinear, type LinearByWeights } from './linearMap.js';
import { defineRequantize, scales, singleScale, singleZeroPoint } from './quantization.js';
import { padsBefore } from '../onnx/operators/windows.js';

/** y = requantize(Σ (x − xZero)(w − wZero) + bias), M = f(f(xScale · wScale[channel]) / yScale). */
export function lowerQLinearConv(node: GraphNode, context: LoweringContext): void {
  const xScale = singleScale(node, context.requireConstant(node, 1, 'input scale'));
  const wScale = scales(node, context.requireConstant(node, 4, 'weight scale'));
  const yScale = singleScale(node, context.requireConstant(node, 6, 'output scale'));
  const map = convolution(node, context, { weightInput: 3, weightZeroInput: 5, inputZeroInput: 2, biasInput: 8 });
  const output = context.type(node.outputs[0] as string);
  const accumulator = addLinear(context, node, map, { name: `${node.outputs[0]}:accumulator`, node: node.name, type: 'int32', shape: output.shape });
  defineRequantize(context, node, {
    accumulator,
    multipliers: Array.from(wScale, (scale) => Math.fround(Math.fround(xScale * scale) / yScale)),
    inner: map.geometry.outputSpatial.reduce((total, size) => total * size, 1),
    zeroPoint: singleZeroPoint(node, context.constant(node.inputs[7])),
  });
}

export function lowerConvInteger(node: GraphNode, context: LoweringContext): void {
  const map = convolution(node, context, { weightInput: 1, weightZeroInput: 3, inputZeroInput: 2 });
  const name = node.outputs[0] as string;
  context.alias(node, addLinear(context, node, map, { name, node: node.name, ...context.type(name) }));
}

interface ConvInputs {
  readonly weightInput: number;
  readonly weightZeroInput: number;
  readonly inputZeroInput: number;
  readonly biasInput?: number;
}

function convolution(node: GraphNode, context: LoweringContext, { weightInput, weightZeroInput, inputZeroInput, biasInput }: ConvInputs): LinearByWeights<ConvMap> {
  const weights = context.requireConstant(node, weightInput, 'weight');
  const input = context.type(node.inputs[0] as string).shape;
  const output = context.type(node.outputs[0] as string).shape;
  const outputChannels = weights.shape[0] as number;
  const kernel = weights.shape.slice(2);
  const ones = kernel.map(() => 1);
  const strides = intsAttribute(node, 'strides') ?? ones;
  const dilations = intsAttribute(node, 'dilations') ?? ones;
  const inputSpatial = input.slice(2);
  const outputSpatial = output.slice(2);
  const bias = biasInput === undefined ? undefined : context.constant(node.inputs[biasInput]);
  if (biasInput !== undefined && node.inputs[biasInput] && bias === undefined) context.requireConstant(node, biasInput, 'bias');
  const zeros = weightZeros(context, node, weightZeroInput, outputChannels);
  const perChannel = elementCount(weights.shape) / outputChannels;
  return {
    input: context.tensor(node.inputs[0] as string, node),
    geometry: {
      kind: 'conv',
      batch: input[0] as number,
      inputChannels: input[1] as number,
      outputChannels,
      groups: intAttribute(node, 'group', 1),
      inputSpatial,
      outputSpatial,
      kernel,
      strides,
      dilations,
      pads: padsBefore(node, { inputSpatial, outputSpatial, kernel, strides, dilations }),
      inputZero: singleZeroPoint(node, context.constant(node.inputs[inputZeroInput])),
    },
    weights: { name: node.inputs[weightInput] as string, tensor: weights },
    weightZero: (index) => zeros[zeros.length === 1 ? 0 : Math.floor(index / perChannel)] as number,
    biases: outputChannels,
    bias: bias === undefined ? undefined : { name: node.inputs[biasInput as number] as string, tensor: bias },
  };
}

/** The zero points of the weights: one, or one per output channel (the first axis). */
function weightZeros(context: LoweringContext, node: GraphNode, zeroInput: number, channels: number): Int32Array {
  const tensor = context.constant(node.inputs[zeroInput]);
  if (tensor === undefined) {
    if (node.inputs[zeroInput]) context.requireConstant(node, zeroInput, 'weight zero point');
    return Int32Array.of(0);
  }
  const zeros = integers(tensor, node);
  if (zeros.length !== 1 && zeros.length !== channels) {
    throw new ZkonnxError('MODEL_INVALID', { message: `Node "${node.name}" (${node.opType}) has ${zeros.length} weight zero points.`, node: node.name, expected: `1 or ${channels}`, found: String(zeros.length) });
  }
  return zeros;
}
