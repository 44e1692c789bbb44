/**
 * QLinearConv and ConvInteger with constant weights.
 * https://onnx.ai/onnx/operators/onnx__QLinearConv.html, https://onnx.ai/onnx/operators/onnx__ConvInteger.html
 */
import { ZkonnxError } from '../errors/index.js';
import { intAttribute, intsAttribute } from '../onnx/attributes.js';
import type { GraphNode } from '../onnx/graph.js';
import type { ConvMap } from '../program/linear.js';
import { integers, type LoweringContext } from './context.js';
import { defineRequantize, scales, singleScale, singleZeroPoint } from './quantization.js';
import { padsBefore } from '../onnx/operators/windows.js';

/** y = requantize(Σ (x − xZero)(w − wZero) + bias), M = f(f(xScale · wScale[channel]) / yScale). */
export function lowerQLinearConv(node: GraphNode, context: LoweringContext): void {
  const xScale = singleScale(node, context.requireConstant(node, 1, 'input scale'));
  const wScale = scales(node, context.requireConstant(node, 4, 'weight scale'));
  const yScale = singleScale(node, context.requireConstant(node, 6, 'output scale'));
  const map = convMap(node, context, { weightInput: 3, weightZeroInput: 5, inputZeroInput: 2, biasInput: 8 });
  const output = context.type(node.outputs[0] as string);
  const accumulator = context.program.add(
    { kind: 'linear', inputs: [context.tensor(node.inputs[0] as string, node)], map },
    { name: `${node.outputs[0]}:accumulator`, node: node.name, type: 'int32', shape: output.shape },
  );
  defineRequantize(context, node, {
    accumulator,
    multipliers: Array.from(wScale, (scale) => Math.fround(Math.fround(xScale * scale) / yScale)),
    inner: map.outputSpatial.reduce((total, size) => total * size, 1),
    zeroPoint: singleZeroPoint(node, context.constant(node.inputs[7])),
  });
}

export function lowerConvInteger(node: GraphNode, context: LoweringContext): void {
  const map = convMap(node, context, { weightInput: 1, weightZeroInput: 3, inputZeroInput: 2 });
  context.define(node, { kind: 'linear', inputs: [context.tensor(node.inputs[0] as string, node)], map });
}

interface ConvInputs {
  readonly weightInput: number;
  readonly weightZeroInput: number;
  readonly inputZeroInput: number;
  readonly biasInput?: number;
}

function convMap(node: GraphNode, context: LoweringContext, { weightInput, weightZeroInput, inputZeroInput, biasInput }: ConvInputs): ConvMap {
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
  return {
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
    weights: withoutZeroPoints(integers(weights, node), context, node, weightZeroInput, outputChannels),
    bias: bias === undefined ? new Int32Array(outputChannels) : integers(bias, node),
  };
}

/** The weights minus their zero point: one, or one per output channel (the first axis). */
function withoutZeroPoints(weights: Int32Array, context: LoweringContext, node: GraphNode, zeroInput: number, channels: number): Int32Array {
  const tensor = context.constant(node.inputs[zeroInput]);
  if (tensor === undefined) {
    if (node.inputs[zeroInput]) context.requireConstant(node, zeroInput, 'weight zero point');
    return weights;
  }
  const zeros = integers(tensor, node);
  if (zeros.length !== 1 && zeros.length !== channels) {
    throw new ZkonnxError('MODEL_INVALID', { message: `Node "${node.name}" (${node.opType}) has ${zeros.length} weight zero points.`, node: node.name, expected: `1 or ${channels}`, found: String(zeros.length) });
  }
  const perChannel = weights.length / channels;
  return weights.map((weight, i) => weight - (zeros.length === 1 ? (zeros[0] as number) : (zeros[Math.floor(i / perChannel)] as number)));
}
