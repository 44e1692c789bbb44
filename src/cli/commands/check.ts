import { examples, type Colors, type DefineCommand, type Outcome } from '../command.js';
import { bytes, count, edge } from '../format.js';
import { imageOf, imageOptions, type ImageFlags } from '../imageOptions.js';
import { inputSources, oneOf, positiveInteger } from '../parse.js';
import { table } from '../table.js';
import { visibilityFlags, visibilityOf, visibilityOptions, visibilityText, type VisibilityOptions } from '../visibilityOptions.js';
import type { CheckModelReturnType } from '../../workflow/checkModel.js';
import type { Verdict } from '../../workflow/problem.js';
import type { ProfileName } from '../../workflow/profile.js';

interface Options extends ImageFlags, VisibilityOptions {
  readonly batch?: number;
  readonly input?: readonly string[];
  readonly samples?: number;
  readonly profile?: ProfileName;
}

/** As for an error of the kind model. */
const NOT_ALL_YES = 3;

export const defineCheck: DefineCommand = (program, execute) => {
  const command = program
    .command('check')
    .summary('say whether a model can be stored, run and proven, what it costs, and whether it is exact')
    .description(
      'Says whether a model can be stored, run in ONNX Runtime and proven (also with hidden inputs, outputs or weights), and what becomes of each node: its cost, or why it cannot be proven and what to do. Then compares what would be proven with the file itself in ONNX Runtime, bit for bit. Exit status 3 unless every verdict is yes.',
    )
    .argument('<model>', 'ONNX file')
    .option('--batch <n>', 'size of a symbolic batch dimension', positiveInteger('--batch'))
    .option('--input <file...>', 'inputs to compare on (default: samples from the range of the model)')
    .option('--samples <n>', 'how many samples (default: 8)', positiveInteger('--samples'))
    .option('--profile <name>', 'the published limits of a registry as one more verdict: opengradient', oneOf('--profile', ['opengradient']));
  visibilityOptions(command, '').action((model: string, options: Options) =>
      execute(command, async ({ signal, onProgress, colors, width }): Promise<Outcome> => {
        const { checkModel } = await import('../../workflow/checkModel.js');
        const result = await checkModel({
          model,
          batch: options.batch,
          visibility: visibilityOf(options),
          inputs: options.input && inputSources(options.input, imageOf(options)),
          samples: options.samples,
          profile: options.profile,
          signal,
          onProgress,
        });
        const allYes = verdictsOf(result).every(({ verdict }) => verdict.ok);
        return {
          data: result,
          text: await textOf(result, colors, width),
          warnings: warningsOf(result),
          ...(allYes ? { next: `zkonnx setup ${model} --dev${visibilityFlags(options)}` } : { exitStatus: NOT_ALL_YES }),
        };
      }),
    );
  imageOptions(command);
  examples(command, ['check model.onnx', 'check model.onnx --input inputs/*.json', 'check model.onnx --input-visibility hashed --weights hashed', 'check model.onnx --profile opengradient', 'check model.onnx --json']);
};

function verdictsOf({ verdicts: { stored, runs, proven, profile } }: CheckModelReturnType): { readonly question: string; readonly verdict: Verdict }[] {
  return [
    { question: 'can be stored', verdict: stored },
    { question: 'runs in ONNX Runtime', verdict: runs },
    { question: 'can be proven', verdict: proven },
    ...(profile === undefined ? [] : [{ question: `fits ${profile.name}`, verdict: profile }]),
  ];
}

async function textOf(result: CheckModelReturnType, colors: Colors, width: number): Promise<string> {
  const { model, opset, inputs, outputs, visibility, nodes, rows, publicSignals, commitments, memory, portable, unportable, comparisons, verdicts } = result;
  const list = await table({
    head: ['node', 'operator', 'result', 'rows', 'proven', 'portable', 'how'],
    rows: nodes.map(({ node, operator, output, rows: own, verdict, strategy, reason, unportable: because }) => [
      node,
      operator,
      output,
      verdict === 'exact' ? count(own) : '',
      { exact: 'exact', outside: 'outside', refused: 'no', unknown: '?' }[verdict],
      verdict !== 'exact' ? '' : because === undefined ? 'yes' : 'no',
      reason ?? strategy,
    ]),
    numbers: [3],
    width,
    shorten: { 0: 'middle', 1: 'end', 2: 'end', 6: 'end' },
    drop: [5, 2],
  });
  const yes = (verdict: Verdict): string => (verdict.ok ? colors.green('yes') : colors.red('no'));
  const cost = verdicts.proven.ok ? `: ${count(rows)} rows (2^${Math.ceil(Math.log2(rows + publicSignals + 1))} with the public signals), ${publicSignals} public signals, about ${bytes(memory)} to compile` : '';
  return [
    `${model.name}  ${opset === 0 ? '' : `ONNX opset ${opset}, `}SHA-256 ${model.sha256}`,
    ...(inputs.length === 0 ? [] : [`inputs   ${inputs.map(edge).join(', ')}`, `outputs  ${outputs.map(edge).join(', ')}`, `verifier ${visibilityText(visibility)}`]),
    '',
    ...verdictsOf(result).map(({ question, verdict }) => `${question.padEnd(22)} ${yes(verdict)}${question === 'can be proven' ? cost : ''}`),
    ...(commitments.length === 0 ? [] : [`${'of it commitments'.padEnd(22)} ${commitments.map(({ part, rows: own }) => `${count(own)} rows of the ${part}`).join(', ')}`]),
    ...(verdicts.proven.ok ? [`${'portable'.padEnd(22)} ${portable ? 'yes' : `no: ${count(unportable.length)} node${unportable.length === 1 ? '' : 's'}, named below`}`] : []),
    ...comparisons.map(({ optimisation, inputs: sets, elements, differing }) => `${`as ONNX Runtime ${optimisation === 'all' ? 'fused' : 'plain'}`.padEnd(22)} ${differing === 0 ? 'every bit equal' : `${count(differing)} differ`} (${count(elements)} outputs of ${count(sets)} inputs)`),
    ...(nodes.length === 0 ? [] : ['', list]),
    ...problemLines(result),
  ].join('\n');
}

/** All that stands in the way, under the verdict that it stands in the way of, and once; with what to do under those that it helps. */
function problemLines(result: CheckModelReturnType): string[] {
  const told = new Set<string>();
  return verdictsOf(result).flatMap(({ question, verdict }) => {
    const news = verdict.problems.filter(({ message }) => !told.has(message));
    news.forEach(({ message }) => told.add(message));
    if (news.length === 0) return [];
    const fixes = [...new Set(news.map(({ fix }) => fix))];
    return ['', `why not "${question}":`, ...fixes.flatMap((fix) => [...news.filter((each) => each.fix === fix).map(({ message }) => `  ${message}`), `    → ${fix}`])];
  });
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
