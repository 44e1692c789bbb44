import type { Deviation } from './driftReport.js';

/** Adds up how far numbers lie from those that they stand for. */
export interface DeviationSum {
  elements: number;
  maxAbsoluteError: number;
  sumOfErrors: number;
  sumOfSquaredErrors: number;
  sumOfSquares: number;
}

export function newDeviation(): DeviationSum {
  return { elements: 0, maxAbsoluteError: 0, sumOfErrors: 0, sumOfSquaredErrors: 0, sumOfSquares: 0 };
}

export function addDeviation(sum: DeviationSum, float: number, quantized: number): void {
  const error = Math.abs(quantized - float);
  sum.elements++;
  // Written so that a NaN stays: it would be lost in Math.max of nothing but numbers.
  if (!(error <= sum.maxAbsoluteError)) sum.maxAbsoluteError = error;
  sum.sumOfErrors += error;
  sum.sumOfSquaredErrors += error * error;
  sum.sumOfSquares += float * float;
}

export function deviationOf({ elements, maxAbsoluteError, sumOfErrors, sumOfSquaredErrors, sumOfSquares }: DeviationSum): Deviation {
  return {
    elements,
    maxAbsoluteError,
    meanAbsoluteError: elements === 0 ? 0 : sumOfErrors / elements,
    relativeError: sumOfSquares === 0 ? null : Math.sqrt(sumOfSquaredErrors / sumOfSquares),
    signalToNoise: decibels(sumOfSquares, sumOfSquaredErrors),
  };
}

/** Ten times the logarithm of a ratio of squares, or null where there is none. */
export function decibels(signal: number, noise: number): number | null {
  return signal > 0 && noise > 0 ? 10 * Math.log10(signal / noise) : null;
}
