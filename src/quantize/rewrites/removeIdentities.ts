import type { GraphNode, TypedGraph } from '../../onnx/graph.js';

/** Operators that hand their input on when float32 stays float32. */
const HANDS_ON: ReadonlySet<string> = new Set(['Cast', 'CastLike', 'Dropout', 'Identity']);

/** Leaves out nodes that change nothing. One that makes an output of the graph stays, as the name of that output. */
export function removeIdentities(graph: TypedGraph): TypedGraph {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const renamed = new Map<string, string>();
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => renamed.get(name) ?? name);
    const [input, output] = [inputs[0] as string, node.outputs[0] as string];
    const same = graph.types.get(input)?.type === graph.types.get(output)?.type;
    if (HANDS_ON.has(node.opType) && node.domain === '' && same) {
      if (!outputs.has(output)) renamed.set(output, input);
      else nodes.push({ ...node, opType: 'Identity', inputs: [input], outputs: [output], attributes: new Map() });
    } else nodes.push({ ...node, inputs });
  }
  return { ...graph, nodes };
}
