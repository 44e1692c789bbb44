import type { Graph, TypedGraph } from '../../onnx/graph.js';

/** The graph with some of the tensors that it computes as further outputs. */
export function exposeTensors(graph: TypedGraph, names: readonly string[]): Graph {
  const own = new Set(graph.outputs.map(({ name }) => name));
  const extra = [...new Set(names)].flatMap((name) => {
    const type = graph.types.get(name);
    return type === undefined || own.has(name) ? [] : [{ name, ...type }];
  });
  return { ...graph, outputs: [...graph.outputs, ...extra] };
}
