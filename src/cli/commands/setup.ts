import { ZkonnxError } from '../../errors/index.js';
import { compileOptions, type CompileFlags } from '../compileOptions.js';
import { examples, type DefineCommand, type Outcome } from '../command.js';
import { bytes } from '../format.js';
import { outFlag } from '../outFlag.js';
import { oneOf } from '../parse.js';
import { proverOptions, type ProverFlags } from '../proverOptions.js';
import { visibilityOf, visibilityOptions, type VisibilityOptions } from '../visibilityOptions.js';
import type { KeySource } from '../../workflow/setupModel.js';

interface Options extends CompileFlags, ProverFlags, VisibilityOptions {
  readonly dev?: boolean;
  readonly key?: string;
  readonly ptau?: string;
  readonly ptauDigest?: string;
  readonly system?: 'groth16' | 'plonk' | 'fflonk';
  readonly out?: string;
}

export const defineSetup: DefineCommand = (program, execute) => {
  const command = program
    .command('setup')
    .summary('make a development key, take in a key of a ceremony, or make one of PLONK or FFLONK')
    .description('Makes a development key (--dev), or checks a key from elsewhere and takes it in (--key), and writes the verification files. With --system plonk or fflonk the key follows from published powers of tau (--ptau), without a ceremony of its own; how many it needs is said before it begins. Compiles the model first if need be.')
    .argument('<model>', 'quantized ONNX file')
    .option('--dev', 'make a key from local randomness: for development only, since its maker can forge proofs')
    .option('--system <name>', 'groth16, plonk or fflonk (default: groth16)', oneOf('--system', ['groth16', 'plonk', 'fflonk']))
    .option('--key <file>', 'a .zkey of Groth16 that was made for this model')
    .option('--ptau <file>', 'prepared powers of tau: those that the ceremony of --key started from, or that a key of PLONK or FFLONK is made of')
    .option('--ptau-digest <hex>', 'BLAKE2b-512 of the file of --ptau as its makers published it, for PLONK and FFLONK and files that zkonnx does not know')
    .option('--out <folder>', 'folder of the files (default: artifacts/MODEL)');
  visibilityOptions(proverOptions(compileOptions(command))).action((model: string, options: Options) =>
      execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
        const key = keySource(options);
        const { setupModel } = await import('../../workflow/setupModel.js');
        const result = await setupModel({
          model,
          key,
          system: options.system,
          batch: options.batch,
          visibility: visibilityOf(options),
          memoryLimit: options.maxMemory,
          folder: options.out,
          threads: options.threads,
          backend: options.backend,
          signal,
          onProgress,
        });
        const text = [
          `${result.model.name}: ${SYSTEMS[result.system]}${result.key.kind} key (${result.key.reason}), ${bytes(result.provingKey.bytes)}${result.skipped ? ' (unchanged)' : ''}`,
          `files in ${result.folder}: proving.zkey, verification.json, verification_key.json`,
        ].join('\n');
        const warnings = result.key.kind === 'development' ? [result.system !== 'groth16' && result.key.ptauDigest !== undefined ? `this counts as a development key: ${result.key.reason}; BLAKE2b-512 ${result.key.ptauDigest}` : 'this is a development key: whoever made it can forge proofs'] : [];
        return { data: result, text, warnings, next: `zkonnx prove ${model} --input FILE${outFlag(options.out)}` };
      }),
    );
  examples(command, ['setup model.onnx --dev', 'setup model.onnx --dev --input-visibility hashed', 'setup model.onnx --key ceremony.zkey --ptau powersOfTau28_hez_final_16.ptau', 'setup model.onnx --system plonk --ptau powersOfTau28_hez_final_16.ptau']);
};

/** Before the kind of a key; nothing for the usual one. */
const SYSTEMS = { groth16: '', plonk: 'PLONK, ', fflonk: 'FFLONK, ' } as const;

/** @throws USAGE */
function keySource({ dev = false, key, ptau, ptauDigest, system = 'groth16' }: Options): KeySource {
  const usage = (message: string, expected: string, found: string): ZkonnxError => new ZkonnxError('USAGE', { message, expected, found });
  if (system === 'groth16') {
    if (dev === (key !== undefined)) throw usage('Say where the key comes from.', '--dev, or --key FILE', dev ? 'both' : 'neither');
    if (ptau !== undefined && key === undefined) throw new ZkonnxError('USAGE', { message: '--ptau goes with --key, or with --system plonk or fflonk.' });
    if (ptauDigest !== undefined) throw new ZkonnxError('USAGE', { message: '--ptau-digest goes with --system plonk or fflonk.' });
    return key === undefined ? 'development' : { zkeyPath: key, ptauPath: ptau };
  }
  if (key !== undefined) throw usage(`A key of ${system} is made here: everyone gets the same bytes from the same powers of tau.`, '--ptau FILE, or --dev', '--key');
  if (dev === (ptau !== undefined)) throw usage('Say where the powers of tau come from.', '--ptau FILE, or --dev', dev ? 'both' : 'neither');
  if (ptauDigest !== undefined && ptau === undefined) throw new ZkonnxError('USAGE', { message: '--ptau-digest goes with --ptau.' });
  return ptau === undefined ? 'development' : { powersPath: ptau, powersDigest: ptauDigest };
}
