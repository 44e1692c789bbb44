import { floatValue, intsAttribute, intValue } from '../../onnx/attributes.js';
import type { Attribute, GraphNode, Tensor, TypedGraph } from '../../onnx/graph.js';
import { constantInput, floatsOf, floatTensor, indexGraph, onlyReader, type GraphIndex } from '../floatGraph.js';

/** The opset that LayerNormalization came with, and the oldest of which all nodes mean the same there. */
const [OPSET, OLDEST] = [17, 13];

/** (x − mean) / √(mean of squares + ε), times and plus constants, as exporters spell LayerNormalization out below opset 17: as one node. */
export function spelledOutToLayerNormalization(graph: TypedGraph): TypedGraph {
  const opset = graph.opsets.get('') ?? OLDEST;
  if (opset < OLDEST) return graph;
  const index = indexGraph(graph);
  const initializers = new Map<string, Tensor>(graph.initializers);
  const types = new Map(graph.types);
  const replaced = new Map<GraphNode, GraphNode>();
  for (const node of graph.nodes) {
    const found = node.opType === 'Div' && node.domain === '' ? normalisationOf(graph, index, node) : undefined;
    if (found === undefined) continue;
    const { scale, bias, last } = affineBehind(graph, index, node, found);
    const name = `${node.outputs[0]}/scale`;
    const ones = floatTensor(found.own, new Float32Array(found.own.reduce((product, size) => product * size, 1)).fill(1));
    if (scale === undefined) {
      initializers.set(name, ones);
      types.set(name, ones);
    }
    const attributes = new Map<string, Attribute>([['axis', intValue(found.axis)], ['epsilon', floatValue(found.epsilon)]]);
    replaced.set(last, { name: last.name, opType: 'LayerNormalization', domain: '', inputs: [found.x, scale ?? name, ...(bias === undefined ? [] : [bias])], outputs: last.outputs, attributes });
  }
  if (replaced.size === 0) return graph;
  return { ...graph, nodes: graph.nodes.map((node) => replaced.get(node) ?? node), initializers, types, opsets: new Map([...graph.opsets, ['', Math.max(opset, OPSET)]]) };
}

interface Normalisation {
  readonly x: string;
  readonly axis: number;
  readonly epsilon: number;
  /** The sizes of the normalised axes. */
  readonly own: readonly number[];
}

/** What a quotient normalises: x less its mean, by the root of the mean of the squares of that, over the same axes, which are the last ones. */
function normalisationOf(graph: TypedGraph, { producer }: GraphIndex, node: GraphNode): Normalisation | undefined {
  const made: Made = (name, opType) => {
    const found = producer.get(name ?? '');
    return found?.opType === opType && found.domain === '' ? found : undefined;
  };
  const centred = made(node.inputs[0], 'Sub');
  const stabilised = made(made(node.inputs[1], 'Sqrt')?.inputs[0], 'Add');
  const at = stabilised === undefined ? -1 : stabilised.inputs.findIndex((_, input) => constantInput(graph, stabilised, input)?.data.length === 1);
  const [mean, variance] = [meanOf(graph, made, centred?.inputs[1]), meanOf(graph, made, stabilised?.inputs[1 - at])];
  const square = producer.get(variance?.of ?? '');
  const x = centred?.inputs[0];
  if (centred === undefined || mean === undefined || stabilised === undefined || at < 0 || variance === undefined || square === undefined || x === undefined) return undefined;
  if (mean.of !== x || mean.axis !== variance.axis || !isSquareOf(graph, square, made, centred)) return undefined;
  return { x, axis: mean.axis, epsilon: floatsOf(constantInput(graph, stabilised, at) as Tensor)[0] as number, own: (graph.types.get(x)?.shape ?? []).slice(mean.axis) };
}

/** A node of an operator of ONNX that makes a tensor. */
type Made = (name: string | undefined, opType: string) => GraphNode | undefined;

/** A mean over all axes from one on, which stay with the size 1, as it is when types are known: a GlobalAveragePool between movements. */
function meanOf({ types }: TypedGraph, made: Made, name: string | undefined): { of: string; axis: number } | undefined {
  const pooled = made(made(name, 'Reshape')?.inputs[0], 'GlobalAveragePool')?.inputs[0];
  const moved = made(made(pooled, 'Reshape')?.inputs[0], 'Transpose');
  const isStill = moved !== undefined && intsAttribute(moved, 'perm')?.every((axis, place) => axis === place) === true;
  const of = isStill ? moved.inputs[0] : moved === undefined ? pooled : undefined;
  const [shape, result] = [types.get(of ?? '')?.shape, types.get(name ?? '')?.shape];
  if (of === undefined || shape === undefined || result?.length !== shape.length) return undefined;
  const axis = shape.findIndex((size, index) => size !== result[index]);
  return axis >= 0 && result.slice(axis).every((size) => size === 1) ? { of, axis } : undefined;
}

/** d² as d · d or Pow(d, 2), where d may be another difference of the same tensors. */
function isSquareOf(graph: TypedGraph, { opType, domain, inputs }: GraphNode, made: Made, centred: GraphNode): boolean {
  const same = (name: string | undefined): boolean => made(name, 'Sub')?.inputs.join() === centred.inputs.join();
  if (domain !== '' || !same(inputs[0])) return false;
  if (opType === 'Mul') return same(inputs[1]);
  const exponent = opType === 'Pow' ? graph.initializers.get(inputs[1] ?? '') : undefined;
  return exponent?.data.length === 1 && Number(exponent.data[0]) === 2;
}

/** The constants that the next nodes multiply by and add, where nothing else reads what they are applied to; and the last of these nodes. */
function affineBehind(graph: TypedGraph, index: GraphIndex, node: GraphNode, { own }: Normalisation): { scale?: string; bias?: string; last: GraphNode } {
  const next = (from: GraphNode, opType: string): { constant: string; node: GraphNode } | undefined => {
    const reader = onlyReader(index, from.outputs[0] as string);
    const constant = reader?.inputs.find((name) => graph.initializers.has(name));
    const isSmall = graph.initializers.get(constant ?? '')?.shape.join() === own.join();
    return reader?.opType === opType && reader.domain === '' && constant !== undefined && isSmall ? { constant, node: reader } : undefined;
  };
  const product = next(node, 'Mul');
  const sum = next(product?.node ?? node, 'Add');
  return { ...(product === undefined ? {} : { scale: product.constant }), ...(sum === undefined ? {} : { bias: sum.constant }), last: sum?.node ?? product?.node ?? node };
}
