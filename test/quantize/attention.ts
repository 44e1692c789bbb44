import type { Graph } from '../../src/onnx/graph.js';
import { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import { weights } from './portableTwin.js';

/** One sequence, its tokens, and the width of each. */
export const ATTENTION_SHAPE: readonly [number, number, number] = [1, 6, 8];

const WIDTH = ATTENTION_SHAPE[2];
const DEPTH = 4;

/** One head of self-attention, softmax(Q · Kᵀ / √d) · V, with what projects its operands and its result, and the residual sum. */
export function attention(): Graph {
  const builder = new GraphBuilder().input('x', 'float32', ATTENTION_SHAPE);
  addAttention(builder, 'x', 'projected');
  return builder.node('Add', ['projected', 'x'], 'y').output('y', 'float32', ATTENTION_SHAPE).build();
}

/** A block of a transformer: normalisation, attention and sum; normalisation, two layers with Gelu between, and sum. */
export function transformerBlock(): Graph {
  const builder = new GraphBuilder().input('x', 'float32', ATTENTION_SHAPE);
  addNorm(builder, 'x', 'first', 70);
  addAttention(builder, 'first', 'projected');
  builder.node('Add', ['projected', 'x'], 'middle');
  addNorm(builder, 'middle', 'second', 72);
  builder.constant('w1', 'float32', [WIDTH, 2 * WIDTH], weights(2 * WIDTH ** 2, 0.4, 74)).node('MatMul', ['second', 'w1'], 'hidden').node('Gelu', ['hidden'], 'active')
    .constant('w2', 'float32', [2 * WIDTH, WIDTH], weights(2 * WIDTH ** 2, 0.4, 75)).node('MatMul', ['active', 'w2'], 'mlp');
  return builder.node('Add', ['mlp', 'middle'], 'y').output('y', 'float32', ATTENTION_SHAPE).build(20);
}

function addNorm(builder: GraphBuilder, x: string, y: string, seed: number): void {
  builder.constant(`${y}_scale`, 'float32', [WIDTH], weights(WIDTH, 0.3, seed).map((value) => 1 + value)).constant(`${y}_bias`, 'float32', [WIDTH], weights(WIDTH, 0.3, seed + 1))
    .node('LayerNormalization', [x, `${y}_scale`, `${y}_bias`], y);
}

function addAttention(builder: GraphBuilder, x: string, y: string): void {
  ['q', 'k', 'v'].forEach((name, seed) => builder.constant(`w${name}`, 'float32', [WIDTH, DEPTH], weights(WIDTH * DEPTH, 0.5, seed + 20)).node('MatMul', [x, `w${name}`], name));
  builder
    .node('Transpose', ['k'], 'turned', { perm: [0, 2, 1] })
    .node('MatMul', ['q', 'turned'], 'products')
    .constant('root', 'float32', [], [Math.sqrt(DEPTH)])
    .node('Div', ['products', 'root'], 'scores')
    .node('Softmax', ['scores'], 'shares', { axis: -1 })
    .node('MatMul', ['shares', 'v'], 'mixed')
    .constant('wo', 'float32', [DEPTH, WIDTH], weights(DEPTH * WIDTH, 0.5, 30))
    .node('MatMul', ['mixed', 'wo'], y);
}
