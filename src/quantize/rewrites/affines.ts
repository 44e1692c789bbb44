import { floatAttribute } from '../../onnx/attributes.js';
import type { GraphNode, Tensor, TensorType, TypedGraph } from '../../onnx/graph.js';
import { floatsOf, floatTensor } from '../floatGraph.js';
import { AFFINE, internalNode } from '../internalOperators.js';
import { broadcastsTo } from './channels.js';

interface Constants {
  readonly x: string;
  readonly factor: Tensor;
  readonly offset: Tensor;
}

/** Sums and products with constants, negation and batch normalisation as x · factor + offset. */
export function constantsToAffines(graph: TypedGraph): TypedGraph {
  const initializers = new Map<string, Tensor>(graph.initializers);
  const types = new Map<string, TensorType>(graph.types);
  const nodes = graph.nodes.map((node): GraphNode => {
    const [output] = node.outputs as [string];
    if (node.domain !== '' || types.get(output)?.type !== 'float32') return node;
    const found = constantsOf(graph, node);
    if (found === undefined) return node;
    const names = (['factor', 'offset'] as const).map((role) => {
      const name = `${output}/${role}`;
      initializers.set(name, found[role]);
      types.set(name, found[role]);
      return name;
    });
    return internalNode(AFFINE, { name: node.name, inputs: [found.x, ...names], outputs: [output] });
  });
  return { ...graph, nodes, initializers, types };
}

const scalar = (value: number): Tensor => floatTensor([], Float32Array.of(value));

function constantsOf(graph: TypedGraph, node: GraphNode): Constants | undefined {
  if (node.opType === 'BatchNormalization') return batchNorm(graph, node);
  const [a, b] = node.inputs as [string, string];
  if (node.opType === 'Neg') return { x: a, factor: scalar(-1), offset: scalar(0) };
  if (!['Add', 'Mul', 'Sub'].includes(node.opType)) return undefined;
  const [left, right] = [graph.initializers.get(a), graph.initializers.get(b)];
  const constant = right ?? left;
  const x = right === undefined ? b : a;
  if (constant === undefined || !broadcastsTo(constant, graph.types.get(x)?.shape ?? [])) return undefined;
  const negated = floatTensor(constant.shape, floatsOf(constant).map((value) => -value));
  switch (node.opType) {
    case 'Add': return { x, factor: scalar(1), offset: constant };
    case 'Mul': return { x, factor: constant, offset: scalar(0) };
    default: return right === undefined ? { x, factor: scalar(-1), offset: constant } : { x, factor: scalar(1), offset: negated };
  }
}

/** scale · (x − mean) / √(variance + ε) + shift. https://onnx.ai/onnx/operators/onnx__BatchNormalization.html */
function batchNorm(graph: TypedGraph, node: GraphNode): Constants | undefined {
  const [x, ...names] = node.inputs as [string, ...string[]];
  const statistics = names.map((name) => graph.initializers.get(name));
  if (statistics.length !== 4 || statistics.some((tensor) => tensor === undefined)) return undefined;
  const [scale, shift, mean, variance] = (statistics as Tensor[]).map(floatsOf) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const epsilon = floatAttribute(node, 'epsilon', 1e-5);
  const rank = graph.types.get(x)?.shape.length ?? 2;
  const shape = [scale.length, ...new Array<number>(Math.max(rank - 2, 0)).fill(1)];
  const factor = scale.map((value, channel) => value / Math.sqrt((variance[channel] as number) + epsilon));
  const offset = shift.map((value, channel) => value - (mean[channel] as number) * (factor[channel] as number));
  return { x, factor: floatTensor(shape, factor), offset: floatTensor(shape, offset) };
}
