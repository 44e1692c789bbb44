import { compileOptions, type CompileFlags } from '../compileOptions.js';
import { examples, type DefineCommand, type Outcome } from '../command.js';
import { bytes, count, counted, duration, outputLines } from '../format.js';
import { imageOf, imageOptions, type ImageFlags } from '../imageOptions.js';
import { inputSources } from '../parse.js';
import { proverOptions, type ProverFlags } from '../proverOptions.js';
import { calibrationSources } from './quantize.js';
import { onChainLines } from './verifyOnChain.js';
import { saltOptions, saltsOf, visibilityOf, visibilityOptions, type SaltOptions, type VisibilityOptions } from '../visibilityOptions.js';
import type { RunModelReturnType } from '../../workflow/runModel.js';

interface Options extends ImageFlags, CompileFlags, ProverFlags, VisibilityOptions, SaltOptions {
  readonly input: readonly string[];
  readonly calibration?: readonly string[];
  readonly context?: string;
  readonly out?: string;
  readonly chain: boolean;
}

export const defineRun: DefineCommand = (program, execute) => {
  const command = program
    .command('run')
    .summary('the whole road with a development key: quantize, compile, set up, prove, verify')
    .description('The whole road with a development key: quantizes the model if it is float, compiles it, makes a key, proves the inputs, verifies each proof in a script, and the first one by a contract on a local EVM node. Stages that are done are skipped.')
    .argument('<model>', 'ONNX file, float or quantized')
    .requiredOption('--input <file...>', 'input files: JSON, .npy, .npz, TensorProto, PNG or JPEG (docs/inputs.md)')
    .option('--calibration <file...>', 'for a float model: inputs to quantize it with (default: the inputs to be proven)')
    .option('--context <value>', 'value that the requester chose (default: 0)')
    .option('--no-chain', 'leave the local EVM node out')
    .option('--out <folder>', 'folder of the files (default: artifacts/MODEL)');
  saltOptions(visibilityOptions(proverOptions(compileOptions(command)))).action((model: string, options: Options) =>
      execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
        const { runModel } = await import('../../workflow/runModel.js');
        const result = await runModel({
          model,
          inputs: inputSources(options.input, imageOf(options)),
          calibration: options.calibration === undefined ? undefined : calibrationSources(inputSources(options.calibration, imageOf(options))),
          context: options.context,
          batch: options.batch,
          visibility: visibilityOf(options),
          salts: saltsOf(options),
          memoryLimit: options.maxMemory,
          folder: options.out,
          threads: options.threads,
          backend: options.backend,
          onChain: options.chain,
          signal,
          onProgress,
        });
        const skipped = 'skipped' in result.onChain && options.chain ? [`not verified on a chain: ${result.onChain.skipped}`] : [];
        const own = result.quantize !== undefined && options.calibration === undefined ? ['quantized with the very inputs that are proven: give --calibration, inputs of all kinds that the model will see, or others may be cut off'] : [];
        return { data: result, text: textOf(result), warnings: [...(result.quantize?.warnings ?? []), ...own, 'development key: whoever made it can forge proofs', ...skipped] };
      }),
    );
  imageOptions(command);
  examples(command, ['run model.onnx --input digit.json', 'run float.onnx --calibration images.npy --input digit.json', 'run model.onnx --input digits/*.json --no-chain']);
};

function textOf({ quantize, setup, prove, verify, onChain }: RunModelReturnType): string {
  return [
    ...(quantize === undefined ? [] : [`quantized to 8 bits with ${counted(quantize.calibrationInputs, 'calibration input')}, a relative error of ${(100 * quantize.drift).toFixed(2)} % on them: ${quantize.model.path}`]),
    `${setup.model.name}: ${count(setup.rows)} rows, ${setup.key.kind} key of ${bytes(setup.provingKey.bytes)}`,
    ...prove.proofs.flatMap((proof, index) => [
      `${proof.name}: every output bit equal to ONNX Runtime’s; proven in ${duration(proof.timings.prove)} with ${prove.backend}, verified in ${duration(verify[index]?.verifyMs ?? 0)}`,
      ...outputLines(proof).map((line) => `  ${line}`),
    ]),
    ...('skipped' in onChain ? [] : onChainLines(onChain)),
    `files in ${setup.folder}`,
  ].join('\n');
}
