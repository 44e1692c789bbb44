import { ZkonnxError } from '../../errors/index.js';
import type { GraphNode, TypedGraph } from '../../onnx/graph.js';
import { indexGraph, type GraphIndex } from '../floatGraph.js';
import { kindOf, TABLE, CUT } from '../emit/registry.js';
import type { QuantizeOptions } from '../options.js';
import { softmaxAxes } from '../softmaxAxes.js';
import { refuseNodes, type Obstacle } from '../refusal.js';
import { clampOf, findElementwise, type ElementwiseMap } from './elementwise.js';
import type { Layer } from './layer.js';

/** What a float model becomes: nodes that stay float before and after, layers between. */
export interface Plan {
  /** Float nodes before the first layers. */
  readonly before: readonly GraphNode[];
  readonly layers: readonly Layer[];
  /** Nodes on integers alone, like index arithmetic; they stay as they are. In the order of the graph, among the layers. */
  readonly after: readonly GraphNode[];
  /** The float tensors that are quantized: results of layers, and what is quantized at the entry. */
  readonly tensors: readonly string[];
  /** Float tensors that become integers at the entry: inputs of the model, or results of `before`. */
  readonly entries: readonly string[];
}

/**
 * Divides a rewritten float model into layers.
 * @param ownOperators the operators of the nodes of the model as it was given, by name
 * @throws ZkonnxError OPERATOR_UNSUPPORTED naming every node that has no exact integer form
 */
export function planLayers(graph: TypedGraph, ownOperators: ReadonlyMap<string, string>, options: Pick<QuantizeOptions, 'include' | 'exclude'>): Plan {
  const index = indexGraph(graph);
  const excluded = excludedNodes(graph, ownOperators, options);
  const after = floatEnd(graph, index, excluded);
  const before = floatBeginning(graph, index, excluded, after);
  const inner = graph.nodes.filter((node) => !after.has(node) && !before.has(node));
  const isFloat = (name: string): boolean => graph.types.get(name)?.type === 'float32' && !graph.initializers.has(name);
  const elementwise = findElementwise({ ...graph, nodes: inner });
  const layers = new Layers(graph, elementwise, neededTensors(graph, { inner, after, isFloat }, elementwise));
  for (const node of inner) layers.visit(node);
  const found = layers.finish();
  const tensors = new Set(found.flatMap(({ node, output }) => (node.outputs.length > 1 ? node.outputs : [output])).filter(isFloat));
  const made = new Set(tensors);
  const read = [...found.flatMap(({ nodes }) => nodes.flatMap(({ inputs }) => inputs)), ...graph.outputs.map(({ name }) => name)];
  const outside = new Set([...graph.inputs.map(({ name }) => name), ...[...before].flatMap(({ outputs }) => outputs)]);
  const entries = [...new Set(read.filter((name) => name !== '' && isFloat(name) && !made.has(name) && outside.has(name)))];
  return { before: [...before], layers: found, after: [...after], tensors: [...entries, ...tensors], entries };
}

function excludedNodes({ nodes }: TypedGraph, ownOperators: ReadonlyMap<string, string>, { include, exclude = [] }: Pick<QuantizeOptions, 'include' | 'exclude'>): Set<GraphNode> {
  const names = new Set([...ownOperators].flat());
  const stranger = [...exclude, ...(include ?? [])].find((name) => !names.has(name));
  if (stranger !== undefined) throw new ZkonnxError('USAGE', { message: `The model has no node and no operator called '${stranger}', which is to be included or excluded.`, expected: [...new Set(ownOperators.values())].join(', ') });
  const named = (list: readonly string[], { name, opType }: GraphNode): boolean => list.includes(name) || list.includes(ownOperators.get(name) ?? opType);
  return new Set(nodes.filter((node) => named(exclude, node) || (include !== undefined && !named(include, node))));
}

/** Nodes at the end that stay float: a Softmax along one axis that makes an output, and excluded nodes on which nothing else depends. */
function floatEnd(graph: TypedGraph, { readers, outputs }: GraphIndex, excluded: ReadonlySet<GraphNode>): Set<GraphNode> {
  const end = new Set<GraphNode>();
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = graph.nodes[index] as GraphNode;
    const last = node.outputs.every((name) => (readers.get(name) ?? []).every((reader) => end.has(reader)));
    const softmax = node.opType === 'Softmax' && outputs.has(node.outputs[0] as string) && softmaxAxes(node, graph).length === 1;
    if (last && (softmax || excluded.has(node))) end.add(node);
  }
  return end;
}

/** Excluded nodes at the beginning that depend on nothing but inputs and other such nodes. */
function floatBeginning(graph: TypedGraph, { producer }: GraphIndex, excluded: ReadonlySet<GraphNode>, after: ReadonlySet<GraphNode>): Set<GraphNode> {
  const beginning = new Set<GraphNode>();
  const stuck: Obstacle[] = [];
  for (const node of graph.nodes) {
    if (!excluded.has(node) || after.has(node)) continue;
    const first = node.inputs.every((name) => producer.get(name) === undefined || beginning.has(producer.get(name) as GraphNode));
    if (first) beginning.add(node);
    else stuck.push({ node, reason: 'it is excluded, but lies between quantized layers, where nothing may stay float' });
  }
  if (stuck.length > 0) throw refuseNodes(stuck);
  return beginning;
}

/** The float tensors that must exist as integers: what outputs, layers and the float end read. */
function neededTensors(
  graph: TypedGraph,
  { inner, after, isFloat }: { inner: readonly GraphNode[]; after: ReadonlySet<GraphNode>; isFloat: (name: string) => boolean },
  { sourceOf }: ElementwiseMap,
): Set<string> {
  const needed = new Set(graph.outputs.map(({ name }) => name).filter(isFloat));
  for (const node of after) for (const name of node.inputs) if (isFloat(name)) needed.add(name);
  for (const node of inner) {
    const [output] = node.outputs as [string];
    if (sourceOf(output) !== output) continue;
    for (const name of node.inputs) if (isFloat(name)) needed.add(name);
  }
  return needed;
}

class Layers {
  readonly #layers: Layer[] = [];
  readonly #obstacles: Obstacle[] = [];
  readonly #graph: TypedGraph;
  readonly #elementwise: ElementwiseMap;
  readonly #needed: ReadonlySet<string>;
  /** By the source of element-wise functions: those that are needed. */
  readonly #functions = new Map<string, string[]>();
  readonly #done = new Set<string>();

  constructor(graph: TypedGraph, elementwise: ElementwiseMap, needed: ReadonlySet<string>) {
    this.#graph = graph;
    this.#elementwise = elementwise;
    this.#needed = needed;
    for (const name of needed) {
      const source = elementwise.sourceOf(name);
      if (source === name) continue;
      const known = this.#functions.get(source);
      if (known === undefined) this.#functions.set(source, [name]);
      else known.push(name);
    }
  }

  visit(node: GraphNode): void {
    const [output] = node.outputs as [string];
    if (this.#elementwise.sourceOf(output) === output) this.#layer(node);
    else if (this.#needed.has(output) && !this.#done.has(output)) this.#function(output);
  }

  finish(): Layer[] {
    if (this.#obstacles.length > 0) throw refuseNodes(this.#obstacles);
    return this.#layers;
  }

  #layer(node: GraphNode): void {
    const kind = kindOf(node, this.#graph);
    const reason = kind === undefined ? 'it has no exact integer form' : kind.obstacle?.(node, this.#graph);
    if (kind === undefined || reason !== undefined) {
      this.#obstacles.push({ node, reason: reason ?? '' });
      return;
    }
    const [output] = node.outputs as [string];
    const functions = this.#functions.get(output) ?? [];
    if (kind.saturates && node.outputs.length === 1 && functions.length === 1 && !this.#needed.has(output)) {
      const [name] = functions as [string];
      const nodes = this.#elementwise.nodesOf(name);
      const clamp = clampOf(this.#graph, nodes);
      if (clamp !== undefined) {
        this.#done.add(name);
        this.#layers.push({ kind, node, nodes: [node, ...nodes], output: name, clamp });
        return;
      }
    }
    this.#layers.push({ kind, node, nodes: [node], output });
  }

  #function(output: string): void {
    const nodes = this.#elementwise.nodesOf(output);
    const clamp = clampOf(this.#graph, nodes);
    const node = nodes[nodes.length - 1] as GraphNode;
    if (clamp === undefined) this.#layers.push({ kind: TABLE, node, nodes, output });
    else this.#layers.push({ kind: CUT, node: { ...node, inputs: [this.#elementwise.sourceOf(output)] }, nodes, output, clamp });
  }
}
