/** Linear maps by the weights of a model: constants of the circuit, or hidden values of the prover. */
import { ZkonnxError } from '../errors/index.js';
import type { GraphNode, Tensor } from '../onnx/graph.js';
import type { TensorDescription } from '../program/builder.js';
import type { ConvMap, MatMulMap } from '../program/linear.js';
import { isRangedType, TYPE_RANGE, type TensorId } from '../program/program.js';
import { hull, uniformIntervals } from '../program/interval.js';
import { weightedBounds } from '../program/weighted.js';
import { integers, type LoweringContext } from './context.js';

/** A constant of the model in the place where a map takes it. */
export interface MapConstant {
  readonly name: string;
  readonly tensor: Tensor;
}

export interface LinearByWeights<M extends ConvMap | MatMulMap> {
  readonly input: TensorId;
  /** Everything of the map but its weights and biases. */
  readonly geometry: Omit<M, 'weights' | 'bias'>;
  readonly weights: MapConstant;
  /** From the elements of the weights, as ONNX has them, to those of the map: a transposition or nothing. */
  readonly arrange?: ((values: Int32Array) => Int32Array) | undefined;
  /** The zero point of element i of the map's weights. */
  readonly weightZero: (index: number) => number;
  /** Number of biases of the map. */
  readonly biases: number;
  readonly bias?: (MapConstant & { readonly arrange?: ((values: Int32Array) => Int32Array) | undefined }) | undefined;
}

/** Appends bias + Σ (x − inputZero) · (w − weightZero). */
export function addLinear<M extends ConvMap | MatMulMap>(context: LoweringContext, node: GraphNode, parameters: LinearByWeights<M>, description: TensorDescription): TensorId {
  const { input, geometry, weights, arrange = same, weightZero, biases, bias } = parameters;
  if (context.hidesWeights) return addHidden(context, node, parameters, description);
  const map = {
    ...geometry,
    weights: arrange(integers(weights.tensor, node)).map((weight, i) => weight - weightZero(i)),
    bias: bias === undefined ? new Int32Array(biases) : (bias.arrange ?? same)(integers(bias.tensor, node)),
  } as unknown as M;
  return context.program.add({ kind: 'linear', inputs: [input], map }, description);
}

/**
 * The same with weights that are tensors of the program. What the circuit depends on is the geometry, the zero points and the types, never
 * the values: biases may be as large as all products together can become, and no larger, since then they alone decide.
 */
function addHidden<M extends ConvMap | MatMulMap>(context: LoweringContext, node: GraphNode, { input, geometry, weights, arrange = same, weightZero, biases, bias }: LinearByWeights<M>, description: TensorDescription): TensorId {
  const { inputZero } = geometry as Pick<M, 'inputZero'>;
  const places = arrange(placesOf(weights.tensor));
  const zero = weightZero(0);
  if (places.some((_, i) => weightZero(i) !== zero)) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) has weight zero points that differ, which hidden weights cannot have.`, node: node.name, expected: 'one zero point', fix: 'Quantize the weights symmetrically, or leave them fixed.' });
  }
  const map = { ...geometry, inputZero: 0, weights: places, bias: bias === undefined ? new Int32Array(biases) : (bias.arrange ?? same)(placesOf(bias.tensor)) } as unknown as M;
  const { type } = weights.tensor;
  if (!isRangedType(type)) throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The weights of node "${node.name}" (${node.opType}) are ${type}.`, node: node.name, found: type });
  const w = context.hidden(weights.name, node, weights.tensor, TYPE_RANGE[type]);
  const operation = { map, inputZero, weightZero: zero };
  if (bias === undefined) return context.program.add({ kind: 'weighted', inputs: [input, w], ...operation }, description);
  const none = uniformIntervals(bias.tensor.data.length, 0, 0);
  const { lo, hi } = hull(weightedBounds(operation, [context.program.tensor(input).bounds, context.program.tensor(w).bounds, none]));
  const most = 2 ** Math.ceil(Math.log2(Math.max(-lo, hi) + 1)) - 1;
  const b = context.hidden(bias.name, node, bias.tensor, { lo: -most - 1, hi: most });
  return context.program.add({ kind: 'weighted', inputs: [input, w, b], ...operation }, description);
}

function same(values: Int32Array): Int32Array {
  return values;
}

/** 1, 2, 3, …: where an element stands in its tensor. */
function placesOf({ data }: Tensor): Int32Array {
  return Int32Array.from({ length: data.length }, (_, i) => i + 1);
}
