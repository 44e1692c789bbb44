import type { Graph } from '../../src/onnx/graph.js';
import { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';

/** |x| by far too many nodes: Neg and Abs by turns, and a product with the unit matrix. */
export function longChain(nodes: number): Graph {
  const builder = new GraphBuilder().input('x', 'float32', [1, 4]).constant('w', 'float32', [4, 4], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  let name = 'x';
  for (let index = 0; index < nodes; index++) {
    builder.node(index % 2 === 0 ? 'Neg' : 'Abs', [name], `t${index}`);
    name = `t${index}`;
  }
  return builder.node('MatMul', [name, 'w'], 'y').output('y', 'float32', [1, 4]).build();
}
