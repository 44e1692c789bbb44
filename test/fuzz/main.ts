/**
 * `npm run fuzz:lowering -- --graphs N --seed S|random [--family quantized|integer|all] [--only INDEX] [--jobs J]`: random graphs in the
 * circuit, in ONNX Runtime, and where they are portable in its WebAssembly too. A graph that differs is shrunk and written to
 * test/fuzz/regressions.
 */
import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addTally, emptyTally, FAMILIES, graphOf, probePalette, runGraph, type Campaign, type Family, type Tally } from './campaign.js';
import { compareGraph, isWrong } from './compare.js';
import type { RandomGraph } from './generator.js';
import { writeRegression } from './regressions.js';
import { shrink, type Specimen } from './shrink.js';

const { values: options } = parseArgs({
  options: { graphs: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' }, family: { type: 'string', default: 'all' }, only: { type: 'string' }, jobs: { type: 'string' } },
});

/** Graphs that are handed to a job at a time. */
const BATCH = 25;
/** Outputs that every operator should have in a run large enough. */
const PER_OPERATOR = 1000;
/** Graphs of a run that large. */
const LARGE = 10_000;
const LEAST_UNSATURATED = 0.6;

interface Batch {
  readonly campaign: Campaign;
  readonly first: number;
}

interface Done {
  /** One tally per graph. */
  readonly tallies: readonly Tally[];
}

if (process.send !== undefined) work();
else await lead();

/** A job: batches in, tallies out. */
function work(): void {
  process.on('message', (batch: Batch) => {
    void (async () => {
      const tallies: Tally[] = [];
      for (let index = batch.first; index < batch.first + BATCH; index++) tallies.push(await runGraph(batch.campaign, index));
      process.send?.({ tallies } satisfies Done);
    })();
  });
}

async function lead(): Promise<void> {
  const [family, seed, wanted] = [familyOption(), options.seed === 'random' ? randomInt(2 ** 31) : whole('seed', options.seed), whole('graphs', options.graphs)];
  const palette = await probePalette(family);
  const different = (kind: keyof typeof palette.makers): number => new Set(palette.makers[kind]).size;
  console.log(`seed ${seed}; operators: ${different('qoperator')} with quantization of their own, ${different('qdq')} between DequantizeLinear and QuantizeLinear, ${different('integer')} of integers`);
  if (!palette.mixedProducts) console.log('ONNX Runtime saturates products of uint8 and int8 on this processor: none are generated');
  for (const [label, code] of Object.entries(palette.refused)) console.log(`not generated: ${label}, ${code}`);
  const campaign = { palette, family, seed };
  if (options.only === undefined) {
    await finish(campaign, await runAll(campaign, wanted));
    return;
  }
  const tally = await runGraph(campaign, whole('only', options.only));
  console.log(JSON.stringify(tally));
  await finish(campaign, tally);
}

/** Runs graphs until enough were compared. The tally is that of the first graphs by index, whatever the number of jobs. */
async function runAll(campaign: Campaign, wanted: number): Promise<Tally> {
  const jobs = options.jobs === undefined ? availableParallelism() : whole('jobs', options.jobs);
  const batches = new Map<number, readonly Tally[]>();
  let next = 0;
  let compared = 0;
  let reported = 0;
  await Promise.all(Array.from({ length: Math.min(jobs, Math.ceil(wanted / BATCH)) }, () => new Promise<void>((resolve, reject) => {
    const job = fork(fileURLToPath(import.meta.url));
    let first = 0;
    const give = () => {
      if (compared >= wanted) {
        job.disconnect();
        resolve();
        return;
      }
      first = next;
      next += BATCH;
      job.send({ campaign, first } satisfies Batch);
    };
    job.on('message', ({ tallies }: Done) => {
      batches.set(first, tallies);
      compared += tallies.reduce((sum, { graphs }) => sum + graphs, 0);
      if (compared >= reported + 1000) {
        reported = compared - (compared % 1000);
        console.log(`${compared} graphs, ${[...batches.values()].flat().reduce((sum, { wrong }) => sum + wrong.length, 0)} wrong …`);
      }
      give();
    });
    job.on('error', reject);
    job.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a job ended with status ${code} in the graphs from ${first} on`))));
    give();
  })));
  const sum = emptyTally();
  for (const first of [...batches.keys()].sort((a, b) => a - b)) {
    for (const tally of batches.get(first) as readonly Tally[]) if (sum.graphs < wanted) addTally(sum, tally);
  }
  return sum;
}

async function finish(campaign: Campaign, tally: Tally): Promise<void> {
  for (const index of tally.wrong) await shrinkWrong(campaign, index);
  const share = tally.narrow === 0 ? 1 : tally.unsaturated / tally.narrow;
  console.log('outputs by operator:');
  for (const [label, outputs] of Object.entries(tally.histogram).sort(([, a], [, b]) => b - a)) console.log(`  ${label}: ${outputs}`);
  for (const [code, graphs] of Object.entries(tally.refusals)) console.log(`${graphs} graphs refused with ${code}, not counted`);
  console.log(`${tally.drifting} outputs differ from the graph as generated by a library function, which is a table in the canonical graph`);
  console.log(`${tally.asGenerated} graphs compared as generated too, ${tally.portable} portable ones in WebAssembly (${tally.onWeb} outputs)`);
  console.log(`${tally.witnesses} witnesses, every row of each checked: ${tally.rows} rows`);
  console.log(`${tally.outputs - tally.integer} outputs of quantized graphs, ${(100 * share).toFixed(1)}% of their 8-bit ones unsaturated; ${tally.integer} outputs of integer graphs`);
  const problems: string[] = [];
  if (tally.wrong.length > 0) problems.push(`${tally.wrong.length} graphs are wrong: ${tally.wrong.join(', ')}`);
  if (share < LEAST_UNSATURATED) problems.push(`less than ${100 * LEAST_UNSATURATED}% of the 8-bit outputs are unsaturated`);
  if (tally.graphs >= LARGE) problems.push(...Object.entries(tally.histogram).filter(([, outputs]) => outputs < PER_OPERATOR).map(([label, outputs]) => `only ${outputs} outputs of ${label}`));
  problems.forEach((problem) => console.log(`FAILED: ${problem}`));
  console.log(`${tally.graphs} graphs, ${tally.outputs} outputs compared, ${tally.differing} differ`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

async function shrinkWrong(campaign: Campaign, index: number): Promise<void> {
  const made = await graphOf(campaign, index);
  const shows = async ({ graph, inputs }: Specimen): Promise<boolean> => isWrong(await compareGraph(graph, [inputs]));
  for (const inputs of made?.inputSets ?? []) {
    const specimen = { graph: (made as RandomGraph).graph, inputs };
    if (!(await shows(specimen))) continue;
    const small = await shrink(specimen, shows);
    console.log(`graph ${index} of seed ${campaign.seed} is wrong: ${small.graph.nodes.map(({ opType }) => opType).join(' → ')}, in ${writeRegression(`seed-${campaign.seed}-graph-${index}`, small)}`);
    const comparison = await compareGraph(small.graph, [small.inputs]);
    if (comparison.verdict === 'crashed') console.log(comparison.message);
    return;
  }
}

function familyOption(): Family {
  const found = FAMILIES.find((family) => family === options.family);
  if (found === undefined) throw new Error(`--family takes ${FAMILIES.join(', ')}, not ${options.family}`);
  return found;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a whole number, not ${text}`);
  return value;
}
