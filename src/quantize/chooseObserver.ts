/** Which observer's ranges cost the outputs least, when none is asked for. */
import { throwIfAborted } from '../errors/index.js';
import type { ObserverName, QuantizeOptions } from './options.js';

/** Those that are tried, the one that wins a tie first. The others hardly ever win. */
const TRIED: readonly ObserverName[] = ['minMax', 'percentile', 'meanSquaredError'];

/** With fewer calibration inputs nothing is cut off: which values are rare cannot be seen. */
const LEAST_INPUTS = 32;

/** What one observer came to. */
export interface ObserverTrial {
  readonly observer: ObserverName;
  /** Of the outputs, on calibration inputs: the root mean square of the difference from the float model by that of its outputs. */
  readonly relativeError?: number;
}

/** The observers whose ranges are wanted. */
export function observersToTry({ observer = 'auto' }: Pick<QuantizeOptions, 'observer'>, inputs: number): readonly ObserverName[] {
  if (observer !== 'auto') return [observer];
  return inputs < LEAST_INPUTS ? ['minMax'] : TRIED;
}

/**
 * Quantizes with each observer, and compares the outputs on calibration inputs.
 * @returns what was tried, the best first, and the result of the best; the first in order among equals
 */
export async function chooseObserver<Result extends { readonly model: Uint8Array }>({ observers, attempt, measure, signal, onProgress }: {
  observers: readonly ObserverName[];
  attempt: (observer: ObserverName) => Promise<Result>;
  /** The relative error of a model's outputs. */
  measure: (model: Uint8Array) => Promise<number>;
  signal: AbortSignal | undefined;
  /** Called with the share that is done. */
  onProgress?: (share: number) => void;
}): Promise<{ trials: readonly [ObserverTrial, ...ObserverTrial[]]; result: Result }> {
  const [first] = observers as [ObserverName];
  if (observers.length === 1) return { trials: [{ observer: first }], result: await attempt(first) };
  const tried: { observer: ObserverName; relativeError: number; result: Result }[] = [];
  for (const observer of observers) {
    throwIfAborted(signal);
    onProgress?.(tried.length / observers.length);
    const result = await attempt(observer);
    tried.push({ observer, relativeError: await measure(result.model), result });
  }
  const [best, ...others] = tried.sort((a, b) => a.relativeError - b.relativeError) as [(typeof tried)[number], ...typeof tried];
  const trialOf = ({ observer, relativeError }: ObserverTrial): ObserverTrial => ({ observer, relativeError: relativeError as number });
  return { trials: [trialOf(best), ...others.map(trialOf)], result: best.result };
}
