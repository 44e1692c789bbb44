/**
 * From a sum in int32 to 8 or 16 bits, in integers alone: ⌊(sum + D/2) / D⌋, cut off, by Add, Div, Clip and Cast. Div of ONNX Runtime
 * rounds towards zero, so a multiple of D is added first that makes every dividend positive.
 */
import type { Tensor } from '../../onnx/graph.js';
import type { Clamp } from '../plan/elementwise.js';
import { integerType, limitsOf, quantizeReal, type Parameters } from '../plan/parameters.js';
import type { Emitter } from './emitter.js';

/** Sums and dividends stay below this, far from the end of int32. */
export const LARGEST_SUM = 2 ** 30;

/** The integers that a clamp allows, within int8. */
export function clampedRange(parameters: Parameters, clamp: Clamp | undefined): { lo: number; hi: number } {
  const { least, most } = limitsOf(parameters);
  return { lo: clamp === undefined ? least : quantizeReal(clamp.lo, parameters), hi: clamp === undefined ? most : quantizeReal(clamp.hi, parameters) };
}

/**
 * Appends q = clamp(round(sum / D + constant / D) + zeroPoint) and gives the name of its result.
 * @param sum an int32 tensor
 * @param least the smallest value of sum + constant
 * @param constant what is added to each element of the sum, of a shape that broadcasts
 */
export function emitRequantize(emitter: Emitter, { name, sum, denominator, least, constant, parameters, clamp, output }: {
  name: string;
  sum: string;
  denominator: number;
  least: number;
  constant?: { readonly shape: readonly number[]; readonly values: Float64Array };
  parameters: Parameters;
  clamp?: Clamp | undefined;
  output: string;
}): string {
  const { zeroPoint } = parameters;
  const { lo, hi } = clampedRange(parameters, clamp);
  const half = Math.floor(denominator / 2) + zeroPoint * denominator;
  const lift = Math.max(0, Math.ceil(-(least + half) / denominator));
  const base = half + lift * denominator;
  const added: Tensor = { type: 'int32', shape: constant?.shape ?? [], data: Int32Array.from(constant?.values ?? [0], (value) => Math.round(value) + base) };
  let current = sum;
  if (added.data.some((value) => value !== 0)) current = emitter.add({ name: `${name}/offset`, opType: 'Add', inputs: [current, emitter.constant(`${output}_offset`, added)] });
  if (denominator !== 1) current = emitter.add({ name: `${name}/quotient`, opType: 'Div', inputs: [current, emitter.scalar(`${output}_divisor`, 'int32', denominator)] });
  return emitCut(emitter, { name, current, lo, hi, lift, parameters, output });
}

/** Cuts an int32 tensor off, takes `lift` from it and gives it the type of its parameters. */
export function emitCut(emitter: Emitter, { name, current, lo, hi, lift, parameters, output }: { name: string; current: string; lo: number; hi: number; lift: number; parameters: Parameters; output: string }): string {
  const clipped = emitter.add({ name: `${name}/clip`, opType: 'Clip', inputs: [current, emitter.scalar(`${output}_least`, 'int32', lo + lift), emitter.scalar(`${output}_most`, 'int32', hi + lift)] });
  const shifted = lift === 0 ? clipped : emitter.add({ name: `${name}/shift`, opType: 'Sub', inputs: [clipped, emitter.scalar(`${output}_lift`, 'int32', lift)] });
  return emitter.cast(name, shifted, integerType(parameters), output);
}

/** Cuts int8 results off where saturation alone does not, because the tensor shares a wider range with others. */
export function emitClamp(emitter: Emitter, { name, integers, parameters, clamp, output }: { name: string; integers: string; parameters: Parameters; clamp: Clamp; output: string }): string {
  const { lo, hi } = clampedRange(parameters, clamp);
  return emitter.add({ name, opType: 'Clip', inputs: [integers, emitter.scalar(`${output}_least`, integerType(parameters), lo), emitter.scalar(`${output}_most`, integerType(parameters), hi)], output });
}

/** Whether a clamp cuts off more than saturation does. */
export function cutsMore(parameters: Parameters, clamp: Clamp | undefined): clamp is Clamp {
  const { lo, hi } = clampedRange(parameters, clamp);
  const { least, most } = limitsOf(parameters);
  return clamp !== undefined && (lo > least || hi < most);
}
