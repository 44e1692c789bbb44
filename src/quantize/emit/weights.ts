/** int8 weights, symmetric, with one scale for each output channel, and int32 biases that belong to them. */
import { elementCount, type Tensor } from '../../onnx/graph.js';
import { floatsOf } from '../floatGraph.js';
import { limitsOf, type Parameters } from '../plan/parameters.js';
import { fractionAbove, type Fraction } from './multiplier.js';

export interface QuantizedWeights {
  /** The shape of the float weights, output channels first. */
  readonly weights: Tensor;
  /** One per output channel. */
  readonly scales: Float32Array;
  readonly bias: Int32Array;
  /** What sums are multiplied by, one fraction per output channel: input scale · weight scale / output scale. */
  readonly fractions: readonly Fraction[];
  /** A bound of the sums with their biases. */
  readonly reach: number;
}

const LARGEST_WEIGHT = 127;

/** How much larger than necessary a scale may be, so that its multiplier is a fraction with a small denominator. */
const SLACK = 1 / 64;

/** Biases, and sums with them, stay below this: the rest of int32 is for what ONNX Runtime adds up in between. */
const LARGEST_BIAS = 2 ** 29;

/** Multipliers below this say that a channel hardly changes its output; its weights then use fewer of their bits. */
const SMALLEST_MULTIPLIER = 2 ** -20;

/**
 * Quantizes weights for an input and an output whose parameters are known. The scale of each channel is the smallest that holds its
 * largest weight and its bias, made a little larger so that the multiplier input · weight / output is a small fraction.
 */
export function quantizeWeights({ weights, bias, input, output, means }: {
  weights: Tensor;
  bias: Float32Array | undefined;
  input: Parameters;
  output: Parameters;
  /** The means of the input channels: what rounding a weight adds to their products is taken from the bias. */
  means?: Float64Array | undefined;
}): QuantizedWeights {
  const channels = weights.shape[0] as number;
  const size = elementCount(weights.shape.slice(1));
  const values = floatsOf(weights);
  const data = new Int8Array(values.length);
  const scales = new Float32Array(channels);
  const biases = new Int32Array(channels);
  const fractions: Fraction[] = [];
  const { least, most } = limitsOf(input);
  const farthest = Math.max(most - input.zeroPoint, input.zeroPoint - least);
  let reach = 0;
  for (let channel = 0; channel < channels; channel++) {
    const own = values.subarray(channel * size, (channel + 1) * size);
    const offset = bias?.[channel] ?? 0;
    const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const total = own.reduce((sum, value) => sum + Math.abs(value), 0);
    const wanted = Math.max(largest / LARGEST_WEIGHT, Math.abs(offset) / input.scale / LARGEST_BIAS, (total * farthest) / LARGEST_BIAS);
    const multiplier = Math.max((input.scale * wanted) / output.scale, SMALLEST_MULTIPLIER);
    const { numerator, denominator } = fractionAbove(multiplier, SLACK);
    const scale = Math.fround(((numerator / denominator) * output.scale) / input.scale);
    scales[channel] = scale;
    fractions.push({ numerator, denominator });
    for (let index = 0; index < size; index++) data[channel * size + index] = Math.max(-LARGEST_WEIGHT, Math.min(LARGEST_WEIGHT, Math.round((own[index] as number) / scale)));
    biases[channel] = Math.round((offset - meanError({ data, own, channel, scale, weights, means })) / (input.scale * scale));
    const sum = data.subarray(channel * size, (channel + 1) * size).reduce((absolute, value) => absolute + Math.abs(value), 0);
    reach = Math.max(reach, sum * farthest + Math.abs(biases[channel] as number));
  }
  return { weights: { type: 'int8', shape: weights.shape, data }, scales, bias: biases, fractions, reach };
}

/** What the rounding of one channel's weights adds to its results on average; padding aside. */
function meanError({ data, own, channel, scale, weights: { shape }, means }: { data: Int8Array; own: Float32Array; channel: number; scale: number; weights: Tensor; means: Float64Array | undefined }): number {
  if (means === undefined) return 0;
  const [channels, inputs] = shape as [number, number];
  const taps = elementCount(shape.slice(2));
  const groups = means.length / inputs;
  const first = Math.floor(channel / (channels / groups)) * inputs;
  return own.reduce((total, value, index) => total + (scale * (data[channel * own.length + index] as number) - value) * (means[first + Math.floor(index / taps)] as number), 0);
}
