/** Nodes that depend on constants alone, computed by ONNX Runtime. */
import { encodeModel } from '../onnx/encode.js';
import type { GraphNode, Tensor, TypedGraph } from '../onnx/graph.js';
import { run, withSession } from '../runtime/session.js';

/** The graph with the results of such nodes as constants. A float model makes no claim about their last bits. */
export async function evaluateConstants(graph: TypedGraph): Promise<TypedGraph> {
  const known = new Set(graph.initializers.keys());
  const constant: GraphNode[] = [];
  const rest: GraphNode[] = [];
  for (const node of graph.nodes) {
    if (node.inputs.length > 0 && node.inputs.every((name) => name === '' || known.has(name))) {
      constant.push(node);
      for (const name of node.outputs) known.add(name);
    } else rest.push(node);
  }
  if (constant.length === 0) return graph;
  const read = new Set([...rest.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  const wanted = constant.flatMap(({ outputs }) => outputs).filter((name) => name !== '' && read.has(name));
  const outputs = wanted.map((name) => ({ name, ...(graph.types.get(name) as { type: Tensor['type']; shape: readonly number[] }) }));
  if (outputs.length === 0) return { ...graph, nodes: rest };
  const values = await withSession({ bytes: encodeModel({ ...graph, inputs: [], nodes: constant, outputs }) }, (session) => run(session, new Map()));
  return { ...graph, nodes: rest, initializers: new Map([...graph.initializers, ...values]) };
}
