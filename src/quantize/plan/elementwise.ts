/** Element-wise functions of one tensor: however many nodes they are made of, one table of 256 entries computes them. */
import type { GraphNode, TypedGraph } from '../../onnx/graph.js';
import { floatsOf, indexGraph } from '../floatGraph.js';
import { AFFINE, INTERNAL_DOMAIN } from '../internalOperators.js';

/** Operators of ONNX that compute each element of their result from the same element of their operands. */
const ELEMENTWISE: ReadonlySet<string> = new Set([
  'Abs', 'Acos', 'Acosh', 'Add', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Celu', 'Clip', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Floor', 'Gelu', 'HardSigmoid',
  'HardSwish', 'LeakyRelu', 'Log', 'Max', 'Min', 'Mish', 'Mul', 'Neg', 'PRelu', 'Pow', 'Reciprocal', 'Relu', 'Round', 'Selu', 'Shrink', 'Sigmoid', 'Sign',
  'Sin', 'Sinh', 'Softplus', 'Softsign', 'Sqrt', 'Sub', 'Swish', 'Tan', 'Tanh', 'ThresholdedRelu',
]);

export interface ElementwiseMap {
  /** The tensor of which a float tensor is an element-wise function; itself where it is none. */
  readonly sourceOf: (tensor: string) => string;
  /** The nodes of that function, in order. */
  readonly nodesOf: (tensor: string) => readonly GraphNode[];
}

/** Which tensors of a graph are element-wise functions of one other. */
export function findElementwise(graph: TypedGraph): ElementwiseMap {
  const { producer } = indexGraph(graph);
  const sources = new Map<string, string>();
  const sourceOf = (tensor: string): string => sources.get(tensor) ?? tensor;
  for (const node of graph.nodes) {
    const source = commonSource(graph, node, sourceOf);
    if (source !== undefined) sources.set(node.outputs[0] as string, source);
  }
  const nodesOf = (tensor: string): GraphNode[] => {
    const source = sourceOf(tensor);
    const found = new Set<GraphNode>();
    const pending = [tensor];
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      const node = name === source ? undefined : producer.get(name);
      if (node === undefined || found.has(node)) continue;
      found.add(node);
      pending.push(...node.inputs.filter((input) => input !== '' && !graph.initializers.has(input)));
    }
    // A node is found before what it reads, but only its own readers decide the order.
    return ordered([...found]);
  };
  return { sourceOf, nodesOf };
}

/** The one tensor on which all operands of an element-wise node depend. */
function commonSource(graph: TypedGraph, node: GraphNode, sourceOf: (tensor: string) => string): string | undefined {
  const elementwise = node.domain === '' ? ELEMENTWISE.has(node.opType) : node.domain === INTERNAL_DOMAIN && node.opType === AFFINE;
  const [output] = node.outputs as [string];
  if (!elementwise || node.outputs.length > 1 || graph.types.get(output)?.type !== 'float32') return undefined;
  let source: string | undefined;
  for (const name of node.inputs) {
    if (name === '') continue;
    const constant = graph.initializers.get(name);
    if (constant !== undefined) {
      if (constant.data.length !== 1) return undefined;
      continue;
    }
    const own = sourceOf(name);
    if (source !== undefined && source !== own) return undefined;
    source = own;
  }
  const sameSize = source !== undefined && graph.types.get(source)?.shape.join() === graph.types.get(output)?.shape.join();
  return sameSize ? source : undefined;
}

function ordered(nodes: readonly GraphNode[]): GraphNode[] {
  const producer = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const done = new Set<GraphNode>();
  const result: GraphNode[] = [];
  // Depth first without recursion: a chain may be 50,000 nodes long.
  const stack = [...nodes].reverse();
  while (stack.length > 0) {
    const node = stack[stack.length - 1] as GraphNode;
    const missing = done.has(node) ? [] : node.inputs.flatMap((name) => producer.get(name) ?? []).filter((before) => !done.has(before));
    if (missing.length > 0) stack.push(...missing);
    else {
      stack.pop();
      if (!done.has(node)) result.push(node);
      done.add(node);
    }
  }
  return result;
}

/** The tensor that the nodes of a function of one tensor read from outside. */
export function outerTensor({ initializers }: Pick<TypedGraph, 'initializers'>, nodes: readonly GraphNode[]): string {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  return nodes.flatMap(({ inputs }) => inputs).find((name) => name !== '' && !made.has(name) && !initializers.has(name)) as string;
}

/** A range that results are cut to. */
export interface Clamp {
  readonly lo: number;
  readonly hi: number;
}

/** What nodes in a row do when all they do is to cut off: Relu and Clip by constants, Max and Min with a number. */
export function clampOf(graph: TypedGraph, nodes: readonly GraphNode[]): Clamp | undefined {
  let clamp: Clamp | undefined = { lo: -Infinity, hi: Infinity };
  for (const node of nodes) {
    const own = clampOfNode(graph, node);
    if (own === undefined || clamp === undefined) return undefined;
    const cut = (value: number): number => Math.min(Math.max(value, own.lo), own.hi);
    clamp = { lo: cut(clamp.lo), hi: cut(clamp.hi) };
  }
  return clamp;
}

function clampOfNode(graph: TypedGraph, node: GraphNode): Clamp | undefined {
  const number = (index: number, otherwise: number): number | undefined => {
    const name = node.inputs[index];
    if (!name) return otherwise;
    const constant = graph.initializers.get(name);
    return constant?.data.length === 1 ? floatsOf(constant)[0] : undefined;
  };
  switch (node.opType) {
    case 'Relu': return { lo: 0, hi: Infinity };
    case 'Clip': {
      const [lo, hi] = [number(1, -Infinity), number(2, Infinity)];
      return lo === undefined || hi === undefined || !(lo <= hi) ? undefined : { lo, hi };
    }
    case 'Max': case 'Min': {
      const bound = node.inputs.length === 2 ? (number(0, NaN) ?? number(1, NaN)) : undefined;
      if (bound === undefined || Number.isNaN(bound)) return undefined;
      return node.opType === 'Max' ? { lo: bound, hi: Infinity } : { lo: -Infinity, hi: bound };
    }
    default: return undefined;
  }
}
