/**
 * `npm run fuzz:lowering -- --graphs N --seed S [--only INDEX] [--jobs J]`: random quantized graphs in the circuit and in ONNX
 * Runtime. A graph that differs is shrunk and written to test/fuzz/regressions.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addTally, emptyTally, graphOf, probePalette, runGraph, type Palette, type Tally } from './campaign.js';
import { compareGraph, isWrong } from './compare.js';
import { writeRegression } from './regressions.js';
import { shrink } from './shrink.js';

const { values: options } = parseArgs({ options: { graphs: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' }, only: { type: 'string' }, jobs: { type: 'string' } } });

/** Graphs that are handed to a job at a time. */
const BATCH = 25;
/** Outputs that every operator should have in a run large enough. */
const PER_OPERATOR = 1000;
const LEAST_UNSATURATED = 0.6;

interface Batch {
  readonly palette: Palette;
  readonly seed: number;
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
      for (let index = batch.first; index < batch.first + BATCH; index++) tallies.push(await runGraph(batch.palette, batch.seed, index));
      process.send?.({ tallies } satisfies Done);
    })();
  });
}

async function lead(): Promise<void> {
  const seed = whole('seed', options.seed);
  const wanted = whole('graphs', options.graphs);
  const palette = await probePalette();
  console.log(`seed ${seed}; operators: ${new Set(palette.makers.integer).size} with quantization of their own, ${new Set(palette.makers.qdq).size} between DequantizeLinear and QuantizeLinear, ${new Set(palette.makers.arithmetic).size} of integers`);
  if (!palette.mixedProducts) console.log('ONNX Runtime saturates products of uint8 and int8 on this processor: none are generated');
  for (const [label, code] of Object.entries(palette.refused)) console.log(`not generated: ${label}, ${code}`);
  if (options.only !== undefined) {
    const index = whole('only', options.only);
    const tally = await runGraph(palette, seed, index);
    console.log(JSON.stringify(tally));
    await finish(palette, seed, tally);
    return;
  }
  await finish(palette, seed, await runAll(palette, seed, wanted));
}

/** Runs graphs until enough were compared. The tally is that of the first graphs by index, whatever the number of jobs. */
async function runAll(palette: Palette, seed: number, wanted: number): Promise<Tally> {
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
      job.send({ palette, seed, first } satisfies Batch);
    };
    job.on('message', ({ tallies }: Done) => {
      batches.set(first, tallies);
      compared += tallies.reduce((sum, { graphs }) => sum + graphs, 0);
      if (compared >= reported + 1000) {
        reported = compared - (compared % 1000);
        console.log(`${compared} graphs …`);
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

async function finish(palette: Palette, seed: number, tally: Tally): Promise<void> {
  for (const index of tally.wrong) {
    const made = await graphOf(palette, seed, index);
    if (made === undefined) continue;
    const small = await shrink(made, async ({ graph, inputs }) => isWrong(await compareGraph(graph, inputs)));
    console.log(`graph ${index} of seed ${seed} is wrong: ${small.graph.nodes.map(({ opType }) => opType).join(' → ')}, in ${writeRegression(`seed-${seed}-graph-${index}`, small)}`);
  }
  const share = tally.outputs === 0 ? 1 : tally.unsaturated / tally.outputs;
  console.log('outputs by operator:');
  for (const [label, outputs] of Object.entries(tally.histogram).sort(([, a], [, b]) => b - a)) console.log(`  ${label}: ${outputs}`);
  for (const [code, graphs] of Object.entries(tally.refusals)) console.log(`${graphs} graphs refused with ${code}, not counted`);
  console.log(`${tally.drifting} outputs differ from the graph as generated by a library function, which is a table in the canonical graph`);
  console.log(`${tally.asGenerated} graphs compared as generated too; ${tally.rows} rows checked; ${(100 * share).toFixed(1)}% of the outputs unsaturated`);
  const problems: string[] = [];
  if (tally.wrong.length > 0) problems.push(`${tally.wrong.length} graphs are wrong`);
  if (share < LEAST_UNSATURATED) problems.push(`less than ${100 * LEAST_UNSATURATED}% of the outputs are unsaturated`);
  if (tally.graphs >= 10_000) problems.push(...Object.entries(tally.histogram).filter(([, outputs]) => outputs < PER_OPERATOR).map(([label]) => `fewer than ${PER_OPERATOR} outputs of ${label}`));
  problems.forEach((problem) => console.log(`FAILED: ${problem}`));
  console.log(`${tally.graphs} graphs, ${tally.outputs} outputs compared, ${tally.differing} differ`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a whole number, not ${text}`);
  return value;
}
