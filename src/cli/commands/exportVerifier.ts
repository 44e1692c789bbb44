import { examples, type DefineCommand, type Outcome } from '../command.js';

interface Options {
  readonly allowDevKey?: boolean;
  readonly out?: string;
}

export const defineExportVerifier: DefineCommand = (program, execute) => {
  const command = program
    .command('export-verifier')
    .summary('write the Solidity verifier of a model’s key')
    .description('Writes the Solidity verifier of a model’s key, one file without imports. A development key is refused unless allowed; the contract is marked then. Of a key of PLONK or FFLONK the file holds the contract that snarkjs generates, and is under GPL-3.0.')
    .argument('<model>', 'quantized ONNX file that has been set up')
    .option('--allow-dev-key', 'go on with a development key')
    .option('--out <folder>', 'folder of the model’s files (default: artifacts/MODEL)')
    .action((model: string, options: Options) =>
      execute(command, async ({ signal }): Promise<Outcome> => {
        const { exportModelVerifier } = await import('../../workflow/exportModelVerifier.js');
        const result = await exportModelVerifier({ model, allowDevelopmentKey: options.allowDevKey, folder: options.out, signal });
        const text = `${result.contractName}, ${result.publicSignals} public signals: ${result.path}${result.skipped ? ' (unchanged)' : ''}${result.licence === 'GPL-3.0' ? '\nthe file holds a contract that snarkjs generated, and is under GPL-3.0' : ''}`;
        return { data: result, text, warnings: result.developmentKey ? ['the contract is of a development key and says so: whoever made the key can forge proofs'] : [], next: 'zkonnx verify-onchain PROOF' };
      }),
    );
  examples(command, ['export-verifier model.onnx', 'export-verifier model.onnx --allow-dev-key']);
};
