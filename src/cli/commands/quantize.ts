import { examples, type DefineCommand, type Outcome } from '../command.js';
import { bytes, count } from '../format.js';
import { imageOf, imageOptions, type ImageFlags } from '../imageOptions.js';
import { inputSources, oneOf, percentage, positiveNumber, sizeOfDimension } from '../parse.js';
import type { InputSource } from '../../workflow/proofInputs.js';
import type { CalibrationSource, QuantizeModelReturnType, QuantizeOptions } from '../../workflow/quantizeModel.js';

interface Options extends ImageFlags {
  readonly calibration: readonly string[];
  readonly out?: string;
  readonly dimension?: Readonly<Record<string, number>>;
  readonly observer?: (typeof OBSERVERS)[number];
  readonly percentile?: number;
  readonly equalise?: boolean;
  readonly biasCorrection?: boolean;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly targetDrift?: number;
}

const OBSERVERS = ['minMax', 'movingAverage', 'percentile', 'entropy', 'meanSquaredError'] as const;

export const defineQuantize: DefineCommand = (program, execute) => {
  const command = program
    .command('quantize')
    .summary('turn a float model into a portable integer model')
    .description('Turns a float model into 8-bit integers with calibration inputs, and writes it as ONNX. The result runs in any ONNX Runtime, gives the same bits on every processor, and can be proven.')
    .argument('<model>', 'float ONNX file')
    .requiredOption('--calibration <file...>', 'inputs like those that the model will see; arrays may hold many (docs/inputs.md)')
    .option('--out <file>', 'the quantized file (default: MODEL.int8.onnx)')
    .option('--dimension <name=n>', 'size of a symbolic dimension', sizeOfDimension)
    .option('--observer <name>', `how ranges follow from the calibration: ${OBSERVERS.join(', ')} (default: minMax)`, oneOf('--observer', OBSERVERS))
    .option('--percentile <percent>', 'for the observer percentile: values inside the range (default: 99.99)', percentage('--percentile'))
    .option('--equalise', 'scale the channels between two layers alike first')
    .option('--bias-correction', 'move the mean error of rounded weights into the biases')
    .option('--include <name...>', 'quantize only these nodes or operators')
    .option('--exclude <name...>', 'leave these nodes or operators float; only those at the ends of the model can be')
    .option('--target-drift <share>', 'relative error that the outputs may have; tensors that lose too much get 16 bits', positiveNumber('--target-drift'))
    .action((model: string, given: Options) =>
      execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
        const { quantizeModel } = await import('../../workflow/quantizeModel.js');
        const result = await quantizeModel({ model, calibration: calibrationSources(inputSources(given.calibration, imageOf(given))), out: given.out, dimensions: given.dimension, options: optionsOf(given), signal, onProgress });
        return { data: result, text: textOf(model, result), warnings: result.warnings, next: `zkonnx check ${result.model.path}` };
      }),
    );
  imageOptions(command);
  examples(command, ['quantize model.onnx --calibration images.npy', 'quantize model.onnx --calibration inputs/*.json --observer meanSquaredError --out model.int8.onnx']);
};

function optionsOf({ observer, percentile, equalise, biasCorrection, include, exclude, targetDrift }: Options): QuantizeOptions {
  return Object.fromEntries(Object.entries({ observer, percentile, equalise, biasCorrection, include, exclude, targetDrift }).filter(([, value]) => value !== undefined));
}

/** Input files of a command as calibration inputs. */
export function calibrationSources(sources: readonly InputSource[]): CalibrationSource[] {
  return sources.flatMap((source): CalibrationSource[] => (typeof source === 'string' ? [source] : 'files' in source ? [{ files: source.files }] : []));
}

function textOf(model: string, { model: { path, bytes: size }, calibrationInputs, layers }: QuantizeModelReturnType): string {
  return `${model}: ${count(layers.length)} tensors quantized to 8 bits after ${count(calibrationInputs)} calibration inputs\n${path} (${bytes(size)})`;
}
