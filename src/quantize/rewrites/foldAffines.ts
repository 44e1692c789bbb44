import { intAttribute, intsAttribute, stringAttribute } from '../../onnx/attributes.js';
import { elementCount, type GraphNode, type Tensor, type TensorType, type TypedGraph } from '../../onnx/graph.js';
import { broadcastShape, stridesOf } from '../../onnx/shape.js';
import { floatsOf, floatTensor, indexGraph, onlyReader, removeDeadNodes, type GraphIndex } from '../floatGraph.js';
import { AFFINE, DENSE, internalNode } from '../internalOperators.js';
import { alongAxis, sumOfInputs } from './channels.js';

/**
 * Puts factors and offsets (batch normalisation among them) into the weights and biases of the Conv, ConvTranspose or Dense before
 * them, or behind them where nothing is padded with zeros, and two in a row into one.
 */
export function foldAffines(graph: TypedGraph): TypedGraph {
  const fold = new Fold(graph);
  for (const node of graph.nodes) fold.visit(node);
  return removeDeadNodes({ ...graph, nodes: fold.nodes(), initializers: fold.initializers, types: fold.types });
}

class Fold {
  readonly initializers: Map<string, Tensor>;
  readonly types: Map<string, TensorType>;
  readonly #index: GraphIndex;
  /** The nodes so far, in order, by the name of their first output. */
  readonly #made = new Map<string, GraphNode>();

  constructor(graph: TypedGraph) {
    this.initializers = new Map(graph.initializers);
    this.types = new Map(graph.types);
    this.#index = indexGraph(graph);
  }

  nodes(): GraphNode[] {
    return [...this.#made.values()];
  }

  visit(node: GraphNode): void {
    const [x] = node.inputs as [string];
    const before = this.#made.get(x);
    const alone = before !== undefined && before.outputs.length === 1 && onlyReader(this.#index, x) !== undefined;
    const merged = alone ? this.#merge(before, node) : undefined;
    if (merged !== undefined) this.#made.delete(x);
    const result = merged ?? node;
    this.#made.set(result.outputs[0] as string, result);
  }

  /** One node that is both, or undefined. */
  #merge(before: GraphNode, node: GraphNode): GraphNode | undefined {
    if (isAffine(node)) {
      if (isAffine(before)) return this.#compose(before, node);
      if (isLinear(before)) return this.#after(before, node);
    }
    return isAffine(before) && isLinear(node) ? this.#before(before, node) : undefined;
  }

  #constant(name: string, shape: readonly number[], data: Float32Array): string {
    this.initializers.set(name, floatTensor(shape, data));
    this.types.set(name, { type: 'float32', shape });
    return name;
  }

  #value(node: GraphNode, index: number): Tensor | undefined {
    return this.initializers.get(node.inputs[index] ?? '');
  }

  #compose(first: GraphNode, second: GraphNode): GraphNode {
    const [f, o, g, p] = [this.#value(first, 1), this.#value(first, 2), this.#value(second, 1), this.#value(second, 2)] as [Tensor, Tensor, Tensor, Tensor];
    const [output] = second.outputs as [string];
    const factor = combine(f, g, (x, y) => x * y);
    const offset = combine(combine(o, g, (x, y) => x * y), p, (x, y) => x + y);
    const inputs = [first.inputs[0] as string, this.#constant(`${output}/factor`, factor.shape, floatsOf(factor)), this.#constant(`${output}/offset`, offset.shape, floatsOf(offset))];
    return internalNode(AFFINE, { name: second.name, inputs, outputs: [output] });
  }

  /** Linear, then affine. */
  #after(linear: GraphNode, affine: GraphNode): GraphNode | undefined {
    const weights = this.#value(linear, 1);
    const [output] = affine.outputs as [string];
    const { shape } = this.types.get(output) as TensorType;
    const axis = linear.opType === DENSE ? shape.length - 1 : 1;
    const [factor, offset] = [1, 2].map((index) => alongAxis(this.#value(affine, index) as Tensor, shape, axis));
    if (weights === undefined || factor === undefined || offset === undefined || (linear.inputs[2] && this.#value(linear, 2) === undefined)) return undefined;
    const channelOf = outputChannel(linear, weights);
    const scaled = floatsOf(weights).map((value, index) => value * (factor[channelOf(index)] as number));
    const bias = this.#bias(linear, factor.length);
    const shifted = bias.map((value, channel) => value * (factor[channel] as number) + (offset[channel] as number));
    return { ...linear, inputs: [linear.inputs[0] as string, this.#constant(`${output}/weights`, weights.shape, scaled), this.#constant(`${output}/bias`, [shifted.length], shifted)], outputs: [output] };
  }

  /** Affine, then linear. */
  #before(affine: GraphNode, linear: GraphNode): GraphNode | undefined {
    const weights = this.#value(linear, 1);
    if (weights === undefined || linear.opType === 'ConvTranspose' || (linear.inputs[2] && this.#value(linear, 2) === undefined)) return undefined;
    const { shape } = this.types.get(linear.inputs[0] as string) as TensorType;
    const axis = linear.opType === DENSE ? shape.length - 1 : 1;
    const [factor, offset] = [1, 2].map((index) => alongAxis(this.#value(affine, index) as Tensor, shape, axis));
    if (factor === undefined || offset === undefined || (isPadded(linear) && offset.some((value) => value !== 0))) return undefined;
    const [outputs, inputs] = weights.shape as [number, number];
    const groups = linear.opType === DENSE ? 1 : intAttribute(linear, 'group', 1);
    const channel = (from: number, input: number): number => Math.floor(from / (outputs / groups)) * inputs + input;
    const taps = elementCount(weights.shape.slice(2));
    const scaled = floatsOf(weights).map((value, index) => value * (factor[channel(Math.floor(index / (inputs * taps)), Math.floor(index / taps) % inputs)] as number));
    const added = sumOfInputs(weights, (from, input) => offset[channel(from, input)] as number);
    const bias = this.#bias(linear, outputs).map((value, index) => value + (added[index] as number));
    const [output] = linear.outputs as [string];
    return { ...linear, inputs: [affine.inputs[0] as string, this.#constant(`${output}/weights`, weights.shape, scaled), this.#constant(`${output}/bias`, [outputs], bias)] };
  }

  #bias(linear: GraphNode, channels: number): Float32Array {
    const bias = this.#value(linear, 2);
    return bias === undefined ? new Float32Array(channels) : floatsOf(bias);
  }
}

function isAffine({ opType, domain }: GraphNode): boolean {
  return domain !== '' && opType === AFFINE;
}

function isLinear({ opType, domain }: GraphNode): boolean {
  return domain === '' ? opType === 'Conv' || opType === 'ConvTranspose' : opType === DENSE;
}

function isPadded(node: GraphNode): boolean {
  if (node.opType === DENSE) return false;
  return !['NOTSET', 'VALID'].includes(stringAttribute(node, 'auto_pad') ?? 'NOTSET') || (intsAttribute(node, 'pads')?.some((pad) => pad !== 0) ?? false);
}

/** The output channel of each element of the weights: [M, C / group, k…], or of ConvTranspose [C, M / group, k…]. */
function outputChannel(linear: GraphNode, { shape }: Tensor): (index: number) => number {
  const [rows, columns] = shape as [number, number];
  const taps = elementCount(shape.slice(2));
  if (linear.opType !== 'ConvTranspose') return (index) => Math.floor(index / (columns * taps));
  const perGroup = rows / intAttribute(linear, 'group', 1);
  return (index) => Math.floor(index / (columns * taps * perGroup)) * columns + (Math.floor(index / taps) % columns);
}

/** Element by element, with broadcasting. */
function combine(a: Tensor, b: Tensor, operation: (x: number, y: number) => number): Tensor {
  const shape = broadcastShape(a.shape, b.shape) as number[];
  const reader = (tensor: Tensor): ((index: number) => number) => {
    const [own, outer] = [stridesOf(tensor.shape), stridesOf(shape)];
    const offset = shape.length - tensor.shape.length;
    return (index) => tensor.shape.reduce((at, dimension, axis) => at + (dimension === 1 ? 0 : (Math.floor(index / (outer[axis + offset] as number)) % dimension) * (own[axis] as number)), 0);
  };
  const [left, right] = [reader(a), reader(b)];
  const data = Float32Array.from({ length: elementCount(shape) }, (_, index) => operation(a.data[left(index)] as number, b.data[right(index)] as number));
  return floatTensor(shape, data);
}
