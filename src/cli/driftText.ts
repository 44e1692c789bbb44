/** The drift report in the terminal. */
import { comparisonRows } from '../quantize/drift/comparison.js';
import type { DriftReport, LayerDrift } from '../quantize/drift/driftReport.js';
import { decibelText, numberText, percentText } from '../quantize/drift/figures.js';
import { weakestLayer } from '../quantize/drift/weakestLayer.js';
import { count } from './format.js';
import { table } from './table.js';

/** More layers than this are shortened to those that lose most. */
const MOST_LAYERS = 24;

/** Before and after, outputs, layers. */
export async function driftText(report: DriftReport): Promise<string> {
  const last = report.sets.at(-1);
  return [
    await beforeAndAfter(report),
    await outputs(report),
    ...(last === undefined || last.layers.length === 0 ? [] : [await layers(last.layers, last.name)]),
  ].join('\n\n');
}

function beforeAndAfter(report: DriftReport): Promise<string> {
  return table({ head: ['', 'float', 'quantized', 'change'], rows: comparisonRows(report).map(({ what, float, quantized, change }) => [what, float, quantized, change]), numbers: [1, 2, 3] });
}

function outputs({ sets }: DriftReport): Promise<string> {
  const ranked = sets.some((set) => set.outputs.some(({ top1Agreement }) => top1Agreement !== undefined));
  const share = (value: number | undefined): string => (value === undefined ? '' : percentText(value));
  return table({
    head: ['output', 'set', 'inferences', 'relative error', 'signal to noise', 'largest error', 'mean error', 'cosine', ...(ranked ? ['same first', 'in first five'] : [])],
    rows: sets.flatMap(({ name, inferences, outputs: list }) => list.map((output) => [
      output.name, name, count(inferences), output.relativeError === null ? '–' : percentText(output.relativeError), decibelText(output.signalToNoise),
      numberText(output.maxAbsoluteError), numberText(output.meanAbsoluteError), output.cosine.toFixed(6), ...(ranked ? [share(output.top1Agreement), share(output.top5Agreement)] : []),
    ])),
    numbers: [2, 3, 4, 5, 6, 7, 8, 9],
  });
}

async function layers(all: readonly LayerDrift[], set: string): Promise<string> {
  const weakest = weakestLayer(all);
  const own = ({ ownSignalToNoise }: LayerDrift): number => ownSignalToNoise ?? Infinity;
  const limit = [...all].sort((a, b) => own(a) - own(b))[MOST_LAYERS - 1];
  const shown = all.length <= MOST_LAYERS || limit === undefined ? all : all.filter((layer) => own(layer) <= own(limit)).slice(0, MOST_LAYERS);
  const list = await table({
    head: ['layer', 'operator', 'type', 'scale', 'signal to noise', 'by itself', 'clipped'],
    rows: shown.map((layer) => [layer.node, layer.operator, layer.type, numberText(layer.scale), decibelText(layer.signalToNoise), decibelText(layer.ownSignalToNoise), layer.clipped === 0 ? '0' : percentText(layer.clipped, 3)]),
    numbers: [3, 4, 5, 6],
  });
  return [
    list,
    ...(shown.length < all.length ? [`${count(all.length - shown.length)} layers that lose less are in the report`] : []),
    ...(weakest === undefined ? [] : [`rounding costs most at ${weakest.node}: ${decibelText(weakest.ownSignalToNoise)} by itself, on the ${set} set`]),
  ].join('\n');
}
