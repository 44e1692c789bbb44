import { ZkonnxError } from '../errors/index.js';
import { capturedTensors } from './expand.js';
import type { GraphNode } from './graph.js';

/**
 * The nodes so that each comes after those whose outputs it reads. ONNX demands this order; files that break it are accepted. The
 * order of the file is kept wherever it can be, so the result is deterministic.
 * @throws ZkonnxError MODEL_CYCLE naming nodes of the cycle.
 */
export function topologicalOrder(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const producer = new Map<string, number>();
  nodes.forEach((node, index) => node.outputs.forEach((name) => { if (name !== '') producer.set(name, index); }));

  const pending = nodes.map(() => 0);
  const readers: number[][] = nodes.map(() => []);
  let sorted = true;
  nodes.forEach((node, index) => {
    for (const source of new Set([...node.inputs, ...capturedTensors(node)].map((name) => producer.get(name)))) {
      if (source === undefined) continue;
      pending[index] = (pending[index] as number) + 1;
      (readers[source] as number[]).push(index);
      if (source >= index) sorted = false;
    }
  });
  if (sorted) return nodes;

  const order: GraphNode[] = [];
  const ready = nodes.map((_, index) => index).filter((index) => pending[index] === 0);
  for (let next = 0; next < ready.length; next++) {
    const index = ready[next] as number;
    order.push(nodes[index] as GraphNode);
    for (const reader of readers[index] as number[]) {
      pending[reader] = (pending[reader] as number) - 1;
      if (pending[reader] === 0) ready.push(reader);
    }
  }
  if (order.length < nodes.length) throw cycleError(nodes, pending, producer);
  return order;
}

function cycleError(nodes: readonly GraphNode[], pending: readonly number[], producer: ReadonlyMap<string, number>): ZkonnxError {
  // Every pending node has a pending source; walking back from one must come around.
  const seen: number[] = [];
  let index = pending.findIndex((count) => count > 0);
  while (!seen.includes(index) && seen.length < 1000) {
    seen.push(index);
    const node = nodes[index] as GraphNode;
    index = [...node.inputs, ...capturedTensors(node)].map((name) => producer.get(name)).find((source) => source !== undefined && (pending[source] as number) > 0) as number;
  }
  const cycle = seen.slice(seen.indexOf(index)).reverse().map((at) => (nodes[at] as GraphNode).name);
  return new ZkonnxError('MODEL_CYCLE', {
    message: `The graph has a cycle: ${cycle.slice(0, 8).join(' → ')}${cycle.length > 8 ? ' → …' : ''} → ${cycle[0]}.`,
    node: cycle[0],
  });
}
