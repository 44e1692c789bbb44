import { examples, type DefineCommand, type Outcome } from '../command.js';
import { bytes, count, counted } from '../format.js';
import { imageOf, imageOptions, type ImageFlags } from '../imageOptions.js';
import { inputSources, oneOf, percentage, positiveNumber, sizeOfDimension } from '../parse.js';
import type { InputSource } from '../../workflow/proofInputs.js';
import type { CalibrationSource, QuantizeModelReturnType, QuantizeOptions } from '../../workflow/quantizeModel.js';

interface Options extends ImageFlags {
  readonly calibration: readonly string[];
  readonly out?: string;
  readonly dimension?: Readonly<Record<string, number>>;
  readonly observer?: QuantizeOptions['observer'];
  readonly rounding?: QuantizeOptions['rounding'];
  readonly percentile?: number;
  readonly equalise?: boolean;
  readonly biasCorrection?: boolean;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly targetDrift?: number;
  readonly evaluation?: readonly string[];
  readonly labels?: string;
  readonly report?: readonly string[];
  readonly maxDrift?: number;
}

const OBSERVERS = ['auto', 'minMax', 'movingAverage', 'percentile', 'entropy', 'meanSquaredError'] as const;
const ROUNDINGS = ['together', 'nearest'] as const;

export const defineQuantize: DefineCommand = (program, execute) => {
  const command = program
    .command('quantize')
    .summary('turn a float model into a portable integer model')
    .description('Turns a float model into 8-bit integers with calibration inputs, and writes it as ONNX. The result runs in any ONNX Runtime, gives the same bits on every processor, and can be proven. Then both models run side by side, and the drift report says how far they lie apart, and which layer costs most.')
    .argument('<model>', 'float ONNX file')
    .requiredOption('--calibration <file...>', 'inputs like those that the model will see; arrays may hold many (docs/inputs.md)')
    .option('--out <file>', 'the quantized file (default: MODEL.int8.onnx)')
    .option('--dimension <name=n>', 'size of a symbolic dimension', sizeOfDimension)
    .option('--observer <name>', `how ranges follow from the calibration: ${OBSERVERS.join(', ')} (default: auto, which tries minMax, percentile and meanSquaredError)`, oneOf('--observer', OBSERVERS))
    .option('--percentile <percent>', 'for the observer percentile: values inside the range (default: 99.99)', percentage('--percentile'))
    .option('--equalise', 'scale the channels between two layers alike first')
    .option('--rounding <how>', `how weights become integers: ${ROUNDINGS.join(', ')} (default: together, so that their errors cancel)`, oneOf('--rounding', ROUNDINGS))
    .option('--no-bias-correction', 'do not take the mean error of rounded weights from the biases')
    .option('--include <name...>', 'quantize only these nodes or operators')
    .option('--exclude <name...>', 'leave these nodes or operators float; only those at the ends of the model can be')
    .option('--target-drift <share>', 'relative error that the outputs may have; tensors that lose too much get 16 bits', positiveNumber('--target-drift'))
    .option('--evaluation <file...>', 'other inputs, on which the drift is judged (default: the calibration inputs)')
    .option('--labels <file>', 'what is right for each evaluation input, as JSON or .npy (docs/quantization.md)')
    .option('--report <file...>', 'where the drift report is written: a page for .html, data for .json')
    .option('--max-drift <share>', 'fail with status 4 when the relative error of an output is larger: 0.05 is 5 %', positiveNumber('--max-drift'))
    .action((model: string, given: Options) =>
      execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
        const [{ quantizeModel }, { reportDrift }, { driftText }, { observersText }] = await Promise.all([import('../../workflow/quantizeModel.js'), import('../../workflow/reportDrift.js'), import('../driftText.js'), import('../../quantize/drift/observersText.js')]);
        const sources = (files: readonly string[]): CalibrationSource[] => calibrationSources(inputSources(files, imageOf(given)));
        const calibration = sources(given.calibration);
        const result = await quantizeModel({ model, calibration, out: given.out, dimensions: given.dimension, options: optionsOf(given), signal, onProgress });
        const { drift, report, reports } = await reportDrift({
          float: model,
          quantized: result.model.path,
          layers: result.layers,
          observers: result.observers,
          calibration,
          evaluation: given.evaluation && sources(given.evaluation),
          labels: given.labels,
          reports: given.report,
          maxDrift: given.maxDrift,
          dimensions: given.dimension,
          signal,
          onProgress,
        });
        const text = [textOf(model, observersText(result.observers), result), await driftText(report), ...(reports.length === 0 ? [] : [reports.join('\n')])].join('\n\n');
        return { data: { ...result, drift, report, reports }, text, warnings: result.warnings, next: `zkonnx check ${result.model.path}` };
      }),
    );
  imageOptions(command);
  examples(command, ['quantize model.onnx --calibration images.npy', 'quantize model.onnx --calibration inputs/*.json --observer meanSquaredError --out model.int8.onnx', 'quantize model.onnx --calibration train.npy --evaluation test.npy --labels labels.npy --report drift.html --max-drift 0.05']);
};

function optionsOf({ observer, rounding, percentile, equalise, biasCorrection, include, exclude, targetDrift }: Options): QuantizeOptions {
  return Object.fromEntries(Object.entries({ observer, rounding, percentile, equalise, biasCorrection, include, exclude, targetDrift }).filter(([, value]) => value !== undefined));
}

/** Input files of a command as calibration inputs. */
export function calibrationSources(sources: readonly InputSource[]): CalibrationSource[] {
  return sources.flatMap((source): CalibrationSource[] => (typeof source === 'string' ? [source] : 'files' in source ? [{ files: source.files }] : []));
}

function textOf(model: string, chosen: string | undefined, { model: { path, bytes: size }, calibrationInputs, layers }: QuantizeModelReturnType): string {
  const wide = layers.filter(({ bits }) => bits === 16).length;
  return `${model}: ${count(layers.length)} tensors quantized to 8 bits${wide === 0 ? '' : `, ${count(wide)} of them to 16,`} after ${counted(calibrationInputs, 'calibration input')}\n${chosen === undefined ? '' : `${chosen}\n`}${path} (${bytes(size)})`;
}
