import { elementCount, type GraphNode } from '../onnx/graph.js';
import { unravel } from '../program/linear.js';
import type { LoweringContext } from './context.js';
import { fitOf, IntegerBuilder, PRODUCT } from './integerBuilder.js';

/**
 * Matrix product of integer tensors, wrapping around as their sums and products do: one row for each product, and the range of the type
 * where a product can leave it. https://onnx.ai/onnx/operators/onnx__MatMul.html
 */
export function lowerIntegerMatMul(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const { type, shape } = b.output();
  const [left, right] = [b.input(0), b.input(1)];
  const operands = matrices(b.shape(left), b.shape(right), shape);
  const { inner } = operands;
  const pairs = [...shape, inner];
  const fit = fitOf(type);
  // Products may wrap around one by one, which changes nothing modulo the size of the type; of 64-bit ones the sum must stay exact.
  const most = Math.floor(2 ** 53 / inner);
  const single = fit.wraps ? fit : { lo: Math.max(fit.lo, -most), hi: Math.min(fit.hi, most), wraps: false };
  const products = b.bilinear(PRODUCT, b.view([left], operands.left, pairs), b.view([right], operands.right, pairs), single);
  b.finish(b.fit(b.sumWindows(products, new Array<number>(inner).fill(1), shape), fit));
}

interface Matrices {
  readonly inner: number;
  /** For each element of the result and each k, the factor in either operand. */
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** NumPy's matmul: vectors are rows on the left and columns on the right, batches broadcast. */
function matrices(left: readonly number[], right: readonly number[], result: readonly number[]): Matrices {
  const a = left.length === 1 ? [1, ...left] : left;
  const b = right.length === 1 ? [...right, 1] : right;
  const inner = a.at(-1) as number;
  // The result with the dimensions that vectors lack.
  const full = [...result];
  if (right.length === 1) full.push(1);
  if (left.length === 1) full.splice(full.length - 1, 0, 1);
  const batch = full.slice(0, -2);
  const start = (own: readonly number[], coordinates: readonly number[]): number => {
    const skipped = batch.length - (own.length - 2);
    return own.slice(0, -2).reduce((sum, size, axis) => sum * size + (size === 1 ? 0 : (coordinates[axis + skipped] as number)), 0) * elementCount(own.slice(-2));
  };
  const columns = b.at(-1) as number;
  const count = elementCount(full);
  const [from, to] = [new Int32Array(count * inner), new Int32Array(count * inner)];
  for (let i = 0; i < count; i++) {
    const coordinates = unravel(i, full);
    const [row, column] = coordinates.slice(-2) as [number, number];
    const [first, second] = [start(a, coordinates) + row * inner, start(b, coordinates) + column];
    for (let k = 0; k < inner; k++) {
      from[i * inner + k] = first + k;
      to[i * inner + k] = second + k * columns;
    }
  }
  return { inner, left: from, right: to };
}
