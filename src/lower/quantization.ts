/** Scales and zero points as the quantized operators take them, and the requantization that ends most of them. */
import { ZkonnxError } from '../errors/index.js';
import type { ElementType, GraphNode, Tensor } from '../onnx/graph.js';
import { requantize, type Quantization } from '../program/float32.js';
import { TYPE_RANGE } from '../program/program.js';
import type { TensorId } from '../program/program.js';
import { stepFunction, type StepFunction } from '../program/step.js';
import { floats, integers, type LoweringContext } from './context.js';

/** The range of a type that values can be quantized to. */
export function quantizedRange(type: ElementType, node: GraphNode): { lo: number; hi: number } {
  if (type === 'uint8' || type === 'int8' || type === 'uint16' || type === 'int16') return TYPE_RANGE[type];
  throw new ZkonnxError('TYPE_UNSUPPORTED', {
    message: `Node "${node.name}" (${node.opType}) quantizes to ${type}.`,
    node: node.name,
    expected: 'uint8, int8, uint16 or int16',
    found: type,
  });
}

/** The positive scales of an input of a node. */
export function scales(node: GraphNode, tensor: Tensor): Float32Array {
  const values = floats(tensor, node);
  const bad = values.find((value) => !(value > 0 && Number.isFinite(value)));
  if (bad !== undefined) {
    throw new ZkonnxError('MODEL_INVALID', { message: `A scale of node "${node.name}" (${node.opType}) is not a positive finite number.`, node: node.name, expected: 'scale > 0', found: String(bad) });
  }
  return values;
}

/** A scale that must be a single number. */
export function singleScale(node: GraphNode, tensor: Tensor): number {
  const values = scales(node, tensor);
  if (values.length !== 1) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) has a per-axis scale where ONNX Runtime takes one number.`, node: node.name, expected: '1 scale', found: `${values.length} scales` });
  }
  return values[0] as number;
}

/** A zero point that must be a single number; 0 when left out. */
export function singleZeroPoint(node: GraphNode, tensor: Tensor | undefined): number {
  if (tensor === undefined) return 0;
  const values = integers(tensor, node);
  const first = values[0] ?? 0;
  if (values.some((value) => value !== first)) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) has zero points that differ along an axis where ONNX Runtime takes one number.`, node: node.name, expected: 'equal zero points', found: `${values.length} different ones` });
  }
  return first;
}

/** The quantization of a tensor: its scale is input `scaleInput` of the node, its zero point the next, 0 when left out. */
export function quantizationAt(node: GraphNode, context: LoweringContext, scaleInput: number, tensor: string): Quantization {
  return {
    scale: singleScale(node, context.requireConstant(node, scaleInput, 'scale')),
    zeroPoint: node.inputs[scaleInput + 1] ? singleZeroPoint(node, context.requireConstant(node, scaleInput + 1, 'zero point')) : 0,
    ...quantizedRange(context.type(tensor).type, node),
  };
}

export interface RequantizeParameters {
  readonly accumulator: TensorId;
  /** Float32 multipliers, one, or one per channel. */
  readonly multipliers: readonly number[];
  /** Elements that share a channel in a row: element i is of channel ⌊i / inner⌋ mod channels. */
  readonly inner: number;
  readonly zeroPoint: number;
}

/**
 * Appends the requantization of an accumulator to the node's output type: ONNX Runtime's f(f(acc) · M), clamp, round half even,
 * plus zero point. It is non-decreasing in the accumulator because each of these is, M being positive.
 */
export function defineRequantize(context: LoweringContext, node: GraphNode, { accumulator, multipliers, inner, zeroPoint }: RequantizeParameters): void {
  const range = quantizedRange(context.type(node.outputs[0] as string).type, node);
  const functions = channelSteps(context, accumulator, inner, multipliers.map((multiplier) => (x: number) => requantize(x, multiplier, { zeroPoint, ...range })));
  context.define(node, { kind: 'step', inputs: [accumulator], inner, functions });
}

/** The step functions equal to non-decreasing integer functions, each on the values that its channel of the tensor can take. */
export function channelSteps(context: LoweringContext, source: TensorId, inner: number, functions: readonly ((x: number) => number)[]): StepFunction[] {
  const { lo, hi } = context.program.tensor(source).bounds;
  const least = new Array<number>(functions.length).fill(Infinity);
  const most = new Array<number>(functions.length).fill(-Infinity);
  for (let i = 0; i < lo.length; i++) {
    const channel = Math.floor(i / inner) % functions.length;
    least[channel] = Math.min(least[channel] as number, lo[i] as number);
    most[channel] = Math.max(most[channel] as number, hi[i] as number);
  }
  return functions.map((evaluate, channel) => stepFunction(evaluate, least[channel] as number, most[channel] as number));
}
