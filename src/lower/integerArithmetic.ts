/**
 * Arithmetic of integer tensors as ONNX Runtime computes it: 8, 16 and 32 bits wrap around modulo their size. Of 64-bit results 52 bits
 * are exact here; an input that leads beyond has no proof.
 */
import { intAttribute } from '../onnx/attributes.js';
import type { GraphNode } from '../onnx/graph.js';
import { isInside, type Fit } from '../program/integerOperation.js';
import type { TensorId } from '../program/program.js';
import type { LoweringContext } from './context.js';
import { fitOf, guardOf, IntegerBuilder, PRODUCT } from './integerBuilder.js';
import { TYPE_RANGE, type RangedType } from '../program/program.js';

/** a + b or a − b. https://onnx.ai/onnx/operators/onnx__Add.html, https://onnx.ai/onnx/operators/onnx__Sub.html */
export function lowerIntegerSum(sign: 1 | -1) {
  return (node: GraphNode, context: LoweringContext): void => {
    const b = new IntegerBuilder(node, context);
    const { type, shape } = b.output();
    b.finish(b.fit(b.sum([[1, b.input(0, shape)], [sign, b.input(1, shape)]]), fitOf(type)));
  };
}

/** https://onnx.ai/onnx/operators/onnx__Mul.html */
export function lowerIntegerMul(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const { type, shape } = b.output();
  const [left, right] = [b.input(0, shape), b.input(1, shape)];
  b.finish(multiple(b, left, right, fitOf(type)) ?? multiple(b, right, left, fitOf(type)) ?? b.bilinear(PRODUCT, left, right, fitOf(type)));
}

/** x times one constant, which is a linear map where the product stays in its type. */
function multiple(b: IntegerBuilder, x: TensorId, constant: TensorId, fit: Fit): TensorId | undefined {
  const { lo: factor, hi } = b.range(constant);
  const { lo, hi: most } = b.range(x);
  const ends = [factor * lo, factor * most];
  return factor === hi && factor !== 0 && isInside({ lo: Math.min(...ends), hi: Math.max(...ends) }, fit) ? b.sum([[factor, x]]) : undefined;
}

/**
 * Towards zero. A divisor of 0 has no proof; nor has the one quotient that leaves int32, on which ONNX Runtime ends the process.
 * https://onnx.ai/onnx/operators/onnx__Div.html
 */
export function lowerIntegerDiv(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const { type, shape } = b.output();
  const quotient = b.divide('truncate', 'quotient', b.input(0, shape), b.input(1, shape));
  b.finish(b.fit(quotient, type === 'int32' ? guardOf(type) : fitOf(type)));
}

/** With fmod the remainder has the sign of the dividend, else that of the divisor. https://onnx.ai/onnx/operators/onnx__Mod.html */
export function lowerMod(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const { shape } = b.output();
  const rounding = intAttribute(node, 'fmod', 0) === 1 ? 'truncate' : 'floor';
  b.finish(b.divide(rounding, 'remainder', b.input(0, shape), b.input(1, shape)));
}

/** Of any number of tensors. https://onnx.ai/onnx/operators/onnx__Max.html, https://onnx.ai/onnx/operators/onnx__Min.html */
export function lowerExtreme(minimum: boolean) {
  return (node: GraphNode, context: LoweringContext): void => {
    const b = new IntegerBuilder(node, context);
    const { shape } = b.output();
    b.finish(b.extreme(node.inputs.map((_, index) => b.ordered(b.input(index, shape))), minimum));
  };
}

/** https://onnx.ai/onnx/operators/onnx__Abs.html */
export function lowerIntegerAbs(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  b.finish(b.fit(magnitude(b, b.input(0)), fitOf(b.output().type)));
}

/** |x|, not yet in the range of its type. */
export function magnitude(b: IntegerBuilder, x: TensorId): TensorId {
  return b.range(x).lo >= 0 ? x : b.extreme([x, b.sum([[-1, x]])], false);
}

/** https://onnx.ai/onnx/operators/onnx__Neg.html */
export function lowerIntegerNeg(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  b.finish(b.fit(b.sum([[-1, b.input(0)]]), fitOf(b.output().type)));
}

/** −1, 0 or 1. https://onnx.ai/onnx/operators/onnx__Sign.html */
export function lowerSign(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const x = b.ordered(b.input(0));
  const zero = b.constant(0, b.shape(x));
  const positive = b.compare('less', zero, x);
  b.finish(b.range(x).lo >= 0 ? positive : b.sum([[1, positive], [-1, b.compare('less', x, zero)]]));
}

/** https://onnx.ai/onnx/operators/onnx__Relu.html */
export function lowerIntegerRelu(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const x = b.ordered(b.input(0));
  b.finish(b.range(x).lo >= 0 ? x : b.extreme([x, b.constant(0, b.shape(x))], false));
}

/** Bounds from which on an int64, which is within 32 bits here, is always compared as it should be (see IntegerBuilder.ordered). */
const BOUNDLESS: Partial<Record<RangedType, { lo: number; hi: number }>> = { int64: { lo: -(2 ** 32) - 1, hi: 2 ** 32 } };

/** min(max(x, lo), hi), also where lo > hi; the bounds may be computed. https://onnx.ai/onnx/operators/onnx__Clip.html */
export function lowerIntegerClip(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const { type, shape } = b.output();
  const { lo, hi } = BOUNDLESS[type] ?? TYPE_RANGE[type];
  // A bound at the end of the type, as exporters write it, changes nothing; 64-bit ones may be beyond the 52 bits.
  const bound = (index: number, beyond: (value: bigint) => boolean): TensorId | undefined => {
    const constant = context.constant(node.inputs[index]);
    if (!node.inputs[index] || (constant !== undefined && beyond(BigInt(constant.data[0] as number | bigint)))) return undefined;
    return b.ordered(b.input(index, shape));
  };
  const least = bound(1, (value) => value <= BigInt(lo));
  const most = bound(2, (value) => value >= BigInt(hi));
  const x = b.ordered(b.input(0));
  const raised = least === undefined ? x : b.extreme([x, least], false);
  b.finish(most === undefined ? raised : b.extreme([raised, most], true));
}
