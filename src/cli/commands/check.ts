import { examples, type DefineCommand, type Outcome } from '../command.js';
import { bytes, count, edge } from '../format.js';
import { imageOf, imageOptions, type ImageFlags } from '../imageOptions.js';
import { inputSources, positiveInteger } from '../parse.js';
import { table } from '../table.js';
import type { CheckModelReturnType } from '../../workflow/checkModel.js';

interface Options extends ImageFlags {
  readonly batch?: number;
  readonly input?: readonly string[];
  readonly samples?: number;
}

export const defineCheck: DefineCommand = (program, execute) => {
  const command = program
    .command('check')
    .summary('say whether a model can be proven, what it costs, and whether it is exact')
    .description('Says whether a model can be proven and what each node costs, and compares what would be proven with the file itself in ONNX Runtime, bit for bit.')
    .argument('<model>', 'quantized ONNX file')
    .option('--batch <n>', 'size of a symbolic batch dimension', positiveInteger('--batch'))
    .option('--input <file...>', 'inputs to compare on (default: samples from the range of the model)')
    .option('--samples <n>', 'how many samples (default: 8)', positiveInteger('--samples'))
    .action((model: string, options: Options) =>
      execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
        const { checkModel } = await import('../../workflow/checkModel.js');
        const result = await checkModel({ model, batch: options.batch, inputs: options.input && inputSources(options.input, imageOf(options)), samples: options.samples, signal, onProgress });
        return { data: result, text: await textOf(result), warnings: warningsOf(result), next: `zkonnx setup ${model} --dev` };
      }),
    );
  imageOptions(command);
  examples(command, ['check model.onnx', 'check model.onnx --input inputs/*.json', 'check model.onnx --json']);
};

async function textOf({ model, opset, inputs, outputs, nodes, rows, publicSignals, memory, unportable, comparisons }: CheckModelReturnType): Promise<string> {
  const list = await table({
    head: ['node', 'operator', 'elements', 'rows', 'how'],
    rows: nodes.map(({ node, operator, elements, rows: own, strategy }) => [node, operator, count(elements), count(own), strategy]),
    numbers: [2, 3],
  });
  return [
    `${model.name}  ONNX opset ${opset}, SHA-256 ${model.sha256}`,
    `inputs   ${inputs.map(edge).join(', ')}`,
    `outputs  ${outputs.map(edge).join(', ')}`,
    '',
    list,
    '',
    `${count(rows)} rows (2^${Math.ceil(Math.log2(rows + publicSignals + 1))} with the public signals), ${publicSignals} public signals, about ${bytes(memory)} to compile`,
    `portable: ${unportable.length === 0 ? 'yes' : 'no'}`,
    ...comparisons.map(({ optimisation, inputs: sets, elements, differing }) => `against the file in ONNX Runtime, optimisation ${optimisation === 'all' ? 'on ' : 'off'}: ${differing === 0 ? 'every bit equal' : `${count(differing)} differ`} (${count(elements)} outputs of ${count(sets)} inputs)`),
  ].join('\n');
}

function warningsOf({ unportable, comparisons }: CheckModelReturnType): string[] {
  return [
    ...unportable.map(({ node, reason }) => `node "${node}" is not portable: ${reason}`),
    ...comparisons.flatMap(({ optimisation, differing, elements, first }) => {
      if (differing === 0) return [];
      const where = first === undefined ? '' : `; the first node that differs is "${first.node}" (${first.opType}): element ${first.index} of "${first.tensor}" is ${first.expected} in the file and ${first.found} in what is proven`;
      return [`with optimisation ${optimisation === 'all' ? 'on' : 'off'}, ONNX Runtime gives other outputs for the file in ${((100 * differing) / elements).toFixed(3)}%${where}`];
    }),
  ];
}
