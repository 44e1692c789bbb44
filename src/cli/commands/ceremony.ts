import type { Command } from 'commander';
import { examples, type DefineCommand, type Outcome } from '../command.js';
import { bytes, count } from '../format.js';
import { byteSize, positiveInteger } from '../parse.js';
import { visibilityOf, visibilityOptions, type VisibilityOptions } from '../visibilityOptions.js';

export const defineCeremony: DefineCommand = (program, execute) => {
  const ceremony = program
    .command('ceremony')
    .summary('make a key that many contribute to, so that nobody can forge proofs')
    .description('The second phase of a setup, in a folder that contributors pass on. One begins it from published powers of tau (init), each contributor adds a secret and forgets it (contribute), a public random value ends it (beacon), and everyone can verify it. One honest contributor is enough. The files are those of snarkjs: contributors may use either program.')
    .helpCommand(false);
  examples(ceremony, ['ceremony init model.onnx --ptau powersOfTau28_hez_final_16.ptau', 'ceremony contribute artifacts/model/ceremony --name alice', 'ceremony beacon artifacts/model/ceremony --value 0x2c3f…', 'ceremony finalize artifacts/model/ceremony --model model.onnx --ptau powersOfTau28_hez_final_16.ptau']);
  defineInit(ceremony, execute);
  defineContribute(ceremony, execute);
  defineBeacon(ceremony, execute);
  defineVerify(ceremony, execute);
  defineFinalize(ceremony, execute);
};

/** An option of those who compile the model. */
function memoryOption(command: Command): Command {
  return command.option('--max-memory <size>', 'memory that compilation may take (default: 2G)', byteSize('--max-memory'));
}

interface MemoryOption {
  readonly maxMemory?: number;
}

function contributionsInWords(all: readonly { readonly kind: string }[]): string {
  const made = all.filter(({ kind }) => kind === 'contribution').length;
  return `${made} contribution${made === 1 ? '' : 's'} and a beacon`;
}

/** What is said of powers of tau. */
function powersInWords({ power, blake2b, published }: { readonly power: number; readonly blake2b: string; readonly published?: string }): { line: string; warnings: string[] } {
  return {
    line: `powers of tau: 2^${power}, ${published ?? `BLAKE2b ${blake2b}`}`,
    warnings: published === undefined ? ['zkonnx does not know this powers-of-tau file: whoever made it may know its secret; compare its digest with the one that its makers published'] : [],
  };
}

const defineInit: DefineCommand = (program, execute) => {
  const command = program
    .command('init')
    .summary('begin a ceremony for a model')
    .description('Compiles a model and makes the key without contributions, from the circuit and the powers of tau. Anyone who does the same gets the same files. Pass the folder on to the first contributor.')
    .argument('<model>', 'quantized ONNX file')
    .requiredOption('--ptau <file>', 'powers of tau, prepared for phase 2, of at least the size of the circuit')
    .option('--out <folder>', 'folder of the ceremony (default: artifacts/MODEL/ceremony)')
    .option('--batch <n>', 'size of a symbolic batch dimension (default: 1)', positiveInteger('--batch'));
  memoryOption(visibilityOptions(command)).action((model: string, options: MemoryOption & VisibilityOptions & { readonly ptau: string; readonly out?: string; readonly batch?: number }) =>
    execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
      const { initCeremony } = await import('../../workflow/initCeremony.js');
      const result = await initCeremony({ model, ptauPath: options.ptau, folder: options.out, batch: options.batch, visibility: visibilityOf(options), memoryLimit: options.maxMemory, signal, onProgress });
      const powers = powersInWords(result.powersOfTau);
      const text = [`ceremony of ${result.model.name}, ${count(result.circuit.rows)} rows: ${result.folder}`, powers.line, `circuit hash: ${result.circuit.hash}`].join('\n');
      return { data: result, text, warnings: powers.warnings, next: `zkonnx ceremony contribute ${result.folder} --name NAME` };
    }),
  );
  examples(command, ['ceremony init model.onnx --ptau powersOfTau28_hez_final_16.ptau']);
};

const defineContribute: DefineCommand = (program, execute) => {
  const command = program
    .command('contribute')
    .summary('add a secret to the newest key, and forget it')
    .description('Adds a contribution to the newest key of a ceremony, from the randomness of the operating system, and writes the next key. The secret is written nowhere and overwritten in memory as far as JavaScript allows. Publish the hash that is printed: it lets everyone see that your contribution is in the final key.')
    .argument('<folder>', 'folder of the ceremony')
    .option('--name <name>', 'name to record with the contribution, at most 64 characters')
    .option('--entropy <text>', 'any text that others cannot know, mixed with the randomness of the operating system')
    .action((folder: string, options: { readonly name?: string; readonly entropy?: string }) =>
      execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
        const { contributeToCeremony } = await import('../../workflow/contributeToCeremony.js');
        const result = await contributeToCeremony({ folder, name: options.name, entropy: options.entropy, signal, onProgress });
        const { hashLines } = await import('../../workflow/ceremonyTranscript.js');
        const text = [`contribution ${result.number}: ${result.keyPath}`, 'hash, to be published:', ...hashLines(result.hash)].join('\n');
        return { data: result, text, next: 'pass the folder on; after the last contributor: zkonnx ceremony beacon' };
      }),
    );
  examples(command, ['ceremony contribute artifacts/model/ceremony --name alice', 'ceremony contribute ceremony --name bob --entropy "dice: 4 1 6 6 2"']);
};

const defineBeacon: DefineCommand = (program, execute) => {
  const command = program
    .command('beacon')
    .summary('end the contributions with a public random value')
    .description('Adds what a public random value yields, one that nobody could know before the last contribution was made, such as the hash of a block or of a drand round that was announced before. It is hashed 2^N times, so that nobody can try many. Everyone gets the same key.')
    .argument('<folder>', 'folder of the ceremony')
    .requiredOption('--value <hex>', 'the value: hexadecimal, at most 255 bytes')
    .option('--iterations <n>', 'the exponent N, 10 to 30 (default: 10)', positiveInteger('--iterations'))
    .option('--name <name>', 'name to record, such as where the value is from')
    .action((folder: string, options: { readonly value: string; readonly iterations?: number; readonly name?: string }) =>
      execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
        const { applyCeremonyBeacon } = await import('../../workflow/contributeToCeremony.js');
        const result = await applyCeremonyBeacon({ folder, value: options.value, iterationsExponent: options.iterations, name: options.name, signal, onProgress });
        return { data: result, text: `beacon, contribution ${result.number}: ${result.keyPath}\nhash: ${result.hash}`, next: `zkonnx ceremony finalize ${folder} --model MODEL --ptau FILE` };
      }),
    );
  examples(command, ['ceremony beacon artifacts/model/ceremony --value 0x000000000000000000021b6e… --name "Bitcoin block 900000"']);
};

const defineVerify: DefineCommand = (program, execute) => {
  const command = program
    .command('verify')
    .summary('verify all contributions so far, and write the transcript')
    .description('Makes the key without contributions anew, and checks that the newest key of a ceremony is that key with its recorded contributions and nothing else: every proof of knowledge, every point. Writes transcript.json and transcript.txt. With --model the circuit is compiled anew, too.')
    .argument('<folder>', 'folder of the ceremony')
    .requiredOption('--ptau <file>', 'the powers of tau that it started from')
    .option('--model <file>', 'the quantized ONNX file that the ceremony is about');
  memoryOption(command).action((folder: string, options: MemoryOption & { readonly ptau: string; readonly model?: string }) =>
    execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
      const { verifyCeremony } = await import('../../workflow/verifyCeremony.js');
      const { transcriptText } = await import('../../workflow/ceremonyTranscript.js');
      const result = await verifyCeremony({ folder, ptauPath: options.ptau, model: options.model, memoryLimit: options.maxMemory, signal, onProgress });
      const warnings = [
        ...powersInWords(result.transcript.powersOfTau).warnings,
        ...(result.modelChecked ? [] : ['the circuit of the folder was believed: give --model to have it compiled anew']),
      ];
      return { data: result, text: `${transcriptText(result.transcript)}${result.folder}: transcript.json, transcript.txt`, warnings };
    }),
  );
  examples(command, ['ceremony verify artifacts/model/ceremony --model model.onnx --ptau powersOfTau28_hez_final_16.ptau']);
};

const defineFinalize: DefineCommand = (program, execute) => {
  const command = program
    .command('finalize')
    .summary('verify a complete ceremony, and take its key into use')
    .description('Verifies a ceremony that has at least one contribution and ends with a beacon, copies its key to final.zkey and writes the transcript. With --model the model is set up with the key, as `setup --key` does.')
    .argument('<folder>', 'folder of the ceremony')
    .requiredOption('--ptau <file>', 'the powers of tau that it started from')
    .option('--model <file>', 'the quantized ONNX file: compiled anew, and set up with the key')
    .option('--out <folder>', 'folder of the model’s files (default: artifacts/MODEL)');
  memoryOption(command).action((folder: string, options: MemoryOption & { readonly ptau: string; readonly model?: string; readonly out?: string }) =>
    execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
      const { finalizeCeremony } = await import('../../workflow/finalizeCeremony.js');
      const { ptau, model, out, maxMemory } = options;
      const result = await finalizeCeremony({ folder, ptauPath: ptau, model, modelFolder: out, memoryLimit: maxMemory, signal, onProgress });
      const text = [
        `${result.finalKeyPath}: ${contributionsInWords(result.transcript.contributions)}, ${bytes(result.transcript.key.bytes)}`,
        ...(result.setup === undefined ? [] : [`${result.setup.model.name}: ${result.setup.key.kind} key (${result.setup.key.reason}), files in ${result.setup.folder}`]),
      ].join('\n');
      return { data: result, text, warnings: powersInWords(result.transcript.powersOfTau).warnings, next: model === undefined ? `zkonnx setup MODEL --key ${result.finalKeyPath} --ptau ${ptau}` : `zkonnx export-verifier ${model}` };
    }),
  );
  examples(command, ['ceremony finalize artifacts/model/ceremony --model model.onnx --ptau powersOfTau28_hez_final_16.ptau']);
};
