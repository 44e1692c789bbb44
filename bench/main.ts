/**
 * The whole road, stage by stage, on the models of models.ts: prints a table, writes bench/results/stages.json and stages.md, and puts
 * the table into README.md and docs/benchmarks.md. Every stage is a process of its own, measured from start to exit.
 *
 *     npm run bench
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateWitness, readPlanFile } from '../src/compile/index.js';
import { inspectMachine, type CompileModelReturnType, type InspectMachineReturnType, type ProofFile, type ProveInputsReturnType, type SetupModelReturnType, type VerifyProofFileReturnType } from '../src/index.js';
import { witnessToBytes } from '../src/r1cs/wtnsFile.js';
import { bytes, count, duration } from '../src/cli/format.js';
import { measure, median } from './measure.js';
import { MODELS, type BenchModel } from './models.js';

const ZKONNX = new URL('../src/cli/main.js', import.meta.url);
const SNARKJS = new URL('./snarkjsProve.js', import.meta.url);
const RUNS = 3;

interface Row {
  readonly model: string;
  readonly rows: number;
  readonly wires: number;
  readonly publicSignals: number;
  readonly keyBytes: number;
  /** Whole processes, milliseconds; memory in bytes. */
  readonly compile: Stage;
  readonly setup: Stage;
  readonly prove: Stage & { readonly witnessMs: number; readonly proverMs: number };
  readonly verify: Stage & { readonly pairingMs: number };
  /** snarkjs on the same key and witness: its own prove, first and second in one process. */
  readonly snarkjs: Stage & { readonly firstMs: number; readonly warmMs: number };
}

interface Stage {
  readonly ms: number;
  readonly peakMemory: number;
}

interface Report<T> {
  readonly result: T;
}

async function benchmark({ name, model, input }: BenchModel, folder: string): Promise<Row> {
  const files = ['--out', folder, '--json'];
  const compile = await measure<Report<CompileModelReturnType>>(ZKONNX, ['compile', model, ...files]);
  const setup = await measure<Report<SetupModelReturnType>>(ZKONNX, ['setup', model, '--dev', ...files]);
  const prove = await median(RUNS, () => measure<Report<ProveInputsReturnType>>(ZKONNX, ['prove', model, '--input', input, ...files]));
  const [proof] = prove.result.result.proofs;
  if (proof === undefined) throw new Error(`${name}: no proof`);
  const verify = await median(RUNS, () => measure<Report<VerifyProofFileReturnType>>(ZKONNX, ['verify', proof.path, '--json']));
  const witness = join(folder, 'witness.wtns');
  await writeFile(witness, await witnessOf(folder, proof.path));
  const snarkjs = await measure<{ times: [number, number] }>(SNARKJS, [join(folder, 'proving.zkey'), witness, '2']);
  const { rows, wires, publicSignals } = compile.result.result;
  return {
    model: name,
    rows,
    wires,
    publicSignals,
    keyBytes: setup.result.result.provingKey.bytes,
    compile: stage(compile),
    setup: stage(setup),
    prove: { ...stage(prove), witnessMs: proof.timings.witness, proverMs: proof.timings.prove },
    verify: { ...stage(verify), pairingMs: verify.result.result.verifyMs },
    snarkjs: { ...stage(snarkjs), firstMs: snarkjs.result.times[0], warmMs: snarkjs.result.times[1] },
  };
}

function stage({ ms, peakMemory }: Stage): Stage {
  return { ms, peakMemory };
}

/** The witness of a proof, as snarkjs reads it. */
async function witnessOf(folder: string, proofPath: string): Promise<Uint8Array> {
  const plan = await readPlanFile(join(folder, 'plan.zkplan'));
  const proof = JSON.parse(await readFile(proofPath, 'utf8')) as ProofFile;
  const inputs = plan.layout.inputs.map(({ name }) => Float64Array.from(proof.inputs[name]?.data ?? []));
  return witnessToBytes(generateWitness({ plan, inputs, context: BigInt(proof.context) }).witness);
}

const HEAD = ['model', 'rows', 'key', 'compile', 'setup', 'prove', 'of it the prover', 'verify', 'peak memory (prove)', 'snarkjs prove', 'snarkjs memory'];

function markdown(rows: readonly Row[], load: number, { processor, threads, memory, node, native, onnxruntime }: InspectMachineReturnType): string {
  const prover = native === undefined ? 'snarkjs' : `native engine (${native.isa})`;
  const cells = rows.map(({ model, rows: n, keyBytes, compile, setup, prove, verify, snarkjs }) => [
    model,
    count(n),
    bytes(keyBytes),
    duration(compile.ms),
    duration(setup.ms),
    duration(prove.ms),
    duration(prove.proverMs),
    duration(verify.ms),
    bytes(prove.peakMemory),
    duration(snarkjs.warmMs),
    bytes(snarkjs.peakMemory),
  ]);
  return [
    `| ${HEAD.join(' | ')} |`,
    `| --- |${' ---: |'.repeat(HEAD.length - 1)}`,
    ...cells.map((row) => `| ${row.join(' | ')} |`),
    '',
    `Times of compile, setup, prove and verify are whole processes, from start to exit (prove and verify: the middle of ${RUNS}). "snarkjs prove" is`,
    'snarkjs’s own prove call on the same key and witness, the second in its process, without starting and without making the witness.',
    `Machine: ${processor}, ${threads} threads, ${bytes(memory)} of memory; Node ${node}, onnxruntime-node ${onnxruntime}; prover: ${prover}.`,
    `Load average when it began: ${load.toFixed(1)}${load > threads / 2 ? ', so other programs took part of the processors: run it again on a quiet machine' : ''}.`,
  ].join('\n');
}

/** Replaces what stands between the markers of a page. */
async function insert(path: string, text: string): Promise<void> {
  const page = await readFile(path, 'utf8');
  const marked = /(<!-- figures: written by npm run bench -->\n)[\s\S]*?(\n<!-- end of figures -->)/;
  if (!marked.test(page)) throw new Error(`${path} has no place for figures`);
  await writeFile(path, page.replace(marked, (_, start: string, end: string) => `${start}\n${text}\n${end}`));
}

const [load = 0] = loadavg();
const root = await mkdtemp(join(tmpdir(), 'zkonnx-bench-'));
try {
  const rows: Row[] = [];
  for (const [index, model] of MODELS.entries()) {
    console.error(`${model.name} …`);
    rows.push(await benchmark(model, join(root, String(index))));
  }
  const machine = inspectMachine();
  const text = markdown(rows, load, machine);
  console.log(text);
  await mkdir('bench/results', { recursive: true });
  await writeFile('bench/results/stages.json', `${JSON.stringify({ machine, load, rows }, null, 2)}\n`);
  await writeFile('bench/results/stages.md', `# Stages\n\n<!-- Written by npm run bench. -->\n\n${text}\n`);
  for (const page of ['README.md', 'docs/benchmarks.md']) await insert(page, text);
} finally {
  await rm(root, { recursive: true, force: true });
}
