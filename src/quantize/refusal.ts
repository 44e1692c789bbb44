import { ZkonnxError } from '../errors/index.js';
import type { GraphNode } from '../onnx/graph.js';

/** A node that has no exact integer form, and why. */
export interface Obstacle {
  readonly node: GraphNode;
  readonly reason: string;
}

/** How many nodes a message names. */
const MOST_NAMED = 5;

/** One error for all nodes of a float model that cannot be quantized: each by name, so that one reads at once what would have to change. */
export function refuseNodes(obstacles: readonly Obstacle[]): ZkonnxError {
  const named = obstacles.slice(0, MOST_NAMED).map(({ node, reason }) => `'${node.name}' (${node.opType}): ${reason}`);
  const others = obstacles.length - named.length;
  const [first] = obstacles;
  return new ZkonnxError('OPERATOR_UNSUPPORTED', {
    message: `The model cannot be quantized to integers: ${named.join('; ')}${others > 0 ? `; and ${others} more` : ''}.`,
    node: first?.node.name,
    expected: 'operators that docs/quantization.md lists',
    found: [...new Set(obstacles.map(({ node }) => node.opType))].join(', '),
    fix: 'Replace these layers in the float model, or cut the model before them.',
  });
}
