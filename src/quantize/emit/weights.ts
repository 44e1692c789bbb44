/** int8 weights, symmetric, with one scale for each output channel, and int32 biases that belong to them. */
import { elementCount, type Tensor } from '../../onnx/graph.js';
import type { Moments } from '../calibration/moments.js';
import { floatsOf } from '../floatGraph.js';
import { limitsOf, type Parameters } from '../plan/parameters.js';
import { fractionAbove, type Fraction } from './multiplier.js';
import { roundTogether } from './rounding.js';

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

/** How weights become integers, once it is known how their inputs vary. */
export interface WeightRounding {
  /** All weights of a sum together, so that their errors cancel; each to its nearest integer otherwise. */
  readonly together: boolean;
  /** The mean of what rounding adds to the sums is taken from the bias. */
  readonly keepMeans: boolean;
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
export function quantizeWeights({ weights, bias, input, output, moments, rounding }: {
  weights: Tensor;
  bias: Float32Array | undefined;
  input: Parameters;
  output: Parameters;
  /** How what the sums read varies, if that is known. */
  moments: Moments | undefined;
  rounding: WeightRounding;
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
    const group = moments === undefined ? 0 : Math.floor(channel / (channels / moments.groups));
    const integers = rounding.together && moments !== undefined ? roundedTogether(own, scale, group, moments, input) : nearest(own, scale);
    data.set(integers, channel * size);
    const shift = rounding.keepMeans && moments !== undefined ? meanError(own, integers, scale, group, moments) : 0;
    biases[channel] = Math.round((offset - shift) / (input.scale * scale));
    const sum = integers.reduce((absolute, value) => absolute + Math.abs(value), 0);
    reach = Math.max(reach, sum * farthest + Math.abs(biases[channel] as number));
  }
  return { weights: { type: 'int8', shape: weights.shape, data }, scales, bias: biases, fractions, reach };
}

function nearest(weights: Float32Array, scale: number): Int8Array {
  return Int8Array.from(weights, (weight) => Math.max(-LARGEST_WEIGHT, Math.min(LARGEST_WEIGHT, Math.round(weight / scale))));
}

/** Rounding the inputs makes them vary by themselves, and few samples say little: both keep weights near. */
function roundedTogether(weights: Float32Array, scale: number, group: number, { fanIn, count, covariances }: Moments, input: Parameters): Int8Array {
  if (covariances === undefined) return nearest(weights, scale);
  const offset = group * fanIn * fanIn;
  let total = 0;
  for (let index = 0; index < fanIn; index++) total += covariances[offset + index * (fanIn + 1)] as number;
  return roundTogether({ weights, scale, covariance: covariances, offset, ridge: input.scale ** 2 / 12 + total / Math.max(count, 1), largest: LARGEST_WEIGHT });
}

/** What the rounding of one channel's weights adds to its sums on average. */
function meanError(weights: Float32Array, integers: Int8Array, scale: number, group: number, { fanIn, means }: Moments): number {
  return weights.reduce((total, value, index) => total + (scale * (integers[index] as number) - value) * (means[group * fanIn + index] as number), 0);
}
