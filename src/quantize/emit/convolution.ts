/** Conv, ConvTranspose and Dense as QLinearConv: int8 × int8, per channel, with an int32 bias. */
import { intsValue, intValue } from '../../onnx/attributes.js';
import { elementCount, type Attribute, type GraphNode, type Tensor, type TypedGraph } from '../../onnx/graph.js';
import { transposedGeometry, type TransposedGeometry } from '../../onnx/operators/convTranspose.js';
import { InferContext } from '../../onnx/operators/schema.js';
import { constantInput, floatsOf, floatTensor } from '../floatGraph.js';
import type { Layer, LayerKind } from '../plan/layer.js';
import { mapOfConv, mapOfConvTranspose, mapOfDense } from '../plan/linearMap.js';
import { integerType } from '../plan/parameters.js';
import type { Emitter } from './emitter.js';
import { cutsMore, emitClamp } from './requantize.js';
import { emitWideConvolution } from './wideConvolution.js';
import { quantizeWeights, type QuantizedWeights } from './weights.js';

function constantWeights(node: GraphNode, graph: TypedGraph): string | undefined {
  if (constantInput(graph, node, 1) === undefined) return 'its weights are computed by the graph';
  return node.inputs[2] && constantInput(graph, node, 2) === undefined ? 'its bias is computed by the graph' : undefined;
}

export const CONV: LayerKind = {
  saturates: true,
  wide: { reads: true, makes: true },
  linear: mapOfConv,
  obstacle: constantWeights,
  emit: (emitter, layer) => {
    const { node } = layer;
    const x = node.inputs[0] as string;
    emitConvolution(emitter, layer, { source: emitter.integers(x), weights: constantInput(emitter.graph, node, 1) as Tensor, attributes: node.attributes });
  },
};

/** x · weightsᵀ + bias as a convolution with a kernel of one element: rows of the matrix are a batch, columns are channels. */
export const DENSE_LAYER: LayerKind = {
  saturates: true,
  wide: { reads: true, makes: true },
  linear: mapOfDense,
  emit: (emitter, layer) => {
    const { node } = layer;
    const x = node.inputs[0] as string;
    const shape = emitter.shape(x);
    const weights = constantInput(emitter.graph, node, 1) as Tensor;
    const [outputs, inputs] = weights.shape as [number, number];
    const source = reshape(emitter, `${node.name}/rows`, emitter.integers(x), [-1, inputs, 1, 1]);
    const kernel = floatTensor([outputs, inputs, 1, 1], floatsOf(weights));
    emitConvolution(emitter, layer, { source, weights: kernel, attributes: new Map(), reshaped: [-1, ...shape.slice(1, -1), outputs] });
  },
};

/** A convolution of the input with zeros put between and around, by the kernel turned round. */
export const CONV_TRANSPOSE: LayerKind = {
  saturates: true,
  wide: { reads: true, makes: true },
  linear: mapOfConvTranspose,
  obstacle: constantWeights,
  emit: (emitter, layer) => {
    const { node } = layer;
    const x = node.inputs[0] as string;
    const weights = constantInput(emitter.graph, node, 1) as Tensor;
    const { types, initializers } = emitter.graph;
    const geometry = transposedGeometry(new InferContext({ node, opset: emitter.opset, types, constants: initializers }), { type: 'float32', shape: emitter.shape(x) }, weights);
    const attributes = new Map<string, Attribute>([['dilations', intsValue(geometry.dilations)], ['group', intValue(geometry.group)]]);
    emitConvolution(emitter, layer, { source: stretch(emitter, node, geometry), weights: turned(weights, geometry), attributes });
  },
};

function emitConvolution(emitter: Emitter, { node, output, clamp }: Layer, { source, weights, attributes, reshaped }: {
  source: string;
  weights: Tensor;
  attributes: ReadonlyMap<string, Attribute>;
  /** The shape of the result when it is not that of the convolution. */
  reshaped?: readonly number[];
}): void {
  const x = node.inputs[0] as string;
  const bias = constantInput(emitter.graph, node, 2);
  const parameters = emitter.parameters(output);
  const quantized = quantizeWeights({ weights, bias: bias === undefined ? undefined : floatsOf(bias), input: emitter.parameters(x), output: parameters, moments: emitter.moments.get(output), rounding: emitter.rounding });
  const result = emitter.claim(output);
  if (parameters.bits === 16 || emitter.parameters(x).bits === 16) {
    const convolved = reshaped === undefined ? result : emitter.fresh(`${result}_rows`);
    emitWideConvolution(emitter, { name: node.name, x, output, source, quantized, attributes, clamp, result: convolved });
    if (reshaped !== undefined) reshape(emitter, `${node.name}/shape`, convolved, reshaped, result);
    return;
  }
  const cut = cutsMore(parameters, clamp);
  const whole = cut ? emitter.fresh(`${result}_whole`) : result;
  const convolved = reshaped === undefined ? whole : emitter.fresh(`${result}_rows`);
  emitQuantizedConvolution(emitter, { name: node.name, x, output, source, quantized, attributes, result: convolved });
  if (reshaped !== undefined) reshape(emitter, `${node.name}/shape`, convolved, reshaped, whole);
  if (cut) emitClamp(emitter, { name: `${node.name}/clip`, integers: whole, parameters, clamp, output: result });
}

/** Appends one QLinearConv. */
export function emitQuantizedConvolution(emitter: Emitter, { name, x, output, source, quantized, attributes, result }: {
  name: string;
  /** The float tensors that are read and made. */
  x: string;
  output: string;
  /** The integers that are read. */
  source: string;
  quantized: QuantizedWeights;
  attributes: ReadonlyMap<string, Attribute>;
  result: string;
}): void {
  const channels = quantized.scales.length;
  const weights = emitter.constant(`${output}_weights`, quantized.weights);
  const scales = emitter.constant(`${output}_weights_scale`, { type: 'float32', shape: [channels], data: quantized.scales });
  const zeros = emitter.constant(`${output}_weights_zero_point`, { type: 'int8', shape: [channels], data: new Int8Array(channels) });
  const bias = quantized.bias.some((value) => value !== 0) ? [emitter.constant(`${output}_bias`, { type: 'int32', shape: [channels], data: quantized.bias })] : [];
  const inputs = [source, ...emitter.quantization(x), weights, scales, zeros, ...emitter.quantization(output), ...bias];
  emitter.add({ name, opType: 'QLinearConv', inputs, output: result, attributes: Object.fromEntries(attributes) });
}

export function reshape(emitter: Emitter, name: string, input: string, shape: readonly number[], output?: string): string {
  return emitter.add({ name, opType: 'Reshape', inputs: [input, emitter.int64s(`${name}/sizes`, shape)], ...(output === undefined ? {} : { output }) });
}

/** [C, M / group, k…] → [M, C / group, k…] with the kernel reversed. */
function turned({ shape, data }: Tensor, { group, channels, kernel }: TransposedGeometry): Tensor {
  const inputs = (shape[0] as number) / group;
  const perGroup = channels / group;
  const taps = elementCount(kernel);
  const result = new Float32Array(data.length);
  for (let index = 0; index < data.length; index++) {
    const tap = index % taps;
    const row = Math.floor(index / (taps * perGroup));
    const output = Math.floor(row / inputs) * perGroup + (Math.floor(index / taps) % perGroup);
    result[(output * inputs + (row % inputs)) * taps + taps - 1 - tap] = data[index] as number;
  }
  return floatTensor([channels, inputs, ...kernel], result);
}

/** The input with its elements as far apart as the strides: one element of zero is put at the end of each axis, and picked for the gaps. */
function stretch(emitter: Emitter, node: GraphNode, { kernel, strides, dilations, outputSpatial, padsBefore }: TransposedGeometry): string {
  const x = node.inputs[0] as string;
  const spatial = emitter.shape(x).slice(2);
  const pads = [0, 0, ...spatial.map(() => 0), 0, 0, ...spatial.map(() => 1)];
  const zero = emitter.scalar(`${x}_zero`, integerType(emitter.parameters(x)), emitter.parameters(x).zeroPoint);
  const padded = emitter.add({ name: `${node.name}/gap`, opType: 'Pad', inputs: [emitter.integers(x), emitter.int64s(`${node.name}/pads`, pads), zero] });
  return outputSpatial.reduce((current, size, axis) => {
    const reach = ((kernel[axis] as number) - 1) * (dilations[axis] as number);
    const own = spatial[axis] as number;
    const places = BigInt64Array.from({ length: size + reach }, (_, at) => {
      const from = (at - reach + (padsBefore[axis] as number)) / (strides[axis] as number);
      return BigInt(Number.isInteger(from) && from >= 0 && from < own ? from : own);
    });
    const index = emitter.constant(`${node.name}/places${axis}`, { type: 'int64', shape: [places.length], data: places });
    return emitter.add({ name: `${node.name}/stretch${axis}`, opType: 'Gather', inputs: [current, index], attributes: { axis: intValue(axis + 2) } });
  }, padded);
}
