/**
 * Which inputs of a case are bound as constants of the model. The node tests feed everything as a graph input, also what every
 * exported model has as an initializer. An input is bound when the operator's page in the ONNX reference describes it as something
 * other than data: a shape, axes, indices, repeats, pads, bounds, a scale or a zero point; the weights and the bias of a layer; the
 * parameters of a normalisation. Nothing else is bound, but for the second factor of a matrix product (below).
 */
import type { Graph } from '../../src/onnx/graph.js';

/** Indices of the parameters among the inputs, by operator. */
const PARAMETERS: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [1, 2, 3, 4],
  CastLike: [1],
  CenterCropPad: [1],
  Clip: [1, 2],
  Col2Im: [1, 2],
  Compress: [1],
  ConstantOfShape: [0],
  Conv: [1, 2],
  ConvInteger: [1, 2, 3],
  ConvTranspose: [1, 2],
  CumProd: [1],
  CumSum: [1],
  DequantizeLinear: [1, 2],
  Dropout: [1, 2],
  Expand: [1],
  Gather: [1],
  GatherElements: [1],
  GatherND: [1],
  Gemm: [2],
  GroupNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  MatMulInteger: [2, 3],
  OneHot: [1, 2],
  Pad: [1, 2, 3],
  Pow: [1],
  PRelu: [1],
  QLinearConv: [1, 2, 3, 4, 5, 6, 7, 8],
  QLinearMatMul: [1, 2, 4, 5, 6, 7],
  QuantizeLinear: [1, 2],
  Range: [0, 1, 2],
  ReduceL1: [1],
  ReduceL2: [1],
  ReduceLogSum: [1],
  ReduceLogSumExp: [1],
  ReduceMax: [1],
  ReduceMean: [1],
  ReduceMin: [1],
  ReduceProd: [1],
  ReduceSum: [1],
  ReduceSumSquare: [1],
  Reshape: [1],
  Resize: [1, 2, 3],
  ReverseSequence: [1],
  RMSNormalization: [1],
  Scatter: [1],
  ScatterElements: [1],
  ScatterND: [1],
  Slice: [1, 2, 3, 4],
  Split: [1],
  Squeeze: [1],
  TensorScatter: [2],
  Tile: [1],
  TopK: [1],
  Trilu: [1],
  Unsqueeze: [1],
};

/** The second factor of a product is data in the tests and weights in models: it is bound when the case is refused otherwise. */
const SECOND_FACTOR: Readonly<Record<string, number>> = { Gemm: 1, MatMul: 1, MatMulInteger: 1, QLinearMatMul: 3 };

/** Names of the graph inputs that are parameters of a node that reads them. */
export function parameterInputs(graph: Graph): string[] {
  return read(graph, (opType) => PARAMETERS[opType] ?? []);
}

/** Names of the graph inputs that are second factors of products, where the first factor is another tensor. */
export function secondFactors(graph: Graph): string[] {
  return read(graph, (opType) => (SECOND_FACTOR[opType] === undefined ? [] : [SECOND_FACTOR[opType]]));
}

function read({ nodes, inputs }: Graph, indices: (opType: string) => readonly number[]): string[] {
  const found = new Set(nodes.flatMap((node) => indices(node.opType).map((index) => node.inputs[index])));
  const free = new Set(nodes.flatMap((node) => node.inputs.filter((_, index) => !indices(node.opType).includes(index))));
  return inputs.map(({ name }) => name).filter((name) => found.has(name) && !free.has(name));
}
