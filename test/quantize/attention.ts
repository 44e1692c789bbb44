import type { Graph } from '../../src/onnx/graph.js';
import { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import { weights } from './portableTwin.js';

export const ATTENTION_SHAPE: readonly [number, number, number] = [1, 6, 8];

/** One head of self-attention, softmax(Q · Kᵀ / √d) · V, with what projects its operands and its result, and the residual sum. */
export function attention(): Graph {
  const [, , width] = ATTENTION_SHAPE;
  const depth = 4;
  const builder = new GraphBuilder().input('x', 'float32', ATTENTION_SHAPE).constant('root', 'float32', [], [Math.sqrt(depth)]);
  ['q', 'k', 'v'].forEach((name, seed) => builder.constant(`w${name}`, 'float32', [width, depth], weights(width * depth, 0.5, seed + 20)).node('MatMul', ['x', `w${name}`], name));
  return builder
    .node('Transpose', ['k'], 'turned', { perm: [0, 2, 1] })
    .node('MatMul', ['q', 'turned'], 'products')
    .node('Div', ['products', 'root'], 'scores')
    .node('Softmax', ['scores'], 'shares', { axis: -1 })
    .node('MatMul', ['shares', 'v'], 'mixed')
    .constant('wo', 'float32', [depth, width], weights(depth * width, 0.5, 30))
    .node('MatMul', ['mixed', 'wo'], 'projected')
    .node('Add', ['projected', 'x'], 'y')
    .output('y', 'float32', ATTENTION_SHAPE)
    .build();
}
