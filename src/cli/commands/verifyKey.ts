import { compileOptions, type CompileFlags } from '../compileOptions.js';
import { examples, type DefineCommand, type Outcome } from '../command.js';
import { count } from '../format.js';
import { visibilityOf, visibilityOptions, type VisibilityOptions } from '../visibilityOptions.js';

interface Options extends CompileFlags, VisibilityOptions {
  readonly ptau?: string;
  readonly ptauDigest?: string;
  readonly verification?: string;
}

/** How the part of the circuit that a key holds only in secret form is known to be the model's. */
const C_IN_WORDS = {
  recorded: 'the key records the digest of all rows, which is the model’s',
  transcript: 'the transcript of the ceremony verifies against the model',
  remade: 'the key was made again from the model and the powers of tau: the same bytes',
  unknown: 'rows of A and B are the model’s; only the transcript of its ceremony (--ptau) could show that C is, too',
} as const;

export const defineVerifyKey: DefineCommand = (program, execute) => {
  const command = program
    .command('verify-key')
    .summary('compile a model anew and check that a key belongs to it')
    .description('Compiles a model anew and checks that a proving key belongs to it, and what kind of key it is. Compilation is deterministic, so that nobody has to believe the maker of the key.')
    .argument('<model>', 'quantized ONNX file')
    .argument('<key>', 'proving key, .zkey')
    .option('--ptau <file>', 'the prepared powers of tau that its ceremony started from, or that a key of PLONK or FFLONK was made of')
    .option('--ptau-digest <hex>', 'BLAKE2b-512 of that file as its makers published it, for PLONK and FFLONK and files that zkonnx does not know')
    .option('--verification <file>', 'a verification.json that shall be of this model and key');
  visibilityOptions(compileOptions(command)).action((model: string, key: string, options: Options) =>
      execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
        const { verifyKey } = await import('../../workflow/verifyKey.js');
        const result = await verifyKey({ model, zkeyPath: key, ptauPath: options.ptau, ptauDigest: options.ptauDigest, verificationPath: options.verification, batch: options.batch, visibility: visibilityOf(options), memoryLimit: options.maxMemory, signal, onProgress });
        const { provenance, reason, ptauDigest, ptauPublished } = result.provenance;
        const text = [
          `The key belongs to ${result.model.name} (SHA-256 ${result.model.sha256}), ${count(result.rows)} rows.`,
          `circuit: ${C_IN_WORDS[result.c]}`,
          `kind:    ${provenance} key: ${reason}`,
          ...(ptauDigest === undefined ? [] : [`powers of tau: ${ptauPublished ?? `BLAKE2b ${ptauDigest}, not a file that zkonnx knows: compare it with the published digest`}`]),
        ].join('\n');
        return { data: result, text, warnings: provenance === 'development' ? ['a development key: whoever made it can forge proofs'] : [] };
      }),
    );
  examples(command, ['verify-key model.onnx artifacts/model/proving.zkey', 'verify-key model.onnx ceremony.zkey --ptau powersOfTau28_hez_final_16.ptau --verification verification.json']);
};
