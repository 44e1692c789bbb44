/** Averages: sums of int8 elements in int32, divided by fractions. */
import { intAttribute, intsAttribute, intsValue, intValue, stringAttribute } from '../../onnx/attributes.js';
import { elementCount, type Attribute, type GraphNode, type TypedGraph } from '../../onnx/graph.js';
import { padsBefore, poolGeometry, type WindowGeometry } from '../../onnx/operators/windows.js';
import { constantInput } from '../floatGraph.js';
import type { Layer, LayerKind } from '../plan/layer.js';
import { limitsOf } from '../plan/parameters.js';
import { sumOfBytes } from './bytes.js';
import type { Emitter } from './emitter.js';
import { commonFractions } from './multiplier.js';
import { emitRequantize, LARGEST_SUM } from './requantize.js';

const TOLERANCE = 1 / 32;

/** The mean over all spatial axes. */
export const GLOBAL_AVERAGE: LayerKind = {
  saturates: true,
  wide: { reads: true, makes: true },
  emit: (emitter, layer) => {
    const rank = emitter.shape(layer.node.inputs[0] as string).length;
    emitReduction(emitter, layer, Array.from({ length: rank - 2 }, (_, index) => index + 2), true, true);
  },
};

/** ReduceMean or ReduceSum over any axes. */
export function reductionLayer(mean: boolean): LayerKind {
  return {
    saturates: true,
    wide: { reads: true, makes: true },
    obstacle: (node, graph) => (axesOf(node, graph) === undefined ? 'its axes are computed by the graph' : undefined),
    emit: (emitter, layer) => emitReduction(emitter, layer, axesOf(layer.node, emitter.graph) as number[], intAttribute(layer.node, 'keepdims', 1) === 1, mean),
  };
}

function axesOf(node: GraphNode, graph: TypedGraph): number[] | undefined {
  const rank = graph.types.get(node.inputs[0] as string)?.shape.length ?? 0;
  const input = constantInput(graph, node, 1);
  if (node.inputs[1] && input === undefined) return undefined;
  const given = input === undefined ? intsAttribute(node, 'axes') : Array.from(input.data as BigInt64Array, Number);
  if (given === undefined || given.length === 0) return intAttribute(node, 'noop_with_empty_axes', 0) === 1 ? [] : Array.from({ length: rank }, (_, axis) => axis);
  return given.map((axis) => (axis < 0 ? axis + rank : axis));
}

function emitReduction(emitter: Emitter, { node, output, clamp }: Layer, axes: readonly number[], keep: boolean, mean: boolean): void {
  const [x] = node.inputs as [string];
  const shape = emitter.shape(x);
  const count = elementCount(axes.map((axis) => shape[axis] as number));
  const wide = emitter.cast(`${node.name}/cast`, emitter.integers(x), 'int32');
  const attributes = { keepdims: intValue(keep ? 1 : 0), ...(axes.length === 0 ? { noop_with_empty_axes: intValue(1) } : {}) };
  const total = emitter.add({ name: `${node.name}/sum`, opType: 'ReduceSum', inputs: [wide, emitter.int64s(`${node.name}/axes`, axes)], attributes });
  emitMean(emitter, { node, output, clamp, total, count, divisor: mean ? count : 1 });
}

/** total / divisor, where the total is of `count` elements. */
function emitMean(emitter: Emitter, { node, output, clamp, total, count, divisor }: Pick<Layer, 'node' | 'output'> & { clamp: Layer['clamp']; total: string; count: number; divisor: number }): void {
  const parameters = emitter.parameters(output);
  const { scale, zeroPoint } = emitter.parameters(node.inputs[0] as string);
  const { least, most } = limitsOf(emitter.parameters(node.inputs[0] as string));
  const span = (most - least) * count;
  const ratio = scale / (divisor * parameters.scale);
  const room = Math.floor(LARGEST_SUM / (2 * span * Math.max(ratio, 1 / span)));
  const { numerators, denominator } = commonFractions([{ ratio, span }], TOLERANCE, Math.max(1, Math.min(2 ** 16, room)));
  const [numerator] = numerators as [number];
  const sum = numerator === 1 ? total : emitter.add({ name: `${node.name}/numerator`, opType: 'Mul', inputs: [total, emitter.scalar(`${output}_numerator`, 'int32', numerator)] });
  const constant = -numerator * zeroPoint * count;
  emitRequantize(emitter, { name: node.name, sum, denominator, least: numerator * least * count + constant, constant: { shape: [], values: Float64Array.of(constant) }, parameters, clamp, output: emitter.claim(output) });
}

/** AveragePool: a convolution of each channel by ones; where padding does not count, each place has its own divisor. */
export const AVERAGE_POOL: LayerKind = {
  saturates: true,
  wide: { reads: true, makes: true },
  emit: (emitter, { node, output, clamp }) => {
    const [x] = node.inputs as [string];
    const shape = emitter.shape(x);
    const geometry = poolGeometry(node, shape, emitter.shape(output));
    const { kernel } = geometry;
    const before = padsBefore(node, geometry);
    const channels = shape[1] as number;
    const count = elementCount(kernel);
    const { scale, zeroPoint, bits } = emitter.parameters(x);
    const parameters = emitter.parameters(output);
    const ones = emitter.constant(`${output}_ones`, { type: 'int8', shape: [channels, 1, ...kernel], data: new Int8Array(channels * count).fill(1) });
    const windows: Record<string, Attribute> = { group: intValue(channels), kernel_shape: intsValue(kernel) };
    // A convolution has no ceil_mode: its windows follow from the padding.
    const ceil = intAttribute(node, 'ceil_mode', 0) === 1 && !stringAttribute(node, 'auto_pad')?.startsWith('SAME');
    if (ceil) windows['pads'] = intsValue([...before, ...padsAfter(node, geometry, before)]);
    for (const name of ceil ? ['dilations', 'strides'] : ['auto_pad', 'dilations', 'pads', 'strides']) if (node.attributes.has(name)) windows[name] = node.attributes.get(name) as Attribute;
    const zero = emitter.scalar(`${output}_ones_zero`, 'int8', 0);
    const convolve = (part: string, input: string, centre: number): string =>
      emitter.add({ name: `${node.name}/${part}`, opType: 'ConvInteger', inputs: [input, ones, emitter.scalar(`${output}_${part}_centre`, 'int8', centre), zero], attributes: windows });
    const source = emitter.integers(x);
    const total = bits === 8 ? convolve('sum', source, zeroPoint) : sumOfBytes(emitter, { name: node.name, source, convolve });
    const counts = intAttribute(node, 'count_include_pad', 0) === 1 && !ceil ? undefined : windowCounts(node, geometry, before);
    const uniform = counts === undefined || counts.every((value) => value === counts[0]);
    const { least, most } = limitsOf({ bits });
    const span = (most - least) * count;
    const denominatorOf = (ratio: number): number => Math.max(1, Math.min(2 ** 16, Math.floor(LARGEST_SUM / (2 * span * Math.max(ratio, 1 / span)))));
    if (uniform) {
      const ratio = scale / ((counts?.[0] ?? count) * parameters.scale);
      const { numerators, denominator } = commonFractions([{ ratio, span }], TOLERANCE, denominatorOf(ratio));
      const [numerator] = numerators as [number];
      const sum = numerator === 1 ? total : emitter.add({ name: `${node.name}/numerator`, opType: 'Mul', inputs: [total, emitter.scalar(`${output}_numerator`, 'int32', numerator)] });
      emitRequantize(emitter, { name: node.name, sum, denominator, least: -numerator * span, parameters, clamp, output: emitter.claim(output) });
      return;
    }
    const ratios = counts.map((own) => scale / (own * parameters.scale));
    const denominator = Math.min(2 ** 12, denominatorOf(Math.max(...ratios)));
    const numerators = Int32Array.from(ratios, (ratio) => Math.round(ratio * denominator));
    const factors = emitter.constant(`${output}_numerators`, { type: 'int32', shape: [1, 1, ...emitter.shape(output).slice(2)], data: numerators });
    const sum = emitter.add({ name: `${node.name}/numerator`, opType: 'Mul', inputs: [total, factors] });
    emitRequantize(emitter, { name: node.name, sum, denominator, least: -Math.max(...numerators) * span, parameters, clamp, output: emitter.claim(output) });
  },
};

/** How far padding reaches behind each axis: what the node says, and the last windows that ceil_mode adds. */
function padsAfter(node: GraphNode, { inputSpatial, outputSpatial, kernel, strides, dilations }: WindowGeometry, before: readonly number[]): number[] {
  return kernel.map((size, axis) => {
    const reach = ((outputSpatial[axis] as number) - 1) * (strides[axis] as number) + (size - 1) * (dilations[axis] as number) + 1;
    return Math.max(declaredAfter(node, axis), reach - (inputSpatial[axis] as number) - (before[axis] as number));
  });
}

function declaredAfter(node: GraphNode, axis: number): number {
  const pads = stringAttribute(node, 'auto_pad') === 'VALID' ? undefined : intsAttribute(node, 'pads');
  return pads?.[axis + pads.length / 2] ?? 0;
}

/** By how many elements the sum of each window is divided: those inside the input, or inside the padding too where it counts, but none beyond. */
function windowCounts(node: GraphNode, { inputSpatial, outputSpatial, kernel, strides, dilations }: WindowGeometry, before: readonly number[]): number[] {
  const padded = intAttribute(node, 'count_include_pad', 0) === 1;
  const perAxis = inputSpatial.map((size, axis) => {
    const [least, most] = padded ? [-(before[axis] as number), size + declaredAfter(node, axis)] : [0, size];
    return Array.from({ length: outputSpatial[axis] as number }, (_, at) =>
      Array.from({ length: kernel[axis] as number }, (__, tap) => at * (strides[axis] as number) - (before[axis] as number) + tap * (dilations[axis] as number)).filter((place) => place >= least && place < most).length);
  });
  return perAxis.reduce<number[]>((counts, own) => counts.flatMap((count) => own.map((value) => count * value)), [1]);
}
