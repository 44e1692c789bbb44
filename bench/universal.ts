/**
 * PLONK and FFLONK on the example models, each stage a process of its own: prints a table and puts it into docs/plonk.md.
 *
 *     npm run bench:universal
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytes, count, duration } from '../src/cli/format.js';
import { inspectMachine, type ProveInputsReturnType, type SetupModelReturnType, type VerifyProofFileReturnType } from '../src/index.js';
import { readUniversalKey } from '../src/setup/index.js';
import { measure } from './measure.js';

const ZKONNX = new URL('../src/cli/main.js', import.meta.url);
const PAGE = 'docs/plonk.md';
const INPUT = 'examples/digits/inputs/digit-000.json';
const CASES = [
  { name: 'digits MLP 64-32-10', model: 'examples/digits/mlp.int8.qoperator.onnx', system: 'plonk' },
  { name: 'digits MLP 64-32-10', model: 'examples/digits/mlp.int8.qoperator.onnx', system: 'fflonk' },
  { name: 'digits CNN 8×8', model: 'examples/digits/cnn.int8.qoperator.onnx', system: 'plonk' },
] as const;
const HEAD = ['model', 'system', 'rows', 'gates', 'domain', 'key', 'setup', 'prove', 'of it snarkjs', 'verify', 'peak memory (setup)', 'peak memory (prove)'];

interface Report<T> {
  readonly result: T;
}

async function row({ name, model, system }: (typeof CASES)[number], folder: string): Promise<string[]> {
  const files = ['--out', folder, '--json'];
  const setup = await measure<Report<SetupModelReturnType>>(ZKONNX, ['setup', model, '--system', system, '--dev', ...files]);
  const { provingKey, rows } = setup.result.result;
  const { gates, domainPower } = await readUniversalKey(provingKey.path);
  const prove = await measure<Report<ProveInputsReturnType>>(ZKONNX, ['prove', model, '--input', INPUT, ...files]);
  const [proof] = prove.result.result.proofs;
  if (proof === undefined) throw new Error(`${name}: no proof`);
  const verify = await measure<Report<VerifyProofFileReturnType>>(ZKONNX, ['verify', proof.path, '--json']);
  return [name, system, count(rows), count(gates), `2^${domainPower}`, bytes(provingKey.bytes), duration(setup.ms), duration(prove.ms), duration(proof.timings.prove), duration(verify.ms), bytes(setup.peakMemory), bytes(prove.peakMemory)];
}

const [load = 0] = loadavg();
const root = await mkdtemp(join(tmpdir(), 'zkonnx-bench-'));
try {
  const rows: string[][] = [];
  for (const [index, given] of CASES.entries()) {
    console.error(`${given.name}, ${given.system} …`);
    rows.push(await row(given, join(root, String(index))));
  }
  const { processor, threads, node } = inspectMachine();
  const text = [
    `| ${HEAD.join(' | ')} |`,
    `| --- | --- |${' ---: |'.repeat(HEAD.length - 2)}`,
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    'Whole processes, from start to exit, one run each; setup with powers of tau for development, whose making is in its time.',
    `Machine: ${processor}, ${threads} threads; Node ${node}. Load average when it began: ${load.toFixed(1)}${load > threads / 2 ? ', so other programs took part of the processors' : ''}.`,
  ].join('\n');
  console.log(text);
  const page = await readFile(PAGE, 'utf8');
  const marked = /(<!-- figures: written by npm run bench:universal -->\n)[\s\S]*?(\n<!-- end of figures -->)/;
  if (!marked.test(page)) throw new Error(`${PAGE} has no place for figures`);
  await writeFile(PAGE, page.replace(marked, (_, start: string, end: string) => `${start}\n${text}\n${end}`));
} finally {
  await rm(root, { recursive: true, force: true });
}
