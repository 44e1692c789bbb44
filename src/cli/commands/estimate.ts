import { examples, type DefineCommand, type Outcome } from '../command.js';
import { bytes, count, duration } from '../format.js';
import { positiveInteger } from '../parse.js';
import { table } from '../table.js';
import { visibilityFlags, visibilityOf, visibilityOptions, visibilityText, type VisibilityOptions } from '../visibilityOptions.js';
import type { EstimateModelReturnType, StageTimes } from '../../workflow/estimateModel.js';

interface Options extends VisibilityOptions {
  readonly batch?: number;
  readonly calibration: boolean;
}

export const defineEstimate: DefineCommand = (program, execute) => {
  const command = program
    .command('estimate')
    .summary('say how large the circuit would be, and what it takes to prove, layer by layer')
    .description('Counts rows, wires and non-zero entries without compiling, for models of any size, and says what memory, time and disk the stages would take, layer by layer.')
    .argument('<model>', 'quantized ONNX file')
    .option('--batch <n>', 'size of a symbolic batch dimension (default: 1)', positiveInteger('--batch'))
    .option('--no-calibration', 'do not measure this machine for a few seconds; no times then');
  visibilityOptions(command, '').action((model: string, options: Options) =>
    execute(command, async ({ signal, onProgress, width }): Promise<Outcome> => {
      const { estimateModel } = await import('../../workflow/estimateModel.js');
      const result = await estimateModel({ model, batch: options.batch, visibility: visibilityOf(options), calibration: options.calibration, signal, onProgress });
      return { data: result, text: await textOf(result, width), warnings: warningsOf(result), ...nextOf(model, result, options) };
    }),
  );
  examples(command, ['estimate model.onnx', 'estimate model.onnx --batch 4 --no-calibration', 'estimate model.onnx --input-visibility hashed', 'estimate model.onnx --json']);
};

async function textOf(estimate: EstimateModelReturnType, width: number): Promise<string> {
  const { model, opset, visibility, rows, wires, publicSignals, nonZeros, domain, universal, files, memory, time } = estimate;
  const stages = await table({
    head: ['', 'compile', 'setup', 'prove', ''],
    rows: [
      ['memory', bytes(memory.compile), bytes(memory.setup), bytes(memory.prove), `of ${bytes(memory.machine)} here`],
      ...(time === undefined ? [] : [['time', duration(time.compile), duration(time.setup), duration(time.prove), '']]),
      ['file', bytes(files.r1cs), bytes(files.provingKey), '', ''],
    ],
    numbers: [1, 2, 3],
  });
  return [
    `${model.name}  ONNX opset ${opset}, SHA-256 ${model.sha256}`,
    visibilityText(visibility),
    '',
    await layerTable(estimate, width),
    '',
    `${count(rows)} rows, ${count(wires)} wires, ${count(publicSignals)} public signals (exact)`,
    `${count(nonZeros.a + nonZeros.b + nonZeros.c)} non-zeros: ${count(nonZeros.a)} in A, ${count(nonZeros.b)} in B, ${count(nonZeros.c)} in C`,
    `domain 2^${domain.power}, of at most 2^${domain.largest}`,
    ...universalLines(universal),
    '',
    stages,
    '',
    time === undefined ? 'Memory is about what was measured for other models; times need a calibration.' : `Times are by ${time.basis}: an order of magnitude, since other programs and what the model is made of change them several times over. Memory is about what was measured for other models.`,
  ].join('\n');
}

/** What the systems without a ceremony per circuit would take. */
function universalLines({ gates, largest, plonk, fflonk }: EstimateModelReturnType['universal']): string[] {
  const line = (name: string, { domainPower, ptauPower, keyBytes, fits }: typeof plonk): string =>
    `${name}: about ${count(gates)} gates, domain 2^${domainPower}, powers of tau 2^${ptauPower}, key ${bytes(keyBytes)}${fits ? '' : `: too large (of at most 2^${largest}, or for the memory here)`}`;
  return [line('PLONK', plonk), line('FFLONK', fflonk)];
}

function layerTable({ rows, wires, publicSignals, nonZeros, files, memory, time, layers }: EstimateModelReturnType, width: number): Promise<string> {
  const head = ['layer', 'operator', 'rows', 'share', 'wires', 'non-zeros', 'key', 'memory', 'time'];
  const share = (own: number): string => `${((100 * own) / rows).toFixed(1)}%`;
  const together = ({ compile, setup, prove }: StageTimes): number => compile + setup + prove;
  const clock = (ms: number | undefined): string => (ms ? duration(ms) : '');
  const lines = layers.flatMap((layer) => [
    [layer.node === '' ? layer.operator : layer.node, layer.node === '' ? '' : layer.operator, count(layer.rows), share(layer.rows), count(layer.wires), count(layer.nonZeros), bytes(layer.keyBytes), bytes(layer.proveMemory), clock(layer.time && together(layer.time))],
    // One kind of work is the layer itself.
    ...(layer.parts.length < 2 ? [] : layer.parts.map((part) => [`  ${part.what}`, '', count(part.rows)])),
  ]);
  const of = (pick: (layer: EstimateModelReturnType['layers'][number]) => number): number => layers.reduce((total, layer) => total + pick(layer), 0);
  const allTime = time && together(time);
  const padding = ['fixed, padding', '', '0', '', count(1 + publicSignals), '0', bytes(files.provingKey - of(({ keyBytes }) => keyBytes)), bytes(memory.prove - of(({ proveMemory }) => proveMemory)), clock(allTime && allTime - of((layer) => (layer.time === undefined ? 0 : together(layer.time))))];
  const total = ['total', '', count(rows), '100.0%', count(wires), count(nonZeros.a + nonZeros.b + nonZeros.c), bytes(files.provingKey), bytes(memory.prove), clock(allTime)];
  return table({ head, rows: [...lines, padding, total], numbers: [2, 3, 4, 5, 6, 7, 8], width, shorten: { 0: 'middle', 1: 'end' }, drop: [4, 5, 6, 1] });
}

/** Memory that compile takes without being told otherwise. */
const DEFAULT_LIMIT = 2 * 2 ** 30;

function warningsOf({ domain, memory, layers, rows }: EstimateModelReturnType): string[] {
  const largest = layers.reduce((most, layer) => (layer.rows > most.rows ? layer : most));
  const tooMuch = (['compile', 'setup', 'prove'] as const).filter((stage) => memory[stage] > memory.machine);
  const help = `"${largest.node}" alone has ${((100 * largest.rows) / rows).toFixed(1)}% of the rows; rows follow the elements of a layer's output, so a smaller input or larger strides save most`;
  return [
    ...(domain.fits ? [] : [`the circuit needs a domain of 2^${domain.power}, and there are keys up to 2^${domain.largest} only: it cannot be set up or proven in one piece`]),
    ...(tooMuch.length === 0 ? [] : [`${tooMuch.join(', ')} would take more memory than this machine has`]),
    ...(domain.fits && tooMuch.length === 0 ? [] : [help]),
  ];
}

function nextOf(model: string, { domain, memory }: EstimateModelReturnType, options: VisibilityOptions): Pick<Outcome, 'next'> {
  if (!domain.fits || Math.max(memory.compile, memory.setup, memory.prove) > memory.machine) return {};
  const limit = memory.compile > DEFAULT_LIMIT ? ` --max-memory ${Math.ceil(memory.compile / 2 ** 30)}G` : '';
  return { next: `zkonnx setup ${model} --dev${limit}${visibilityFlags(options)}` };
}
