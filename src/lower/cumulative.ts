/** Running sums and products. https://onnx.ai/onnx/operators/onnx__CumSum.html, https://onnx.ai/onnx/operators/onnx__CumProd.html */
import { intAttribute } from '../onnx/attributes.js';
import { elementCount, type GraphNode } from '../onnx/graph.js';
import type { TensorId } from '../program/program.js';
import { innermost, singleAxis } from './axes.js';
import type { LoweringContext } from './context.js';
import { fitOf, IntegerBuilder, PRODUCT } from './integerBuilder.js';

function lowerCumulative(neutral: number, combine: (b: IntegerBuilder, previous: TensorId, next: TensorId) => TensorId) {
  return (node: GraphNode, context: LoweringContext): void => {
    const b = new IntegerBuilder(node, context);
    const x = b.input(0);
    const shape = b.shape(x);
    const axis = singleAxis(node, context, shape.length, 1);
    const length = shape[axis] as number;
    const lines = [elementCount(shape) / length];
    const from = innermost(shape, [axis]);
    const reverse = intAttribute(node, 'reverse', 0) === 1;
    const exclusive = intAttribute(node, 'exclusive', 0) === 1;
    // slices[k] holds element k of every line, counted from the end where the order is reversed.
    const position = (k: number): number => (reverse ? length - 1 - k : k);
    const slices = Array.from({ length }, (_, k) => b.view([x], Int32Array.from({ length: lines[0] as number }, (_, line) => from[line * length + position(k)] as number), lines));
    const results: TensorId[] = [];
    slices.forEach((slice, k) => {
      const previous = results.at(-1);
      if (!exclusive) results.push(previous === undefined ? slice : combine(b, previous, slice));
      else results.push(previous === undefined ? b.constant(neutral, lines) : k === 1 ? (slices[0] as TensorId) : combine(b, previous, slices[k - 1] as TensorId));
    });
    const index = new Int32Array(elementCount(shape));
    from.forEach((element, at) => (index[element] = position(at % length) * (lines[0] as number) + Math.floor(at / length)));
    b.finish(b.view(results, index, shape));
  };
}

export const lowerCumSum = lowerCumulative(0, (b, sum, next) => b.fit(b.sum([[1, sum], [1, next]]), fitOf(b.output().type)));
export const lowerCumProd = lowerCumulative(1, (b, product, next) => b.bilinear(PRODUCT, product, next, fitOf(b.output().type)));
