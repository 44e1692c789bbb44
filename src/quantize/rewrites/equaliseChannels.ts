import { intAttribute } from '../../onnx/attributes.js';
import { elementCount, type GraphNode, type Tensor, type TensorType, type TypedGraph } from '../../onnx/graph.js';
import { floatsOf, floatTensor, indexGraph, onlyReader } from '../floatGraph.js';
import { DENSE } from '../internalOperators.js';

/** Operators for which f(s · x) = s · f(x) with s > 0, channel by channel. */
const HOMOGENEOUS: ReadonlySet<string> = new Set(['AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'LeakyRelu', 'MaxPool', 'Relu']);

/** Factors stay between the reciprocal of this and this. */
const LARGEST_FACTOR = 64;

/**
 * Scales the channels between two layers so that what the first one makes of a channel is as large as what the second one takes from it;
 * one scale then suits all channels. What lies between gets names of its own, since its values change. (Nagel et al., Data-free
 * quantization through weight equalization and bias correction, 2019, section 4.1.)
 */
export function equaliseChannels(graph: TypedGraph): TypedGraph {
  const index = indexGraph(graph);
  const initializers = new Map<string, Tensor>(graph.initializers);
  const types = new Map<string, TensorType>(graph.types);
  const nodes = new Map(graph.nodes.map((node) => [node, node]));
  for (const first of graph.nodes) {
    if (!isPlain(first)) continue;
    const between: GraphNode[] = [];
    let next = onlyReader(index, first.outputs[0] as string);
    while (next !== undefined && next.domain === '' && HOMOGENEOUS.has(next.opType)) {
      between.push(next);
      next = onlyReader(index, next.outputs[0] as string);
    }
    const last = between[between.length - 1] ?? first;
    if (next === undefined || !isPlain(next) || next.inputs[0] !== last.outputs[0] || first.opType !== next.opType) continue;
    // The weights may have been scaled already, as the second layer of another pair.
    const [a, b] = [nodes.get(first) as GraphNode, nodes.get(next) as GraphNode];
    const [wa, wb] = [initializers.get(a.inputs[1] as string), initializers.get(b.inputs[1] as string)];
    if (wa === undefined || wb === undefined || wb.shape[1] !== wa.shape[0]) continue;
    const factors = balance(wa, wb);
    const constant = (base: string, tensor: Tensor): string => {
      initializers.set(base, tensor);
      types.set(base, { type: 'float32', shape: tensor.shape });
      return base;
    };
    const [name] = first.outputs as [string];
    const bias = initializers.get(a.inputs[2] ?? '');
    const scaledBias = bias === undefined ? [] : [constant(`${name}/equalised/bias`, floatTensor(bias.shape, floatsOf(bias).map((value, channel) => value * (factors[channel] as number))))];
    nodes.set(first, { ...a, inputs: [a.inputs[0] as string, constant(`${name}/equalised/weights`, scaled(wa, 0, (channel) => factors[channel] as number)), ...scaledBias], outputs: [`${name}/equalised`] });
    types.set(`${name}/equalised`, types.get(name) as TensorType);
    for (const node of between) {
      const [input, output] = [node.inputs[0] as string, node.outputs[0] as string];
      types.set(`${output}/equalised`, types.get(output) as TensorType);
      nodes.set(node, { ...node, inputs: [`${input}/equalised`, ...node.inputs.slice(1)], outputs: [`${output}/equalised`] });
    }
    const shrunk = constant(`${next.outputs[0]}/equalised/inputs`, scaled(wb, 1, (channel) => 1 / (factors[channel] as number)));
    nodes.set(next, { ...b, inputs: [`${last.outputs[0]}/equalised`, shrunk, ...b.inputs.slice(2)] });
  }
  return { ...graph, nodes: [...nodes.values()], initializers, types };
}

/** A Dense or an ungrouped Conv: every output channel has weights of its own for every input channel. */
function isPlain(node: GraphNode): boolean {
  return node.domain === '' ? node.opType === 'Conv' && intAttribute(node, 'group', 1) === 1 : node.opType === DENSE;
}

/** For each channel, √(largest weight that reads it / largest weight that makes it). */
function balance(before: Tensor, after: Tensor): Float64Array {
  const channels = before.shape[0] as number;
  const [made, read] = [new Float64Array(channels), new Float64Array(channels)];
  const note = (largest: Float64Array, tensor: Tensor, axis: 0 | 1): void => {
    const inner = elementCount(tensor.shape.slice(axis + 1));
    floatsOf(tensor).forEach((value, index) => {
      const channel = Math.floor(index / inner) % channels;
      largest[channel] = Math.max(largest[channel] as number, Math.abs(value));
    });
  };
  note(made, before, 0);
  note(read, after, 1);
  return made.map((own, channel) => {
    const factor = Math.sqrt((read[channel] as number) / own);
    return Number.isFinite(factor) && factor > 0 ? Math.min(Math.max(factor, 1 / LARGEST_FACTOR), LARGEST_FACTOR) : 1;
  });
}

function scaled(tensor: Tensor, axis: 0 | 1, factor: (channel: number) => number): Tensor {
  const inner = elementCount(tensor.shape.slice(axis + 1));
  const size = tensor.shape[axis] as number;
  return floatTensor(tensor.shape, floatsOf(tensor).map((value, index) => value * factor(Math.floor(index / inner) % size)));
}
