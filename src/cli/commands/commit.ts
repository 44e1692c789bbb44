import { ZkonnxError } from '../../errors/index.js';
import { examples, type DefineCommand, type Outcome } from '../command.js';
import { edge } from '../format.js';
import { inputSources, positiveInteger } from '../parse.js';
import type { CommitModelParameters } from '../../workflow/commitModel.js';

interface Options {
  readonly input?: readonly string[];
  readonly output?: string;
  readonly weights?: boolean;
  readonly salt?: string;
  readonly batch?: number;
  readonly out?: string;
}

export const defineCommit: DefineCommand = (program, execute) => {
  const command = program
    .command('commit')
    .summary('compute the commitment of an input, of outputs or of the weights of a model')
    .description('Computes the Poseidon commitment of an input, of outputs, or of the weights of a model: what a proof of hashed values is compared with. Without --salt a new random salt is made and printed; whoever has it can check a guess of the values. The salt of the weights is kept in the folder of the model, for all its proofs.')
    .argument('<model>', 'quantized ONNX file')
    .option('--input <file...>', 'of this input: JSON, .npy, .npz or TensorProto (docs/inputs.md)')
    .option('--output <file>', 'of the outputs in a proof or opening file')
    .option('--weights', 'of the weights of the model')
    .option('--salt <value>', '0x and up to 64 hexadecimal digits, or decimal; 0 for none (default: a new random one)')
    .option('--batch <n>', 'size of a symbolic batch dimension (default: 1)', positiveInteger('--batch'))
    .option('--out <folder>', 'folder of the model’s files (default: artifacts/MODEL)')
    .action((model: string, options: Options) =>
      execute(command, async ({ signal }): Promise<Outcome> => {
        const of = subjectOf(options);
        const { commitModel } = await import('../../workflow/commitModel.js');
        const result = await commitModel({ model, of, salt: options.salt, batch: options.batch, folder: options.out, signal });
        const text = [
          `commitment  ${result.commitment}`,
          `salt        ${result.salt}${BigInt(result.salt) === 0n ? ' (none: whoever guesses the values can check the guess)' : ''}`,
          `of the ${result.of} of ${result.model.name}: ${result.tensors.map(edge).join(', ')}`,
          ...(result.openingPath === undefined ? [] : [`${result.openingPath} keeps the salt`]),
        ].join('\n');
        return { data: result, text };
      }),
    );
  examples(command, ['commit model.onnx --input digit.json', 'commit model.onnx --input digit.json --salt 0x1f2e…', 'commit model.onnx --output artifacts/model/proofs/digit.opening.json', 'commit model.onnx --weights']);
};

function subjectOf({ input, output, weights }: Options): CommitModelParameters['of'] {
  const given = [input, output, weights].filter((option) => option !== undefined).length;
  const [source, ...others] = input === undefined ? [] : inputSources(input);
  if (given === 1 && others.length === 0) {
    if (source !== undefined) return { input: source };
    if (output !== undefined) return { outputFile: output };
    return 'weights';
  }
  throw new ZkonnxError('USAGE', { message: 'Say what the commitment shall be of.', expected: 'one of --input, --output, --weights', found: given === 1 ? 'several inputs' : `${given} of them` });
}
