import { compileOptions, type CompileFlags } from '../compileOptions.js';
import { examples, type DefineCommand, type Outcome } from '../command.js';
import { count } from '../format.js';
import { outFlag } from '../outFlag.js';
import { visibilityOf, visibilityOptions, type VisibilityOptions } from '../visibilityOptions.js';

interface Options extends CompileFlags, VisibilityOptions {
  readonly out?: string;
}

export const defineCompile: DefineCommand = (program, execute) => {
  const command = program
    .command('compile')
    .summary('compile a model to an R1CS and the plan of its witness')
    .description('Compiles a model to an R1CS and the plan of its witness, and writes the canonical graph that is proven. Skipped when the files are there, made from the same bytes.')
    .argument('<model>', 'quantized ONNX file')
    .option('--out <folder>', 'folder of the files (default: artifacts/MODEL)');
  visibilityOptions(compileOptions(command)).action((model: string, options: Options) =>
      execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
        const { compileModel } = await import('../../workflow/compileModel.js');
        const result = await compileModel({ model, batch: options.batch, visibility: visibilityOf(options), memoryLimit: options.maxMemory, folder: options.out, signal, onProgress });
        const text = [
          `${result.model.name}: ${count(result.rows)} rows, ${count(result.wires)} wires, ${count(result.publicSignals)} public signals${result.skipped ? ' (unchanged)' : ''}`,
          `files in ${result.folder}: canonical.onnx, circuit.r1cs, plan.zkplan, cost.json`,
        ].join('\n');
        return { data: result, text, next: `zkonnx setup ${model} --dev${outFlag(options.out)}` };
      }),
    );
  examples(command, ['compile model.onnx', 'compile model.onnx --batch 4 --out build/model', 'compile model.onnx --input-visibility hashed --output-visibility hashed', 'compile large.onnx --max-memory 8G']);
};
