/**
 * QLinearAveragePool. ONNX Runtime adds dequantized values in float32, so its result depends on more than the integer sum S of a
 * window. It is proven as a step of S where the rounding errors of the float32 sum cannot matter: for every S that a window can
 * have, all float32 results within the error bound round to the same integer.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearAveragePool
 */
import { ZkonnxError } from '../errors/index.js';
import { intAttribute, intsAttribute } from '../onnx/attributes.js';
import type { GraphNode } from '../onnx/graph.js';
import { roundHalfEven, type Quantization } from '../program/float32.js';
import { spatialTaps, type Window } from '../program/linear.js';
import { stepFunction, type StepFunction } from '../program/step.js';
import type { LoweringContext } from './context.js';
import { lowerQLinearGlobalAveragePool } from './contrib.js';
import { quantizationAt } from './quantization.js';
import { addWindowSums } from './windowSums.js';
import { padsBefore } from '../onnx/operators/windows.js';

export function lowerQLinearAveragePool(node: GraphNode, context: LoweringContext): void {
  const name = node.inputs[0] as string;
  if (intAttribute(node, 'channels_last', 0) !== 0) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) has its channels last.`, node: node.name, fix: 'Export the model with channels first.' });
  }
  const inputSpatial = context.type(name).shape.slice(2);
  const outputSpatial = context.type(node.outputs[0] as string).shape.slice(2);
  const kernel = intsAttribute(node, 'kernel_shape') ?? [];
  const ones = kernel.map(() => 1);
  const strides = intsAttribute(node, 'strides') ?? ones;
  const dilations = intsAttribute(node, 'dilations') ?? ones;
  const pads = padsBefore(node, { inputSpatial, outputSpatial, kernel, strides, dilations });
  const padded = [...pads, ...(intsAttribute(node, 'pads') ?? [])].some((pad) => pad !== 0);
  // ONNX Runtime takes another path, exact in integers, when the window is the whole image; not when pads are given that it never reaches.
  if (kernel.every((size, axis) => size === inputSpatial[axis]) && outputSpatial.every((size) => size === 1) && !padded) {
    lowerQLinearGlobalAveragePool(node, context);
    return;
  }
  const x = quantizationAt(node, context, 1, name);
  const y = quantizationAt(node, context, 3, node.outputs[0] as string);
  const window: Window = { inputSpatial, outputSpatial, kernel, strides, dilations, pads };
  const sum = addWindowSums(node, context, { window, zeroPoint: x.zeroPoint });
  const taps = spatialTaps(window);
  const includePad = intAttribute(node, 'count_include_pad', 0) === 1;
  const known = new Map<string, StepFunction>();
  const functions = Array.from({ length: product(outputSpatial) }, (_, position) => {
    const terms = (taps.start[position + 1] as number) - (taps.start[position] as number);
    const divisor = includePad ? product(kernel) : terms;
    const step = known.get(`${terms} ${divisor}`) ?? averageStep(node, { x, y, terms, divisor });
    known.set(`${terms} ${divisor}`, step);
    return step;
  });
  context.define(node, { kind: 'step', inputs: [sum], inner: 1, functions });
}

interface Average {
  readonly x: Quantization;
  readonly y: Quantization;
  /** Values in the window. */
  readonly terms: number;
  readonly divisor: number;
}

/** Half a unit in the last place of a float32, relative. */
const ROUNDING = 2 ** -24;

/** The step function of the integer sum, if the float32 errors cannot change it. */
function averageStep(node: GraphNode, { x, y, terms, divisor }: Average): StepFunction {
  const least = terms * (x.lo - x.zeroPoint);
  const most = terms * (x.hi - x.zeroPoint);
  const largest = Math.max(Math.abs(x.lo - x.zeroPoint), Math.abs(x.hi - x.zeroPoint));
  // Powers of two scale without rounding, and sums of so few bytes are exact then.
  const exact = isPowerOfTwo(x.scale);
  // Each product, each partial sum, both divisions and the final sum round once; a generous bound in units of y.
  const magnitude = (terms * largest * x.scale) / (divisor * y.scale);
  const error = (exact ? 3 : 2 * terms + 3) * ROUNDING * (magnitude + Math.abs(y.zeroPoint) + 1);
  const round = (value: number) => Math.min(Math.max(roundHalfEven(value), y.lo), y.hi);
  return stepFunction(evaluate, least, most);

  function evaluate(sum: number): number {
    if (exact) {
      const mean = Math.fround(Math.fround(sum * x.scale) / divisor);
      return round(Math.fround(Math.fround(mean / y.scale) + y.zeroPoint));
    }
    const real = (sum * x.scale) / (divisor * y.scale) + y.zeroPoint;
    const value = round(real - error);
    if (round(real + error) === value) return value;
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
      message: `The result of node "${node.name}" (${node.opType}) depends on the rounding of a float32 sum: a window with the sum ${sum} lies at a rounding boundary.`,
      node: node.name,
      expected: 'an average that float32 rounding cannot change',
      found: `${real} ± ${error.toExponential(1)}`,
      fix: 'Use GlobalAveragePool, a strided convolution with equal weights, or an input scale that is a power of two.',
    });
  }
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}

function product(values: readonly number[]): number {
  return values.reduce((total, value) => total * value, 1);
}
