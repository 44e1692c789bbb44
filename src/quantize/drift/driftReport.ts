/** What the drift report says, as data: JSON, the terminal and the HTML page show the same. */

import type { ObserverTrial } from '../chooseObserver.js';

/** Where the quantized integers of a float tensor are: float ≈ scale · (quantized − zeroPoint). */
export interface DriftLayer {
  /** The node of the float model whose result it is. */
  readonly node: string;
  readonly floatTensor: string;
  readonly quantizedTensor: string;
  readonly scale: number;
  readonly zeroPoint: number;
}

export interface DriftReport {
  readonly version: 1;
  /** How the ranges were chosen: the observers that were tried, the chosen one first. */
  readonly observers?: readonly ObserverTrial[];
  readonly models: { readonly float: ModelSummary; readonly quantized: ModelSummary };
  /** Calibration first, then evaluation where there is one. */
  readonly sets: readonly SetDrift[];
}

export interface ModelSummary {
  readonly name: string;
  readonly bytes: number;
  readonly nodes: number;
}

export interface SetDrift {
  readonly name: SetName;
  readonly inferences: number;
  readonly outputs: readonly OutputDrift[];
  /** In the order of the float model. */
  readonly layers: readonly LayerDrift[];
  readonly task?: TaskDrift;
}

export type SetName = 'calibration' | 'evaluation';

/** How far numbers lie from those that they stand for. */
export interface Deviation {
  readonly elements: number;
  readonly maxAbsoluteError: number;
  readonly meanAbsoluteError: number;
  /** The root mean square of the error, divided by that of the float values. null: the float values are all 0. */
  readonly relativeError: number | null;
  /** 20 · log10(1 / relative error), in dB. null: there is no error at all, or nothing but error. */
  readonly signalToNoise: number | null;
}

export interface OutputDrift extends Deviation {
  readonly name: string;
  /** The mean over the inferences of the cosine between both outputs. */
  readonly cosine: number;
  /** The share of inferences with the same largest element; only for outputs that are one list of scores per inference. */
  readonly top1Agreement?: number;
  /** The share of inferences where the float model's largest element is among the quantized model's five largest. */
  readonly top5Agreement?: number;
  /** Quantized minus float: counts in bins of equal width from `lo` to `hi`. */
  readonly histogram: { readonly lo: number; readonly hi: number; readonly counts: readonly number[] };
  /** Some elements, evenly chosen: the float value and the quantized one. */
  readonly sample: readonly (readonly [float: number, quantized: number])[];
}

export interface LayerDrift extends Deviation {
  readonly node: string;
  readonly operator: string;
  readonly floatTensor: string;
  /** The type of its integers. */
  readonly type: string;
  readonly scale: number;
  /** Signal to noise in dB if only this tensor were rounded: what its scale and range alone cost. */
  readonly ownSignalToNoise: number | null;
  /** The share of float values beyond what its integers reach. */
  readonly clipped: number;
}

/** How well the task is done. The score is 0 to 1, more is better. */
export interface TaskDrift {
  readonly kind: 'classification' | 'regression';
  readonly output: string;
  readonly float: TaskScore;
  readonly quantized: TaskScore;
  /** 100 times what the score loses; negative when it gains. */
  readonly lossPoints: number;
}

export interface TaskScore {
  readonly score: number;
  /** Classification: how many are right. */
  readonly right?: number;
  /** Regression: the root of the mean squared error; the score is one minus it, divided by the range of the targets. */
  readonly rootMeanSquaredError?: number;
}

/** The drift that a gate looks at: the largest relative error of an output, on the evaluation set where there is one. */
export function overallDrift({ sets }: DriftReport): number {
  const set = sets.at(-1);
  return Math.max(0, ...(set?.outputs ?? []).map(({ relativeError, maxAbsoluteError }) => relativeError ?? (maxAbsoluteError > 0 ? Infinity : 0)));
}
