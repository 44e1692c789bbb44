/** The float results of element-wise functions for all 256 integers, computed by ONNX Runtime: whatever operators they are made of. */
import { ZkonnxError } from '../errors/index.js';
import { encodeModel } from '../onnx/encode.js';
import type { Graph, GraphNode, Tensor, TypedGraph } from '../onnx/graph.js';
import { run, withSession } from '../runtime/session.js';
import { TABLE } from './emit/registry.js';
import type { FunctionTables } from './functionTables.js';
import { withoutInternalOperators } from './internalOperators.js';
import { outerTensor } from './plan/elementwise.js';
import type { Layer } from './plan/layer.js';
import { LEAST, MOST, type Parameters } from './plan/parameters.js';

/** A function of one tensor: the nodes between, in order. */
interface ElementwiseFunction {
  readonly source: string;
  readonly output: string;
  readonly nodes: readonly GraphNode[];
}

/**
 * Evaluates the element-wise functions among layers, in one session, for all ways in which their sources may be quantized.
 * @param ways each gives every tensor's parameters
 */
export async function evaluateTables(graph: TypedGraph, layers: readonly Layer[], ways: readonly ReadonlyMap<string, Parameters>[]): Promise<FunctionTables> {
  const functions = layers.filter(({ kind }) => kind === TABLE).map(({ nodes, output }): ElementwiseFunction => ({ source: outerTensor(graph, nodes), output, nodes }));
  const sources = functions.map(({ source }) => new Map(ways.map((way) => way.get(source) as Parameters).map((parameters) => [keyOf(parameters), parameters])));
  const places = sources.map((known) => Float32Array.from([...known.values()].flatMap(({ scale, zeroPoint }) => Array.from({ length: ENTRIES }, (_, index) => (index + LEAST - zeroPoint) * scale))));
  const results = await evaluate(graph, functions, places);
  const tables = new Map(functions.map(({ output }, number) => [output, new Map([...(sources[number] as Map<string, Parameters>).keys()].map((key, index) => [key, (results[number] as Float32Array).subarray(index * ENTRIES, (index + 1) * ENTRIES)]))]));
  return (output, source) => {
    const found = tables.get(output)?.get(keyOf(source));
    if (found === undefined) throw new ZkonnxError('INTERNAL', { message: `the function '${output}' was not evaluated` });
    return found;
  };
}

const ENTRIES = MOST - LEAST + 1;

function keyOf({ scale, zeroPoint }: Parameters): string {
  return `${scale} ${zeroPoint}`;
}

/** The results of functions, each at its own places. */
async function evaluate(graph: TypedGraph, functions: readonly ElementwiseFunction[], places: readonly Float32Array[]): Promise<Float32Array[]> {
  if (functions.length === 0) return [];
  const parts = functions.map((wanted, number) => part(graph, wanted, number));
  const inputs = new Map(parts.map(({ input }, number): [string, Tensor] => {
    const data = places[number] as Float32Array;
    return [input, { type: 'float32', shape: [data.length], data }];
  }));
  const model: Graph = {
    name: 'functions',
    inputs: [...inputs].map(([name, { type, shape }]) => ({ name, type, shape })),
    outputs: parts.map(({ output }) => ({ name: output, type: 'float32', shape: [], unknownRank: true })),
    initializers: new Map(parts.flatMap(({ constants }) => [...constants])),
    nodes: parts.flatMap(({ nodes }) => nodes),
    opsets: graph.opsets,
  };
  const bytes = encodeModel(withoutInternalOperators({ ...model, types: new Map() }));
  const values = await withSession({ bytes }, (session) => run(session, inputs));
  return parts.map(({ output }) => values.get(output)?.data as Float32Array);
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
