/**
 * Reductions of integer tensors. ONNX Runtime 1.30 computes them in double and saturates the result at the ends of its type (measured:
 * ReduceSum of [2^31 − 1, 1] is 2^31 − 1), where ONNX says nothing and other runtimes wrap around. So only what neither rounds nor
 * leaves the type has a proof: each element is forced to be small enough for its sum to be exact in any order, and the result into its type.
 */
import { ZkonnxError } from '../errors/index.js';
import { elementCount, type GraphNode } from '../onnx/graph.js';
import type { TensorId } from '../program/program.js';
import { innermost, reducedAxes } from './axes.js';
import type { LoweringContext } from './context.js';
import { magnitude } from './integerArithmetic.js';
import { guardOf, IntegerBuilder, PRODUCT } from './integerBuilder.js';

/** The input with the elements of each result next to each other, and how many they are. */
interface Windows {
  readonly id: TensorId;
  readonly count: number;
}

function lowerReduction(reduce: (b: IntegerBuilder, windows: Windows) => TensorId) {
  return (node: GraphNode, context: LoweringContext): void => {
    const b = new IntegerBuilder(node, context);
    const x = b.input(0);
    const shape = b.shape(x);
    const axes = reducedAxes(node, context, shape.length);
    const count = elementCount(axes.map((axis) => shape[axis] as number));
    b.finish(b.reshape(reduce(b, { id: b.view([x], innermost(shape, axes), shape), count }), b.output().shape));
  };
}

/** https://onnx.ai/onnx/operators/onnx__ReduceMax.html, ReduceMin; of booleans, whether any or all are true. */
export function lowerReduceExtreme(minimum: boolean) {
  return lowerReduction((b, { id, count }) => b.extremeOfWindows(b.ordered(id), count, minimum, b.output().shape));
}

/** https://onnx.ai/onnx/operators/onnx__ReduceSum.html */
export const lowerReduceSum = lowerReduction((b, windows) => b.fit(exactSum(b, windows), guardOf(b.output().type)));

/** https://onnx.ai/onnx/operators/onnx__ReduceSumSquare.html */
export const lowerReduceSumSquare = lowerReduction((b, { id, count }) => {
  const guard = guardOf(b.output().type);
  return b.fit(exactSum(b, { id: b.bilinear(PRODUCT, id, id, guard), count }), guard);
});

/** https://onnx.ai/onnx/operators/onnx__ReduceL1.html */
export const lowerReduceL1 = lowerReduction((b, { id, count }) => b.fit(exactSum(b, { id: magnitude(b, id), count }), guardOf(b.output().type)));

/**
 * Rounded towards zero. The quotient in double is correctly rounded; below 2^51 / count it stays on its side of the next integer.
 * https://onnx.ai/onnx/operators/onnx__ReduceMean.html
 */
export const lowerReduceMean = lowerReduction((b, { id, count }) => {
  const total = exactSum(b, { id, count }, 2 ** 51);
  return b.divide('truncate', 'quotient', total, b.constant(count, b.shape(total)));
});

/** Largest power of two below the overflow of double, in which 0 · ∞ would be no number. */
const LARGEST_EXPONENT = 1023;

/** One product after another, none outside the type. https://onnx.ai/onnx/operators/onnx__ReduceProd.html */
export const lowerReduceProd = lowerReduction((b, { id, count }) => {
  const { type, shape } = b.output();
  const { lo, hi } = b.range(id);
  if (count * Math.log2(Math.max(-lo, hi, 1)) > LARGEST_EXPONENT) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${b.node.name}" (ReduceProd) multiplies ${count} numbers of up to ${Math.max(-lo, hi)}, whose product can overflow even the double that ONNX Runtime computes in.`, node: b.node.name });
  }
  return columns(b, id, count, shape).reduce((product, factor) => b.bilinear(PRODUCT, product, factor, guardOf(type)));
});

/** The sum of each window, of elements so small that any order of summation is exact in double: |x| ≤ reach / count. */
function exactSum(b: IntegerBuilder, { id, count }: Windows, reach: number = 2 ** 53): TensorId {
  const most = Math.floor(reach / count);
  return b.sumWindows(b.fit(id, { lo: -most, hi: most, wraps: false }), new Array<number>(count).fill(1), b.output().shape);
}

/** The windows' first elements, their second ones, and so on. */
function columns(b: IntegerBuilder, id: TensorId, count: number, shape: readonly number[]): TensorId[] {
  const length = elementCount(shape);
  return Array.from({ length: count }, (_, column) => b.view([id], Int32Array.from({ length }, (_, i) => i * count + column), shape));
}
