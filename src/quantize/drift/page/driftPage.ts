/** The drift report as one HTML page: no script, no links, everything inside. */
import { comparisonRows } from '../comparison.js';
import type { DriftReport, LayerDrift, OutputDrift, SetDrift, TaskDrift } from '../driftReport.js';
import { weakestLayer } from '../weakestLayer.js';
import { agreementChart, errorChart, layerChart, loadCharts, type Draw } from './charts.js';
import { escape } from './escape.js';
import { observersText } from '../observersText.js';
import { bytesText, decibelText, numberText, percentText, pointsText } from '../figures.js';
import { STYLE } from './style.js';

/** Layers beyond this many are in the JSON report only. */
const MOST_ROWS = 400;
/** Outputs beyond this many get no plots. */
const MOST_PLOTS = 8;

/** The page for a report. */
export async function driftPage(report: DriftReport): Promise<string> {
  const draw = await loadCharts();
  const { float, quantized } = report.models;
  const chosen = observersText(report.observers ?? []);
  const title = `Drift of ${quantized.name}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
<p class="faint">How far the quantized model lies from <code>${escape(float.name)}</code>, both run by ONNX Runtime on the same inputs.${chosen === undefined ? '' : ` Quantized with ${escape(chosen)}.`}</p>
${tiles(report)}
<h2>Before and after</h2>
${beforeAndAfter(report)}
<h2>Outputs</h2>
${outputTable(report.sets)}
${plots(draw, report.sets.at(-1)?.outputs ?? [], report.sets.at(-1)?.name ?? '')}
${layers(draw, report.sets)}
<footer>${DEFINITIONS}</footer>
</main>
</body>
</html>
`;
}

function tiles({ models: { float, quantized }, sets }: DriftReport): string {
  const set = sets.at(-1);
  const worst = [...(set?.outputs ?? [])].sort((a, b) => (b.relativeError ?? 0) - (a.relativeError ?? 0))[0];
  const task = sets.map((one) => one.task).findLast((one) => one !== undefined);
  return `<div class="tiles">
${task === undefined ? '' : taskTile(task)}
${worst === undefined ? '' : tile('relative error', worst.relativeError === null ? '–' : percentText(worst.relativeError), `of ${escape(worst.name)}, ${set?.name} set`)}
${worst === undefined ? '' : tile('signal to noise', decibelText(worst.signalToNoise), `largest error ${numberText(worst.maxAbsoluteError)}`)}
${worst?.top1Agreement === undefined ? '' : tile('same first class', percentText(worst.top1Agreement), worst.top5Agreement === undefined ? '' : `among the first five: ${percentText(worst.top5Agreement)}`)}
${tile('size', bytesText(quantized.bytes), `before: ${bytesText(float.bytes)}`)}
</div>`;
}

function taskTile({ kind, float, quantized, lossPoints }: TaskDrift): string {
  const tone = lossPoints > 0.5 ? 'bad' : 'good';
  return tile(kind === 'classification' ? 'accuracy' : 'score', percentText(quantized.score), `float ${percentText(float.score)}, <span class="${tone}">${pointsText(-lossPoints)}</span>`);
}

/** `note` is markup. */
function tile(label: string, value: string, note: string): string {
  return `<div class="tile"><div class="label">${label}</div><div class="value">${value}</div><div class="note">${note}</div></div>`;
}

function beforeAndAfter(report: DriftReport): string {
  return table(['', ...['float', 'quantized', 'change'].map(number)], comparisonRows(report).map(({ what, float, quantized, change }) => row([escape(what), ...[float, quantized, change].map(number)])));
}

function outputTable(sets: readonly SetDrift[]): string {
  const ranked = sets.some(({ outputs }) => outputs.some(({ top1Agreement }) => top1Agreement !== undefined));
  const rows = sets.flatMap(({ name, inferences, outputs }) => outputs.map((output) => row([
    `<code>${escape(output.name)}</code>`, name, ...[
      inferences.toLocaleString('en'),
      output.relativeError === null ? '–' : percentText(output.relativeError),
      decibelText(output.signalToNoise),
      numberText(output.maxAbsoluteError),
      numberText(output.meanAbsoluteError),
      output.cosine.toFixed(6),
      ...(ranked ? [output.top1Agreement, output.top5Agreement].map((share) => (share === undefined ? '' : percentText(share))) : []),
    ].map(number)])));
  return table(['output', 'set', ...['inferences', 'relative error', 'signal to noise', 'largest error', 'mean error', 'cosine', ...(ranked ? ['same first', 'in first five'] : [])].map(number)], rows);
}

function plots(draw: Draw, outputs: readonly OutputDrift[], set: string): string {
  return outputs.slice(0, MOST_PLOTS).map((output) => `<h3><code>${escape(output.name)}</code></h3>
<div class="plots">
<figure>${agreementChart(draw, output)}<figcaption>Elements of the output on the ${set} set: float across, quantized up. On the line they agree.</figcaption></figure>
<figure>${errorChart(draw, output)}<figcaption>How often each error occurs, over all ${output.elements.toLocaleString('en')} elements of the ${set} set.</figcaption></figure>
</div>`).join('\n');
}

function layers(draw: Draw, sets: readonly SetDrift[]): string {
  const set = sets.at(-1);
  if (set === undefined || set.layers.length === 0) return '';
  const weakest = weakestLayer(set.layers);
  const rows = set.layers.slice(0, MOST_ROWS).map((layer) => layerRow(layer, layer === weakest));
  return `<h2>Layers</h2>
<p>${weakest === undefined ? '' : `Rounding costs most at <code>${escape(weakest.node)}</code>: ${decibelText(weakest.ownSignalToNoise)} if it alone were rounded. `}Where the solid line falls, a layer adds noise to what arrives; where the dashed line is low, its own scale and range are the reason.</p>
<figure><div class="scroll wide">${layerChart(draw, set.layers)}</div><figcaption>Signal to noise by layer, in the order of the model, on the ${set.name} set.</figcaption></figure>
${table(['layer', 'operator', 'type', ...['scale', 'signal to noise', 'by itself', 'largest error', 'clipped'].map(number)], rows)}
${set.layers.length > MOST_ROWS ? `<p class="faint">${set.layers.length - MOST_ROWS} more are in the JSON report.</p>` : ''}`;
}

function layerRow(layer: LayerDrift, weakest: boolean): string {
  return row([
    `<code>${escape(layer.node)}</code>`, escape(layer.operator), escape(layer.type),
    ...[numberText(layer.scale), decibelText(layer.signalToNoise), decibelText(layer.ownSignalToNoise), numberText(layer.maxAbsoluteError), layer.clipped === 0 ? '0' : percentText(layer.clipped, 3)].map(number),
  ], weakest ? 'weakest' : '');
}

interface Cell {
  readonly number: string;
}

function number(text: string): Cell {
  return { number: text };
}

/** Cells are markup. */
function row(cells: readonly (string | Cell)[], kind = ''): string {
  return `<tr${kind === '' ? '' : ` class="${kind}"`}>${cells.map((cell) => (typeof cell === 'string' ? `<td>${cell}</td>` : `<td class="number">${cell.number}</td>`)).join('')}</tr>`;
}

function table(head: readonly (string | Cell)[], rows: readonly string[]): string {
  const cells = head.map((cell) => (typeof cell === 'string' ? `<th>${cell}</th>` : `<th class="number">${cell.number}</th>`)).join('');
  return `<div class="scroll"><table><thead><tr>${cells}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table></div>`;
}

const DEFINITIONS = `Relative error: the root mean square of quantized − float, divided by the root mean square of the float values. Signal to
noise is the same in decibels, 20 · log10(1 / relative error): 20 dB is 10 %, 40 dB is 1 %. By itself: the float values of this tensor,
rounded to its integers and nothing before it. Clipped: the share of float values that its integers do not reach. Cosine: the mean over
the inferences.`;
