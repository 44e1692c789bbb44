import { examples, type DefineCommand, type Outcome } from '../command.js';

interface Options {
  readonly out?: string;
}

export const defineStatement: DefineCommand = (program, execute) => {
  const command = program
    .command('statement')
    .summary('say what exactly a verification key proves')
    .description('Says what exactly a proof proves that verifies with a given key: of which model, what is public, what the public signals hold, and whose key it is. In plain words, or with --json as data.')
    .argument('<file>', 'verification.json, or a quantized ONNX file that has been set up')
    .option('--out <folder>', 'folder of the model’s files (default: artifacts/MODEL)')
    .action((source: string, options: Options) =>
      execute(command, async (): Promise<Outcome> => {
        const { describeStatement } = await import('../../workflow/describeStatement.js');
        const result = await describeStatement({ source, folder: options.out });
        return { data: result, text: [...result.words, `Verification key: SHA-256 ${result.key.verificationKeySha256}, in ${result.verificationPath}.`].join('\n') };
      }),
    );
  examples(command, ['statement model.onnx', 'statement verification.json --json']);
};
