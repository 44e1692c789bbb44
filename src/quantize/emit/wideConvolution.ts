/**
 * A convolution whose input or output has 16 bits. ONNX Runtime has no such kernel, so the input is two bytes and the convolution two
 * of 8 bits, summed in int32: x = 256 · high + low, Σ x·w = 256 · Σ high·w + Σ low·w. The sum is rescaled in int64.
 */
import type { Attribute, Tensor } from '../../onnx/graph.js';
import type { Clamp } from '../plan/elementwise.js';
import type { Emitter } from './emitter.js';
import { sumOfBytes } from './bytes.js';
import { clampedRange, emitCut } from './requantize.js';
import type { QuantizedWeights } from './weights.js';

export function emitWideConvolution(emitter: Emitter, { name, x, output, source, quantized, attributes, clamp, result }: {
  name: string;
  /** The float tensors that are read and made. */
  x: string;
  output: string;
  /** The integers that are read. */
  source: string;
  quantized: QuantizedWeights;
  attributes: ReadonlyMap<string, Attribute>;
  clamp: Clamp | undefined;
  result: string;
}): void {
  const weights = emitter.constant(`${output}_weights`, quantized.weights);
  const zero = emitter.scalar(`${output}_weights_zero_point`, 'int8', 0);
  const convolve = (part: string, input: string, zeroPoint: number): string =>
    emitter.add({ name: `${name}/${part}`, opType: 'ConvInteger', inputs: [input, weights, emitter.scalar(`${output}_${part}_zero_point`, 'int8', zeroPoint), zero], attributes: Object.fromEntries(attributes) });
  const own = emitter.parameters(x);
  if (own.bits === 8) {
    emitRescale(emitter, { name, output, sum: convolve('sum', source, own.zeroPoint), quantized, clamp, result });
    return;
  }
  const sum = sumOfBytes(emitter, { name, source, convolve });
  emitRescale(emitter, { name, output, sum, quantized, clamp, result });
}

/** ⌊(sum · numerator + bias · numerator + D/2) / D⌋ with D positive, one fraction per channel, cut off. */
function emitRescale(emitter: Emitter, { name, output, sum, quantized: { fractions, bias, reach, weights }, clamp, result }: {
  name: string;
  output: string;
  sum: string;
  quantized: QuantizedWeights;
  clamp: Clamp | undefined;
  result: string;
}): void {
  const parameters = emitter.parameters(output);
  const { lo, hi } = clampedRange(parameters, clamp);
  const lift = Math.ceil(fractions.reduce((most, { numerator, denominator }) => Math.max(most, (reach * numerator) / denominator), 0)) + Math.abs(parameters.zeroPoint) + 1;
  const shape = [fractions.length, ...weights.shape.slice(2).map(() => 1)];
  const int64 = (role: string, values: readonly number[]): string => {
    const tensor: Tensor = { type: 'int64', shape, data: BigInt64Array.from(values, (value) => BigInt(Math.round(value))) };
    return emitter.constant(`${output}_${role}`, tensor);
  };
  const added = fractions.map(({ numerator, denominator }, channel) => (bias[channel] as number) * numerator + Math.floor(denominator / 2) + (lift + parameters.zeroPoint) * denominator);
  let current = emitter.cast(`${name}/wide`, sum, 'int64');
  if (fractions.some(({ numerator }) => numerator !== 1)) current = emitter.add({ name: `${name}/numerator`, opType: 'Mul', inputs: [current, int64('numerators', fractions.map(({ numerator }) => numerator))] });
  current = emitter.add({ name: `${name}/offset`, opType: 'Add', inputs: [current, int64('offsets', added)] });
  current = emitter.add({ name: `${name}/divide`, opType: 'Div', inputs: [current, int64('divisors', fractions.map(({ denominator }) => denominator))] });
  emitCut(emitter, { name, current: emitter.cast(`${name}/narrow`, current, 'int32'), lo, hi, lift, parameters, output: result });
}
