import { examples, type DefineCommand, type Outcome } from '../command.js';
import { commitmentLines, outputLines } from '../format.js';

interface Options {
  readonly key?: string;
  readonly model?: string;
  readonly out?: string;
  readonly context?: string;
  readonly inputCommitment?: string;
  readonly outputCommitment?: string;
  readonly modelCommitment?: string;
}

export const defineVerify: DefineCommand = (program, execute) => {
  const command = program
    .command('verify')
    .summary('verify a proof')
    .description('Verifies a proof: that the model of the verification key gives exactly these outputs for these inputs, for this context. Of what is hashed, the proof says that it has these commitments (`zkonnx commit` makes them from values).')
    .argument('<proof>', 'proof file')
    .option('--key <file>', 'verification.json to verify against (default: the one in the folder above the proof)')
    .option('--model <file>', 'the ONNX file: verify against the key in its own folder')
    .option('--out <folder>', 'folder of the files of --model (default: artifacts/MODEL)')
    .option('--context <value>', 'refuse a proof for another context')
    .option('--input-commitment <value>', 'refuse a proof of inputs with another commitment')
    .option('--output-commitment <value>', 'refuse a proof of outputs with another commitment')
    .option('--model-commitment <value>', 'refuse a proof of weights with another commitment')
    .action((proof: string, options: Options) =>
      execute(command, async ({ colors }): Promise<Outcome> => {
        const { verifyProofFile } = await import('../../workflow/verifyProofFile.js');
        const result = await verifyProofFile({ proof, verification: options.key, model: options.model, folder: options.out, context: options.context, commitments: { inputs: options.inputCommitment, outputs: options.outputCommitment, weights: options.modelCommitment } });
        const text = [
          `${colors.green('valid')}: ${result.visibility.weights === 'hashed' ? 'the architecture of ' : ''}${result.model.name} (SHA-256 ${result.model.sha256})`,
          `  context ${result.context}`,
          ...commitmentLines(result).map((line) => `  ${line}`),
          ...outputLines(result).map((line) => `  ${line}`),
          `  key: ${result.verificationPath}, ${result.system === 'groth16' ? '' : `${result.system.toUpperCase()}, `}${result.key.kind} (${result.key.reason})`,
        ].join('\n');
        const warnings = result.key.kind === 'development' ? ['verified with a development key: whoever made it can forge proofs'] : [`that the key is of a ceremony is what the verification file says; \`zkonnx verify-key MODEL KEY --ptau FILE${result.system === 'groth16' ? '' : ' --ptau-digest HEX'}\` finds out`];
        if (result.visibility.weights === 'hashed' && options.modelCommitment === undefined) warnings.push('the weights are hashed: which model it is, only their commitment says; compare it with --model-commitment');
        return { data: result, text, warnings };
      }),
    );
  examples(command, ['verify artifacts/model/proofs/digit.json', 'verify proof.json --key verification.json --context 0x2a', 'verify proof.json --model model.onnx', 'verify proof.json --input-commitment 0x1b2c…']);
};
