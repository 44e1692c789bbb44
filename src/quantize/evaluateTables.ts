/** The float results of element-wise functions for all 256 integers, computed by ONNX Runtime: whatever operators they are made of. */
import { encodeModel } from '../onnx/encode.js';
import type { Graph, GraphNode, Tensor, TypedGraph } from '../onnx/graph.js';
import { run, withSession } from '../runtime/session.js';
import { withoutInternalOperators } from './internalOperators.js';

/** A function of one tensor: the nodes between, in order. */
export interface ElementwiseFunction {
  readonly source: string;
  readonly output: string;
  readonly nodes: readonly GraphNode[];
}

/**
 * The results of functions at given places.
 * @param places by function, what is put in
 */
export async function evaluateFunctions(graph: TypedGraph, functions: readonly ElementwiseFunction[], places: (wanted: ElementwiseFunction) => Float32Array): Promise<Map<string, Float32Array>> {
  const results = new Map<string, Float32Array>();
  if (functions.length === 0) return results;
  const parts = functions.map((wanted, number) => part(graph, wanted, number));
  const model: Graph = {
    name: 'functions',
    inputs: parts.map(({ input }, number) => ({ name: input, type: 'float32', shape: [places(functions[number] as ElementwiseFunction).length] })),
    outputs: parts.map(({ output }) => ({ name: output, type: 'float32', shape: [], unknownRank: true })),
    initializers: new Map(parts.flatMap(({ constants }) => [...constants])),
    nodes: parts.flatMap(({ nodes }) => nodes),
    opsets: graph.opsets,
  };
  const inputs = new Map(parts.map(({ input }, number): [string, Tensor] => {
    const data = places(functions[number] as ElementwiseFunction);
    return [input, { type: 'float32', shape: [data.length], data }];
  }));
  const types = new Map<string, never>();
  const bytes = encodeModel(withoutInternalOperators({ ...model, types }));
  const values = await withSession({ bytes }, (session) => run(session, inputs));
  parts.forEach(({ output }, number) => results.set((functions[number] as ElementwiseFunction).output, values.get(output)?.data as Float32Array));
  return results;
}

/** The nodes of one function under names of their own, with its constants as scalars. */
function part(graph: TypedGraph, { source, output, nodes }: ElementwiseFunction, number: number): { input: string; output: string; nodes: GraphNode[]; constants: Map<string, Tensor> } {
  const renamed = (name: string): string => (name === '' ? '' : `${number}/${name}`);
  const constants = new Map<string, Tensor>();
  for (const name of nodes.flatMap(({ inputs }) => inputs)) {
    const constant = graph.initializers.get(name);
    if (constant !== undefined) constants.set(renamed(name), { ...constant, shape: [] });
  }
  return {
    input: renamed(source),
    output: renamed(output),
    nodes: nodes.map((node) => ({ ...node, name: renamed(node.name), inputs: node.inputs.map(renamed), outputs: node.outputs.map(renamed) })),
    constants,
  };
}
