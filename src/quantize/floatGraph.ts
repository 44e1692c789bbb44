/** The float model while it is rewritten, and how its tensors hang together. */
import type { GraphNode, Tensor, TypedGraph } from '../onnx/graph.js';

/** Who makes and who reads each tensor of a graph. */
export interface GraphIndex {
  /** The node that computes a tensor. */
  readonly producer: ReadonlyMap<string, GraphNode>;
  /** The nodes that read a tensor, once for each time they do. */
  readonly readers: ReadonlyMap<string, readonly GraphNode[]>;
  readonly outputs: ReadonlySet<string>;
}

export function indexGraph({ nodes, outputs }: Pick<TypedGraph, 'nodes' | 'outputs'>): GraphIndex {
  const producer = new Map<string, GraphNode>();
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const name of node.outputs) if (name !== '') producer.set(name, node);
    for (const name of node.inputs) {
      if (name === '') continue;
      const known = readers.get(name);
      if (known === undefined) readers.set(name, [node]);
      else known.push(node);
    }
  }
  return { producer, readers, outputs: new Set(outputs.map(({ name }) => name)) };
}

/** The node that reads a tensor, when it is the only one and the tensor is no output of the graph. */
export function onlyReader({ readers, outputs }: GraphIndex, tensor: string): GraphNode | undefined {
  const list = readers.get(tensor);
  return list?.length === 1 && !outputs.has(tensor) ? list[0] : undefined;
}

/** The value of an input of a node that is a constant. */
export function constantInput({ initializers }: Pick<TypedGraph, 'initializers'>, node: GraphNode, index: number): Tensor | undefined {
  return initializers.get(node.inputs[index] ?? '');
}

/** The graph without the nodes and constants on which no output depends. */
export function removeDeadNodes(graph: TypedGraph): TypedGraph {
  const live = new Set(graph.outputs.map(({ name }) => name));
  const nodes: GraphNode[] = [];
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = graph.nodes[index] as GraphNode;
    if (!node.outputs.some((name) => live.has(name))) continue;
    nodes.push(node);
    for (const name of node.inputs) live.add(name);
  }
  return { ...graph, nodes: nodes.reverse(), initializers: new Map([...graph.initializers].filter(([name]) => live.has(name))) };
}

/** A float32 tensor. */
export function floatTensor(shape: readonly number[], data: Float32Array): Tensor {
  return { type: 'float32', shape, data };
}

/** The elements of a float tensor. */
export function floatsOf(tensor: Tensor): Float32Array {
  return tensor.data as Float32Array;
}
