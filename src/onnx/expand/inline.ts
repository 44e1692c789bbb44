/** The nodes of a graph within a node, with names of the graph around it. */
import type { Attribute, Graph, GraphNode, Tensor } from '../graph.js';

export interface Inlined {
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Tensor>;
  /** The tensors that are the outputs of the inner graph. */
  readonly outputs: readonly string[];
}

/**
 * @param inputs tensors of the outer graph for the inputs of the inner one
 * @param fresh makes a tensor name that nothing else has
 */
export function inlined(node: GraphNode, graph: Graph, inputs: readonly string[], fresh: (base: string) => string): Inlined {
  const names = new Map(graph.inputs.map(({ name }, index) => [name, inputs[index] as string]));
  const own = [...graph.initializers.keys(), ...graph.nodes.flatMap(({ outputs }) => outputs)];
  for (const name of own) if (name !== '' && !names.has(name)) names.set(name, fresh(`${node.name}/${name}`));
  return {
    nodes: graph.nodes.map((inner) => renamed({ ...inner, name: inner.name.startsWith(`${node.name}/`) ? inner.name : `${node.name}/${inner.name}` }, names)),
    constants: new Map([...graph.initializers].map(([name, tensor]) => [names.get(name) as string, tensor])),
    outputs: graph.outputs.map(({ name }) => names.get(name) ?? name),
  };
}

function renamed(node: GraphNode, names: ReadonlyMap<string, string>): GraphNode {
  const rename = (tensor: string): string => names.get(tensor) ?? tensor;
  const attributes = new Map<string, Attribute>([...node.attributes].map(([name, attribute]) => [name, attribute.kind === 'graph' ? { kind: 'graph', value: renamedGraph(attribute.value, names) } : attribute]));
  return { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename), attributes };
}

/** A graph within a branch: what it defines itself keeps its name. */
function renamedGraph(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const own = new Set([...graph.inputs.map(({ name }) => name), ...graph.initializers.keys(), ...graph.nodes.flatMap(({ outputs }) => outputs)]);
  const outer = new Map([...names].filter(([name]) => !own.has(name)));
  return { ...graph, nodes: graph.nodes.map((node) => renamed(node, outer)), outputs: graph.outputs.map((output) => ({ ...output, name: outer.get(output.name) ?? output.name })) };
}
