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
  const [first] = obstacles;
  const named = listed(obstacles.map(({ node, reason }) => `'${node.name}' (${node.opType}): ${reason}`), '; ');
  return new ZkonnxError('OPERATOR_UNSUPPORTED', {
    message: `The model cannot be quantized to integers: ${named}.`,
    node: first?.node.name,
    expected: 'operators that docs/quantization.md lists',
    found: [...new Set(obstacles.map(({ node }) => node.opType))].join(', '),
    fix: 'Replace these layers in the float model, or cut the model before them.',
  });
}

/** What to say of nodes that stay float at the ends of the model, if there are any. */
export function floatEndWarnings(nodes: readonly GraphNode[]): string[] {
  if (nodes.length === 0) return [];
  return [`${nodes.length === 1 ? 'a node stays' : `${nodes.length} nodes stay`} float, outside the proof, where processors may differ in the last bits: ${listed(nodes.map(({ name, opType }) => `'${name}' (${opType})`), ', ')}`];
}

/** The first few of a list, and how many there are besides. */
export function listed(texts: readonly string[], separator: string): string {
  const others = texts.length - MOST_NAMED;
  return `${texts.slice(0, MOST_NAMED).join(separator)}${others > 0 ? `${separator}and ${others} more` : ''}`;
}
