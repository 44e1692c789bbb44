import { ZkonnxError } from '../errors/index.js';
import { intAttribute } from '../onnx/attributes.js';
import { elementCount, type GraphNode } from '../onnx/graph.js';
import type { TensorId } from '../program/program.js';
import { innermost, singleAxis } from './axes.js';
import type { LoweringContext } from './context.js';
import { IntegerBuilder } from './integerBuilder.js';

/**
 * The k largest or smallest along an axis, in order; of equal ones the one with the lower index first, as ONNX Runtime has it.
 *
 * Every pair i < j is compared once: i comes first where v_i ≥ v_j (largest). The rank of an element is the number of elements that
 * come before it, so the ranks are a permutation, and output place r holds the element whose rank is r.
 * https://onnx.ai/onnx/operators/onnx__TopK.html
 */
export function lowerTopK(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const x = b.input(0);
  const shape = b.shape(x);
  const axis = singleAxis(node, context, shape.length);
  if (intAttribute(node, 'sorted', 1) !== 1) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (TopK) has sorted = 0, so the order of its results is not defined.`, node: node.name, expected: 'sorted = 1', found: 'sorted = 0' });
  }
  const largest = intAttribute(node, 'largest', 1) === 1;
  const length = shape[axis] as number;
  const lines = [elementCount(shape) / length];
  const count = lines[0] as number;
  const from = innermost(shape, [axis]);
  const elements = Array.from({ length }, (_, i) => b.view([x], Int32Array.from({ length: count }, (_, line) => from[line * length + i] as number), lines));

  const before: (readonly [sign: number, id: TensorId])[][] = elements.map(() => []);
  const behind = new Array<number>(length).fill(0);
  for (let i = 0; i < length; i++) {
    for (let j = i + 1; j < length; j++) {
      const [first, second] = [elements[i] as TensorId, elements[j] as TensorId];
      const inOrder = largest ? b.compare('lessOrEqual', second, first) : b.compare('lessOrEqual', first, second);
      before[j]?.push([1, inOrder]);
      before[i]?.push([-1, inOrder]);
      behind[i] = (behind[i] as number) + 1;
    }
  }
  const ranks = before.map((terms, i) => (terms.length === 0 ? b.constant(0, lines) : b.sum(terms, behind[i])));

  const { shape: outputShape } = b.output();
  const k = outputShape[axis] as number;
  const picked = Array.from({ length: k }, (_, place) => {
    const chosen = ranks.map((rank) => b.compare('equal', rank, b.constant(place, lines)));
    return {
      // One of them has this rank: the last one where none of the others has.
      value: elements.slice(0, -1).reduceRight((otherwise, element, i) => b.select(chosen[i] as TensorId, element, otherwise), elements.at(-1) as TensorId),
      index: b.sum(chosen.map((each, i) => [i, each])),
    };
  });
  // From [place, line] back to the places of the output.
  const back = innermost(outputShape, [axis]);
  const index = new Int32Array(elementCount(outputShape));
  back.forEach((element, at) => (index[element] = (at % k) * count + Math.floor(at / k)));
  b.finish(b.view(picked.map(({ value }) => value), index, outputShape));
  if (node.outputs[1]) b.finish(b.view(picked.map((each) => each.index), index, outputShape), 1);
}
