/** Layers with constant weights, and products of two activations. */
import type { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import type { Random } from './random.js';
import { count, dequantized, operand, parameters, quantize, quantizedInputs, RANGE, type Attributes, type EightBit, type QuantizedValue, type Step, type StepContext, type StepMaker, type Value } from './step.js';

interface Weights {
  readonly type: EightBit;
  readonly shape: readonly number[];
  readonly values: readonly number[];
  /** One, or one per channel. */
  readonly scales: readonly number[];
  readonly zeroPoint: number;
  /** The dimension of the channels. */
  readonly axis: number;
  /** In real units, one per channel. */
  readonly bias: readonly number[] | undefined;
}

const ROUND_SCALES = [0.5, 0.25, 0.125, 1 / 64, 0.05, 0.1, 0.02, 1];

export function randomScale(random: Random): number {
  return Math.fround(random.chance(0.5) ? random.pick(ROUND_SCALES) : 0.001 * 10 ** (random.unit() * 3));
}

function randomWeights(context: StepContext, { input, shape, axis, channels, perChannel = true, bias = true }: {
  input: EightBit;
  shape: readonly number[];
  axis: number;
  channels: number;
  perChannel?: boolean;
  bias?: boolean;
}): Weights {
  const { random, mixedProducts } = context;
  const type: EightBit = input === 'int8' || (mixedProducts && random.chance(0.5)) ? 'int8' : 'uint8';
  const { lo, hi } = RANGE[type];
  const kind = random.int(0, 4);
  const values = kind === 0 ? Array.from({ length: count(shape) }, () => random.pick([lo, hi])) : kind === 1 ? random.ints(count(shape), -3, 3).map((w) => (type === 'int8' ? w : w + 128)) : random.ints(count(shape), lo, hi);
  const many = perChannel && random.chance(0.4);
  const scales = Array.from({ length: many ? channels : 1 }, () => randomScale(random));
  const zeroPoint = type === 'int8' ? (random.chance(0.8) ? 0 : random.int(lo, hi)) : random.chance(0.7) ? 128 : random.pick([0, 255, random.int(0, 255)]);
  return { type, shape, values, scales, zeroPoint, axis, bias: bias && random.chance(0.6) ? Array.from({ length: channels }, () => (random.unit() - 0.5) * 4) : undefined };
}

function channelOf({ shape, axis }: Weights, index: number): number {
  return Math.floor(index / count(shape.slice(axis + 1))) % (shape[axis] as number);
}

function realWeights(weights: Weights): number[] {
  return weights.values.map((value, index) => (value - weights.zeroPoint) * (weights.scales[weights.scales.length === 1 ? 0 : channelOf(weights, index)] as number));
}

/** int32, in units of input scale × weight scale. */
function integerBias({ bias, scales }: Weights, inputScale: number): { values: number[]; scales: number[] } {
  const units = scales.map((scale) => Math.fround(inputScale * scale));
  const values = (bias ?? []).map((value, channel) => Math.max(-(2 ** 24), Math.min(2 ** 24, Math.round(value / (units[units.length === 1 ? 0 : channel] as number)))));
  return { values, scales: units };
}

interface Layer {
  readonly opType: string;
  readonly x: Value;
  readonly shape: readonly number[];
  readonly weights: Weights;
  readonly attributes: Attributes;
  /** How the layer is written with integers only. */
  readonly integer: (builder: GraphBuilder, x: QuantizedValue, output: QuantizedValue) => void;
  readonly integerLabel: string;
  /** Applied to the float result, where the style has one. */
  readonly activation: string | undefined;
}

function layerStep({ opType, x, shape, weights, attributes, integer, integerLabel, activation }: Layer, style: StepContext['style']): Step {
  const channels = weights.bias?.length ?? 0;
  const node = (builder: GraphBuilder, inputs: readonly string[], output: string) => {
    builder.node(opType, inputs, activation === undefined ? output : `${output}_linear`, attributes);
    if (activation !== undefined) builder.node(activation, [`${output}_linear`], output);
  };
  return {
    label: style === 'qoperator' ? integerLabel : `QDQ ${opType}${activation === undefined ? '' : ` → ${activation}`}`,
    operands: [x],
    shape,
    type: x.type,
    quantization: 'range',
    unit: ([given]) => (given as QuantizedValue).scale * (weights.scales[0] as number),
    float: (builder, [input], output) => {
      builder.constant(`${output}_w`, 'float32', weights.shape, realWeights(weights));
      const inputs = [input as string, `${output}_w`];
      if (weights.bias !== undefined) {
        builder.constant(`${output}_b`, 'float32', [channels], weights.bias);
        inputs.push(`${output}_b`);
      }
      node(builder, inputs, output);
    },
    emit: (builder, [given], output) => {
      const input = given as QuantizedValue;
      const target = output as QuantizedValue;
      const name = target.name;
      builder.constant(`${name}_w`, weights.type, weights.shape, weights.values);
      if (style === 'qoperator') {
        if (weights.bias !== undefined) builder.constant(`${name}_b`, 'int32', [channels], integerBias(weights, input.scale).values);
        integer(builder, input, target);
        return;
      }
      const scale = weights.scales.length === 1 ? (weights.scales[0] as number) : weights.scales;
      builder.dequantize(`${name}_w`, `${name}_wf`, { type: weights.type, scale, zeroPoint: weights.zeroPoint, axis: weights.axis });
      const inputs = [dequantized(builder, input), `${name}_wf`];
      if (weights.bias !== undefined) {
        const bias = integerBias(weights, input.scale);
        builder.constant(`${name}_b`, 'int32', [channels], bias.values);
        builder.dequantize(`${name}_b`, `${name}_bf`, { type: 'int32', scale: bias.scales.length === 1 ? (bias.scales[0] as number) : bias.scales, zeroPoint: 0, axis: 0 });
        inputs.push(`${name}_bf`);
      }
      node(builder, inputs, `${name}_f`);
      quantize(builder, `${name}_f`, target);
    },
  };
}

/** The constants [weights, scales, zero points] of a quantized operator. */
function weightInputs(builder: GraphBuilder, { type, scales, zeroPoint }: Weights, name: string): string[] {
  const shape = scales.length === 1 ? [] : [scales.length];
  builder.constant(`${name}_w_scale`, 'float32', shape, scales).constant(`${name}_w_zero`, type, shape, scales.map(() => zeroPoint));
  return [`${name}_w`, `${name}_w_scale`, `${name}_w_zero`];
}

function randomActivation({ random, style }: StepContext): string | undefined {
  return style === 'qdq' && random.chance(0.4) ? 'Relu' : undefined;
}

interface Geometry {
  readonly attributes: Attributes;
  readonly kernel: readonly number[];
  readonly spatial: readonly number[];
}

/** Kernel, strides, dilations and pads that leave something of an image; undefined when none were found. */
export function randomGeometry(random: Random, input: readonly number[], dilate: boolean): Geometry | undefined {
  const kernel = input.map((size) => random.int(1, Math.min(3, size + 1)));
  // A stride beyond the kernel would leave a negative pad to auto_pad.
  const strides = kernel.map((size) => random.int(1, Math.min(2, size)));
  const dilations = input.map(() => (dilate && random.chance(0.2) ? 2 : 1));
  const auto = random.int(0, 5);
  if (auto <= 1) {
    const spatial = input.map((size, axis) => Math.ceil(size / (strides[axis] as number)));
    return { attributes: { kernel_shape: kernel, strides, dilations: dilations.map(() => 1), auto_pad: auto === 0 ? 'SAME_UPPER' : 'SAME_LOWER' }, kernel, spatial };
  }
  const before = kernel.map((size) => (auto === 2 ? 0 : random.int(0, size - 1)));
  const after = kernel.map((size) => (auto === 2 ? 0 : random.int(0, size - 1)));
  const spatial = input.map((size, axis) => Math.floor((size + (before[axis] as number) + (after[axis] as number) - ((kernel[axis] as number) - 1) * (dilations[axis] as number) - 1) / (strides[axis] as number)) + 1);
  if (spatial.some((size) => size < 1)) return undefined;
  return { attributes: { kernel_shape: kernel, strides, dilations, pads: [...before, ...after] }, kernel, spatial };
}

const isImage = ({ shape }: Value) => shape.length >= 3;

interface Convolution extends Geometry {
  readonly x: Value;
  readonly group: number;
  readonly channels: number;
  readonly weightShape: readonly number[];
}

function convolution(context: StepContext): Convolution | undefined {
  const { random } = context;
  const x = operand(context, isImage);
  if (x === undefined) return undefined;
  const [, channels] = x.shape as [number, number];
  const geometry = randomGeometry(random, x.shape.slice(2), true);
  if (geometry === undefined) return undefined;
  const group = random.chance(0.5) ? 1 : random.pick([1, 2, 3, 4].filter((divisor) => channels % divisor === 0).concat(channels));
  const outputs = group === 1 ? random.int(1, 5) : group * random.int(1, 2);
  return { ...geometry, x, group, channels: outputs, weightShape: [outputs, channels / group, ...geometry.kernel] };
}

const conv: StepMaker = (context) => {
  const found = convolution(context);
  if (found === undefined) return undefined;
  const { x, group, channels, weightShape, spatial } = found;
  const attributes = { ...found.attributes, group };
  const weights = randomWeights(context, { input: x.type, shape: weightShape, axis: 0, channels });
  return layerStep({
    opType: 'Conv', integerLabel: 'QLinearConv', x, shape: [x.shape[0] as number, channels, ...spatial], weights, attributes, activation: randomActivation(context),
    integer: (builder, given, output) => builder.node('QLinearConv', [...quantizedInputs(builder, given, `${output.name}_x`), ...weightInputs(builder, weights, output.name), ...parameters(builder, output, `${output.name}_y`), ...(weights.bias === undefined ? [] : [`${output.name}_b`])], output.name, attributes),
  }, context.style);
};

const convInteger: StepMaker = (context) => {
  const found = convolution(context);
  if (found === undefined) return undefined;
  const { x, group, channels, weightShape, spatial } = found;
  const weights = randomWeights(context, { input: x.type, shape: weightShape, axis: 0, channels, perChannel: false, bias: false });
  return {
    label: 'ConvInteger', operands: [x], shape: [x.shape[0] as number, channels, ...spatial], type: 'int32', quantization: 'none',
    emit: (builder, [given], { name }) => {
      builder.constant(`${name}_w`, weights.type, weights.shape, weights.values).constant(`${name}_w_zero`, weights.type, [], [weights.zeroPoint]);
      builder.constant(`${name}_x_zero`, x.type, [], [(given as QuantizedValue).zeroPoint]);
      builder.node('ConvInteger', [x.name, `${name}_w`, `${name}_x_zero`, `${name}_w_zero`], name, { ...found.attributes, group });
    },
  };
};

const gemm: StepMaker = (context) => {
  const { random } = context;
  const x = operand(context, ({ shape }) => shape.length === 2);
  if (x === undefined) return undefined;
  const transA = random.chance(0.15) ? 1 : 0;
  const transB = random.chance(0.4) ? 1 : 0;
  const [rows, inner] = (transA === 1 ? [...x.shape].reverse() : x.shape) as [number, number];
  const columns = random.int(1, 8);
  const weights = randomWeights(context, { input: x.type, shape: transB === 1 ? [columns, inner] : [inner, columns], axis: transB === 1 ? 0 : 1, channels: columns });
  const attributes = { alpha: { float: 1 }, transA, transB };
  return layerStep({
    opType: 'Gemm', integerLabel: 'QGemm', x, shape: [rows, columns], weights, attributes, activation: randomActivation(context),
    integer: (builder, given, output) => builder.node('QGemm', [...quantizedInputs(builder, given, `${output.name}_x`), ...weightInputs(builder, weights, output.name), weights.bias === undefined ? '' : `${output.name}_b`, ...parameters(builder, output, `${output.name}_y`)], output.name, attributes, 'com.microsoft'),
  }, context.style);
};

const matMul: StepMaker = (context) => {
  const { random } = context;
  const x = operand(context, ({ shape }) => shape.length >= 2);
  if (x === undefined) return undefined;
  const inner = x.shape.at(-1) as number;
  const columns = random.int(1, 8);
  const weights = randomWeights(context, { input: x.type, shape: [inner, columns], axis: 1, channels: columns, bias: false });
  return layerStep({
    opType: 'MatMul', integerLabel: 'QLinearMatMul', x, shape: [...x.shape.slice(0, -1), columns], weights, attributes: {}, activation: undefined,
    integer: (builder, given, output) => builder.node('QLinearMatMul', [...quantizedInputs(builder, given, `${output.name}_x`), ...weightInputs(builder, weights, output.name), ...parameters(builder, output, `${output.name}_y`)], output.name),
  }, context.style);
};

/** Both factors are activations: two that fit, or a tensor and itself transposed. */
const matMulActivations: StepMaker = (context) => {
  const a = operand(context, ({ shape }) => shape.length >= 2 && count(shape) <= 64);
  if (a === undefined) return undefined;
  const fitting = operand(context, ({ shape, type }) => type === a.type && shape.length === a.shape.length && shape.at(-2) === a.shape.at(-1) && shape.slice(0, -2).every((size, axis) => size === a.shape[axis]) && count(shape) <= 64);
  const itself = fitting === undefined;
  const perm = [...a.shape.keys()];
  perm.push(...perm.splice(-2, 1));
  const columns = (itself ? a.shape.at(-2) : fitting.shape.at(-1)) as number;
  return {
    label: context.style === 'qoperator' ? 'QLinearMatMul of activations' : 'QDQ MatMul of activations',
    operands: [a, fitting ?? a], shape: [...a.shape.slice(0, -1), columns], type: a.type, quantization: 'range',
    unit: (given) => given.reduce((product, { scale }) => product * scale, 1),
    float: (builder, [left, right], output) => {
      if (itself) builder.node('Transpose', [right as string], `${output}_t`, { perm });
      builder.node('MatMul', [left as string, itself ? `${output}_t` : (right as string)], output);
    },
    emit: (builder, given, output) => {
      const target = output as QuantizedValue;
      const [left, right] = given as [QuantizedValue, QuantizedValue];
      const factor = itself ? { ...right, name: `${output.name}_t` } : right;
      if (itself) builder.node('Transpose', [right.name], factor.name, { perm });
      if (context.style === 'qoperator') {
        builder.node('QLinearMatMul', [...quantizedInputs(builder, left, `${output.name}_a`), ...quantizedInputs(builder, factor, `${output.name}_b`), ...parameters(builder, target, `${output.name}_y`)], output.name);
        return;
      }
      builder.node('MatMul', [dequantized(builder, left), dequantized(builder, factor)], `${output.name}_f`);
      quantize(builder, `${output.name}_f`, target);
    },
  };
};

const matMulInteger: StepMaker = (context) => {
  const { random } = context;
  const x = operand(context, ({ shape }) => shape.length >= 2);
  if (x === undefined) return undefined;
  const columns = random.int(1, 8);
  const weights = randomWeights(context, { input: x.type, shape: [x.shape.at(-1) as number, columns], axis: 1, channels: columns, perChannel: false, bias: false });
  return {
    label: 'MatMulInteger', operands: [x], shape: [...x.shape.slice(0, -1), columns], type: 'int32', quantization: 'none',
    emit: (builder, [given], { name }) => {
      builder.constant(`${name}_w`, weights.type, weights.shape, weights.values).constant(`${name}_w_zero`, weights.type, [], [weights.zeroPoint]);
      builder.constant(`${name}_x_zero`, x.type, [], [(given as QuantizedValue).zeroPoint]);
      builder.node('MatMulInteger', [x.name, `${name}_w`, `${name}_x_zero`, `${name}_w_zero`], name);
    },
  };
};

const convTranspose: StepMaker = (context) => {
  const { random, style } = context;
  const x = operand(context, ({ shape }) => shape.length === 4 && count(shape) <= 100);
  if (x === undefined || style === 'qoperator') return undefined;
  const [batch, inputs, ...size] = x.shape as [number, number, number, number];
  const outputs = random.int(1, 3);
  const kernel = size.map(() => random.int(1, 3));
  const strides = size.map(() => random.int(1, 2));
  const weights = randomWeights(context, { input: x.type, shape: [inputs, outputs, ...kernel], axis: 1, channels: outputs, perChannel: false });
  const shape = [batch, outputs, ...size.map((length, axis) => ((length - 1) * (strides[axis] as number)) + (kernel[axis] as number))];
  return layerStep({ opType: 'ConvTranspose', integerLabel: '', x, shape, weights, attributes: { kernel_shape: kernel, strides }, activation: undefined, integer: () => undefined }, style);
};

export const LAYERS: Readonly<Record<string, StepMaker>> = { conv, convInteger, convTranspose, gemm, matMul, matMulActivations, matMulInteger };
