import { examples, type DefineCommand, type Outcome } from '../command.js';
import { commitmentLines, duration, outputLines } from '../format.js';
import { imageOf, imageOptions, type ImageFlags } from '../imageOptions.js';
import { inputSources } from '../parse.js';
import { proverOptions, type ProverFlags } from '../proverOptions.js';
import { saltOptions, saltsOf, type SaltOptions } from '../visibilityOptions.js';

interface Options extends ImageFlags, ProverFlags, SaltOptions {
  readonly input: readonly string[];
  readonly context?: string;
  readonly out?: string;
}

export const defineProve: DefineCommand = (program, execute) => {
  const command = program
    .command('prove')
    .summary('prove what a model gives for one or more inputs')
    .description('Proves what a model gives for an input. ONNX Runtime computes the same beside it, and nothing is proven unless every output bit is equal. Several files are several inferences, proven side by side; files given as NAME=FILE are the inputs of one.')
    .argument('<model>', 'quantized ONNX file that has been set up')
    .requiredOption('--input <file...>', 'input files: JSON, .npy, .npz, TensorProto, PNG or JPEG (docs/inputs.md)')
    .option('--context <value>', 'value that the requester chose: 0x and up to 64 hexadecimal digits, or decimal (default: 0)')
    .option('--out <folder>', 'folder of the model’s files (default: artifacts/MODEL)');
  saltOptions(proverOptions(command, 'proofs side by side')).action((model: string, options: Options) =>
      execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
        const { proveInputs } = await import('../../workflow/proveInputs.js');
        const result = await proveInputs({ model, inputs: inputSources(options.input, imageOf(options)), context: options.context, salts: saltsOf(options), folder: options.out, threads: options.threads, backend: options.backend, signal, onProgress });
        const text = result.proofs
          .map((proof) =>
            [
              `${proof.name}: proven with ${result.backend} in ${duration(proof.timings.prove)} (witness ${duration(proof.timings.witness)}), every output bit equal to ONNX Runtime’s`,
              ...outputLines(proof).map((line) => `  ${line}`),
              ...commitmentLines(proof).map((line) => `  ${line}`),
              ...(proof.openingPath === undefined ? [] : [`  ${proof.openingPath} opens it: keep it to yourself`]),
              `  ${proof.path}`,
            ].join('\n'),
          )
          .join('\n');
        return { data: result, text, next: `zkonnx verify ${result.proofs[0]?.path ?? ''}${options.context === undefined ? '' : ` --context ${options.context}`}` };
      }),
    );
  imageOptions(command);
  examples(command, ['prove model.onnx --input digit.json', 'prove model.onnx --input digits/*.json --context 0x2a', 'prove model.onnx --input left=a.pb right=b.pb']);
};
