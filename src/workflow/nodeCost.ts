import type { CostReport } from '../compile/index.js';
import type { CanonicalGraph } from '../onnx/normalise.js';

/** What one node of the canonical graph costs. */
export interface NodeCost {
  readonly node: string;
  readonly operator: string;
  /** The nodes of the user's file that it stands for. */
  readonly origin: string;
  /** Elements of its output. */
  readonly elements: number;
  readonly rows: number;
  /** How its values are forced, in words; nothing where it costs nothing. */
  readonly strategy: string;
}

/** The cost of each input and node, in the order of the graph. */
export function costRows({ operations }: Pick<CostReport, 'operations'>, { graph, origin }: Pick<CanonicalGraph, 'graph' | 'origin'>): NodeCost[] {
  const names = [...graph.inputs.map(({ name }) => ({ node: name, operator: 'input', tensor: name })), ...graph.nodes.map(({ name, opType, outputs }) => ({ node: name, operator: opType, tensor: outputs[0] ?? '' }))];
  return names.map(({ node, operator, tensor }) => {
    const parts = operations.filter((operation) => operation.node === node);
    const strategies = parts.filter(({ rows }) => rows > 0).map(({ strategy }) => strategy);
    return {
      node,
      operator,
      origin: origin.get(node) ?? node,
      elements: graph.types.get(tensor)?.shape.reduce((product, size) => product * size, 1) ?? 0,
      rows: parts.reduce((total, { rows }) => total + rows, 0),
      strategy: [...new Set(strategies)].join('; '),
    };
  });
}
