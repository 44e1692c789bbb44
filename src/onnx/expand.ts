/**
 * Nodes that stand for others: If with a constant condition is one of its branches, Dropout for inference is the identity; further
 * operators that others define are in expand/.
 */
import { expandHardmax } from './expand/hardmax.js';
import { expandMaxPoolIndices } from './expand/maxPoolIndices.js';
import { expandOneHot } from './expand/oneHot.js';
import { expandScatterReduction } from './expand/scatterReduction.js';
import { expandReduction } from './expand/reduction.js';
import { elementCount, type Attribute, type Graph, type GraphNode, type Tensor } from './graph.js';
import { formatShape } from './shape.js';
import type { InferContext } from './operators/schema.js';

/** What takes the place of a node. */
export interface Expansion {
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Tensor>;
}

/**
 * The nodes that a node stands for, or undefined when it stands for itself.
 * @param fresh makes a tensor name that nothing else has
 * @throws ZkonnxError OPERATOR_UNSUPPORTED for a condition that is computed from the data
 */
export function expandNode(context: InferContext, fresh: (base: string) => string): Expansion | undefined {
  const { node } = context;
  if (node.domain !== '') return undefined;
  if (node.opType === 'If') return branch(context, fresh);
  if (node.opType === 'Dropout') return inferenceDropout(context);
  return OPERATORS[node.opType]?.(context, fresh) ?? expandReduction(context, fresh);
}

/** Operators that others define. Each gives undefined where the node stays what it is. */
const OPERATORS: Readonly<Record<string, (context: InferContext, fresh: (base: string) => string) => Expansion | undefined>> = {
  Hardmax: expandHardmax,
  MaxPool: expandMaxPoolIndices,
  OneHot: expandOneHot,
  ScatterElements: expandScatterReduction,
  ScatterND: expandScatterReduction,
};

/** https://onnx.ai/onnx/operators/onnx__Dropout.html: without training it passes its input on, with a mask of ones. */
function inferenceDropout(context: InferContext): Expansion | undefined {
  const { node } = context;
  const training = context.has(2) ? context.constant(2)?.data[0] : 0;
  if (training !== 0) return undefined;
  const [input, output, mask] = [node.inputs[0], node.outputs[0], node.outputs[1]] as [string, string, string | undefined];
  const { shape } = context.input(0);
  const constants = new Map<string, Tensor>();
  if (mask) constants.set(mask, { type: 'bool', shape, data: new Uint8Array(elementCount(shape)).fill(1) });
  return { nodes: [{ ...node, opType: 'Identity', inputs: [input], outputs: [output], attributes: new Map() }], constants };
}

/** https://onnx.ai/onnx/operators/onnx__If.html */
function branch(context: InferContext, fresh: (base: string) => string): Expansion {
  const { node } = context;
  const condition = context.constant(0);
  if (condition === undefined) throw context.unsupported('The condition of an If is computed from the data, so which branch runs is not known', 'Compute both branches and choose with Where.');
  if (condition.type !== 'bool' || condition.data.length !== 1) throw context.invalid('The condition of an If is not one truth value', 'bool of one element', `${condition.type} ${formatShape(condition.shape)}`);
  const name = condition.data[0] === 0 ? 'else_branch' : 'then_branch';
  const attribute = node.attributes.get(name);
  if (attribute?.kind !== 'graph') throw context.invalid(`The attribute ${name} is missing`, 'a graph', attribute?.kind ?? 'nothing');
  const graph = attribute.value;
  if (graph.inputs.length > 0 || graph.outputs.length !== node.outputs.length) throw context.invalid('The branch does not fit the If', `no inputs and ${node.outputs.length} outputs`, `${graph.inputs.length} inputs and ${graph.outputs.length} outputs`);
  return spliced(node, graph, fresh);
}

/** The nodes of a branch with names of the graph around it. */
function spliced(node: GraphNode, graph: Graph, fresh: (base: string) => string): Expansion {
  const produced = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const names = new Map<string, string>();
  const copies: GraphNode[] = [];
  graph.outputs.forEach(({ name }, index) => {
    const outer = node.outputs[index];
    if (!outer) return;
    if (produced.has(name) && !names.has(name)) names.set(name, outer);
    else copies.push({ name: `${node.name}/${name}_Identity`, opType: 'Identity', domain: '', inputs: [name], outputs: [outer], attributes: new Map() });
  });
  for (const name of [...graph.initializers.keys(), ...produced]) if (name !== '' && !names.has(name)) names.set(name, fresh(`${node.name}/${name}`));
  return {
    nodes: [...graph.nodes, ...copies].map((inner) => renamed({ ...inner, name: inner.name.startsWith(`${node.name}/`) ? inner.name : `${node.name}/${inner.name}` }, names)),
    constants: new Map([...graph.initializers].map(([name, tensor]) => [names.get(name) as string, tensor])),
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

/** The tensors that the graphs within a node read from the graph around it. */
export function capturedTensors(node: GraphNode): string[] {
  return [...node.attributes.values()].flatMap((attribute) => {
    if (attribute.kind !== 'graph') return [];
    const { inputs, initializers, nodes, outputs } = attribute.value;
    const own = new Set([...inputs.map(({ name }) => name), ...initializers.keys(), ...nodes.flatMap((inner) => inner.outputs)]);
    const read = [...nodes.flatMap((inner) => [...inner.inputs, ...capturedTensors(inner)]), ...outputs.map(({ name }) => name)];
    return read.filter((name) => name !== '' && !own.has(name));
  });
}
