import type { DriftReport, SetDrift } from './driftReport.js';
import { bytesText, numberText, percentText, pointsText } from './figures.js';

/** One line of the table of before and after. */
export interface ComparisonRow {
  readonly what: string;
  readonly float: string;
  readonly quantized: string;
  readonly change: string;
}

/** Before and after, as the terminal and the page show it. */
export function comparisonRows({ models: { float, quantized }, sets }: DriftReport): ComparisonRow[] {
  return [
    { what: 'size', float: bytesText(float.bytes), quantized: bytesText(quantized.bytes), change: `${(quantized.bytes / Math.max(1, float.bytes)).toFixed(2)} ×` },
    { what: 'nodes', float: float.nodes.toLocaleString('en'), quantized: quantized.nodes.toLocaleString('en'), change: '' },
    ...sets.flatMap(taskRows),
  ];
}

function taskRows({ name, inferences, task }: SetDrift): ComparisonRow[] {
  if (task === undefined) return [];
  const { kind, float, quantized, lossPoints } = task;
  const score = { what: `${kind === 'classification' ? 'accuracy' : 'score'}, ${name} set`, float: percentText(float.score), quantized: percentText(quantized.score), change: pointsText(-lossPoints) };
  if (kind === 'classification') return [score, { what: `right of ${inferences.toLocaleString('en')}, ${name} set`, float: String(float.right), quantized: String(quantized.right), change: '' }];
  return [score, { what: `root mean squared error, ${name} set`, float: numberText(float.rootMeanSquaredError ?? 0), quantized: numberText(quantized.rootMeanSquaredError ?? 0), change: '' }];
}
