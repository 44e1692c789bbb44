/** int8 weights, symmetric, with one scale for each output channel, and int32 biases that belong to them. */
import { elementCount, type Tensor } from '../../onnx/graph.js';
import { floatsOf } from '../floatGraph.js';
import type { Parameters } from '../plan/parameters.js';
import { fractionAbove } from './multiplier.js';

export interface QuantizedWeights {
  /** The shape of the float weights, output channels first. */
  readonly weights: Tensor;
  /** One per output channel. */
  readonly scales: Float32Array;
  readonly bias: Int32Array;
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
export function quantizeWeights({ weights, bias, input, output }: { weights: Tensor; bias: Float32Array | undefined; input: Parameters; output: Parameters }): QuantizedWeights {
  const channels = weights.shape[0] as number;
  const size = elementCount(weights.shape.slice(1));
  const values = floatsOf(weights);
  const data = new Int8Array(values.length);
  const scales = new Float32Array(channels);
  const biases = new Int32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const own = values.subarray(channel * size, (channel + 1) * size);
    const offset = bias?.[channel] ?? 0;
    const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const wanted = Math.max(largest / LARGEST_WEIGHT, Math.abs(offset) / input.scale / LARGEST_BIAS);
    const multiplier = Math.max((input.scale * wanted) / output.scale, SMALLEST_MULTIPLIER);
    const { numerator, denominator } = fractionAbove(multiplier, SLACK);
    const scale = Math.fround(((numerator / denominator) * output.scale) / input.scale);
    scales[channel] = scale;
    for (let index = 0; index < size; index++) data[channel * size + index] = Math.max(-LARGEST_WEIGHT, Math.min(LARGEST_WEIGHT, Math.round((own[index] as number) / scale)));
    biases[channel] = Math.round(offset / (input.scale * scale));
  }
  return { weights: { type: 'int8', shape: weights.shape, data }, scales, bias: biases };
}
