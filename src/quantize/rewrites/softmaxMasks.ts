import { MASKED_SOFTMAX, INTERNAL_DOMAIN } from '../internalOperators.js';
import type { GraphNode, Tensor, TypedGraph } from '../../onnx/graph.js';
import { constantInput, floatsOf, indexGraph, onlyReader } from '../floatGraph.js';
import { softmaxAxes } from '../softmaxAxes.js';
import { broadcastsTo } from './channels.js';

/** From here on down a number added to a score, or put in its place, leaves nothing of its exponential. */
const NOTHING = -1000;

/**
 * Softmax behind a constant mask (scores plus 0 or a very negative number, or Where), as causal attention has it, as MaskedSoftmax of the
 * scores: a mask among them would take all of their 8 bits. Rows that are masked whole are left as they are.
 */
export function masksToSoftmax(graph: TypedGraph): TypedGraph {
  const index = indexGraph(graph);
  const initializers = new Map<string, Tensor>(graph.initializers);
  const types = new Map(graph.types);
  const masked = new Set<GraphNode>();
  const nodes = graph.nodes.map((node): GraphNode => {
    const mask = node.opType === 'Softmax' && node.domain === '' ? index.producer.get(node.inputs[0] as string) : undefined;
    const found = mask === undefined || onlyReader(index, mask.outputs[0] as string) !== node ? undefined : maskOf(graph, mask);
    if (mask === undefined || found === undefined || !fits(graph, node, found)) return node;
    const name = `${node.outputs[0]}/keep`;
    initializers.set(name, found.keep);
    types.set(name, found.keep);
    masked.add(mask);
    return { ...node, opType: MASKED_SOFTMAX, domain: INTERNAL_DOMAIN, inputs: [found.scores, name] };
  });
  return { ...graph, nodes: nodes.filter((node) => !masked.has(node)), initializers, types };
}

interface Mask {
  readonly scores: string;
  /** Of booleans. */
  readonly keep: Tensor;
}

function maskOf(graph: TypedGraph, node: GraphNode): Mask | undefined {
  if (node.domain !== '') return undefined;
  if (node.opType === 'Add') {
    const at = node.inputs.findIndex((_, input) => constantInput(graph, node, input) !== undefined);
    const constant = constantInput(graph, node, at);
    if (constant?.type !== 'float32' || !floatsOf(constant).every((value) => value === 0 || value <= NOTHING)) return undefined;
    return { scores: node.inputs[1 - at] as string, keep: booleans(constant.shape, Array.from(floatsOf(constant), (value) => value === 0)) };
  }
  const condition = node.opType === 'Where' ? constantInput(graph, node, 0) : undefined;
  if (condition === undefined) return undefined;
  for (const [at, chosen] of [[1, true], [2, false]] as const) {
    const constant = constantInput(graph, node, at);
    if (constant?.type !== 'float32' || !floatsOf(constant).every((value) => value <= NOTHING)) continue;
    return { scores: node.inputs[3 - at] as string, keep: booleans(condition.shape, Array.from(condition.data as Uint8Array, (value) => (value !== 0) !== chosen)) };
  }
  return undefined;
}

function booleans(shape: readonly number[], values: readonly boolean[]): Tensor {
  return { type: 'bool', shape, data: Uint8Array.from(values, Number) };
}

/** Whether a mask hides something, no row whole, and the scores have the shape of the result. */
function fits(graph: TypedGraph, node: GraphNode, { scores, keep }: Mask): boolean {
  const shape = graph.types.get(scores)?.shape ?? [];
  const [axis, ...others] = softmaxAxes(node, graph) as [number];
  const own = axis - (shape.length - keep.shape.length);
  if (others.length > 0 || graph.initializers.has(scores) || shape.join() !== graph.types.get(node.inputs[0] as string)?.shape.join() || !broadcastsTo(keep, shape)) return false;
  if (own < 0 || keep.shape[own] !== shape[axis] || keep.data.every((value) => value === 1)) return false;
  const inner = keep.shape.slice(own + 1).reduce((product, size) => product * size, 1);
  const length = keep.shape[own] as number;
  const rows = new Uint8Array(keep.data.length / length);
  keep.data.forEach((value: number | bigint, flat: number) => { if (value === 1) rows[Math.floor(flat / (inner * length)) * inner + (flat % inner)] = 1; });
  return rows.every((kept) => kept === 1);
}
