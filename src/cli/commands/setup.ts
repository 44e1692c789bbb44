import { ZkonnxError } from '../../errors/index.js';
import { examples, type DefineCommand, type Outcome } from '../command.js';
import { bytes } from '../format.js';
import { byteSize, oneOf, positiveInteger } from '../parse.js';
import { visibilityOf, visibilityOptions, type VisibilityOptions } from '../visibilityOptions.js';
import type { BackendChoice } from '../../prove/selectBackend.js';

interface Options extends VisibilityOptions {
  readonly dev?: boolean;
  readonly key?: string;
  readonly ptau?: string;
  readonly batch?: number;
  readonly maxMemory?: number;
  readonly out?: string;
  readonly threads?: number;
  readonly backend?: BackendChoice;
}

export const defineSetup: DefineCommand = (program, execute) => {
  const command = program
    .command('setup')
    .summary('make a development key, or take in a key of a ceremony')
    .description('Makes a development key (--dev), or checks a key from elsewhere and takes it in (--key), and writes the verification files. Compiles the model first if need be.')
    .argument('<model>', 'quantized ONNX file')
    .option('--dev', 'make a key from local randomness: for development only, since its maker can forge proofs')
    .option('--key <file>', 'a .zkey that was made for this model')
    .option('--ptau <file>', 'the prepared powers of tau that the ceremony of --key started from')
    .option('--batch <n>', 'size of a symbolic batch dimension (default: 1)', positiveInteger('--batch'))
    .option('--max-memory <size>', 'memory that compilation may take (default: 2G)', byteSize('--max-memory'))
    .option('--out <folder>', 'folder of the files (default: artifacts/MODEL)')
    .option('--threads <n>', 'threads (default: one per processor)', positiveInteger('--threads'))
    .option('--backend <name>', 'auto, native or snarkjs (default: auto)', oneOf('--backend', ['auto', 'native', 'snarkjs']));
  visibilityOptions(command).action((model: string, options: Options) =>
      execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
        if ((options.dev === true) === (options.key !== undefined)) throw new ZkonnxError('USAGE', { message: 'Say where the key comes from.', expected: '--dev, or --key FILE', found: options.dev === true ? 'both' : 'neither' });
        if (options.ptau !== undefined && options.key === undefined) throw new ZkonnxError('USAGE', { message: '--ptau goes with --key.' });
        const { setupModel } = await import('../../workflow/setupModel.js');
        const result = await setupModel({
          model,
          key: options.key === undefined ? 'development' : { zkeyPath: options.key, ptauPath: options.ptau },
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
          `${result.model.name}: ${result.key.kind} key (${result.key.reason}), ${bytes(result.provingKey.bytes)}${result.skipped ? ' (unchanged)' : ''}`,
          `files in ${result.folder}: proving.zkey, verification.json, verification_key.json`,
        ].join('\n');
        const warnings = result.key.kind === 'development' ? ['this is a development key: whoever made it can forge proofs'] : [];
        return { data: result, text, warnings, next: `zkonnx prove ${model} --input FILE` };
      }),
    );
  examples(command, ['setup model.onnx --dev', 'setup model.onnx --dev --input-visibility hashed', 'setup model.onnx --key ceremony.zkey --ptau powersOfTau28_hez_final_16.ptau']);
};
