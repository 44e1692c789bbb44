/**
 * The examples from float to proof: accuracy and drift of what `zkonnx quantize` makes, against what ONNX Runtime's Python quantizer
 * made of the same models (its files are committed), and what the proofs cost. Prints a table, writes bench/results/quantize.json and
 * quantize.md, and puts the table into docs/quantization.md. All quantizers saw the training images; all figures are of the held-out ones.
 *
 *     npm run bench:quantize
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { elementCount } from '../../src/onnx/graph.js';
import { count, duration } from '../../src/cli/format.js';
import { estimateModel, inspectMachine, isZkonnxError, verifyProofOnChain, type ProofFile, type ProveInputsReturnType } from '../../src/index.js';
import type { Groth16Proof } from '../../src/verify/index.js';
import type { SetDrift } from '../../src/quantize/drift/driftReport.js';
import { measureDrift } from '../../src/quantize/drift/measureDrift.js';
import { quantizeModel, type QuantizedTensor } from '../../src/quantize/quantizeModel.js';
import { setupModel } from '../../src/workflow/setupModel.js';
import { measure, median } from '../measure.js';
import { EXAMPLES, floatPath, labelsOf, readImages, runtimeFiles, typedModel, type Example, type Images } from './examples.js';
import { findDifferences, type Difference } from './differences.js';
import { insertFigures } from './insertFigures.js';

const ZKONNX = new URL('../../src/cli/main.js', import.meta.url);
const RUNS = 3;

/** How well one quantized file does. */
interface Result {
  readonly file: string;
  readonly bytes: number;
  readonly score: number;
  readonly signalToNoise: number;
  readonly sameClass?: number;
  /** The images to which it gives another class than the float model. */
  readonly differences?: readonly Difference[];
  /** Rows of its circuit, or why there is none. */
  readonly rows: number | string;
}

interface Row {
  readonly model: string;
  readonly parameters: number;
  readonly floatScore: number;
  readonly ours: Result;
  readonly runtime: readonly Result[];
  readonly proveMs: number;
  readonly proverMs: number;
  /** Of the proof itself: points of the curve, as the contract takes them. */
  readonly proofBytes: number;
  readonly gas: number;
}

async function benchmark(example: Example, images: Images, folder: string): Promise<Row> {
  const float = new Uint8Array(await readFile(floatPath(example)));
  const quantized = await quantizeModel({ model: float, calibration: images.training.map((set) => Object.fromEntries(set)) });
  const path = join(folder, `${example.name}.int8.onnx`);
  await writeFile(path, quantized.model);
  const judge = (file: string, bytes: Uint8Array, layers: readonly QuantizedTensor[]): Promise<SetDrift> => drift({ example, images, float, quantized: bytes, file, layers });
  const own = await judge(basename(path), quantized.model, quantized.layers);
  const differences = async (bytes: Uint8Array): Promise<Pick<Result, 'differences'>> => (example.reconstructs === true ? {} : { differences: await findDifferences({ float, quantized: bytes, images: images.heldOut, labels: images.labels }) });
  const runtime: Result[] = [];
  for (const file of runtimeFiles(example)) {
    const bytes = new Uint8Array(await readFile(file));
    runtime.push({ ...resultOf(basename(file), bytes, await judge(basename(file), bytes, [])), ...(await differences(bytes)), rows: await rowsOf(file) });
  }
  return {
    model: example.title,
    parameters: parametersOf(float),
    floatScore: own.task?.float.score ?? NaN,
    ours: { ...resultOf(basename(path), quantized.model, own), ...(await differences(quantized.model)), rows: await rowsOf(path) },
    runtime,
    ...(await proofOf(path, join(folder, example.name))),
  };
}

async function drift({ example, images, float, quantized, file, layers }: { example: Example; images: Images; float: Uint8Array; quantized: Uint8Array; file: string; layers: readonly QuantizedTensor[] }): Promise<SetDrift> {
  const { sets: [set] } = await measureDrift({
    float: { name: basename(floatPath(example)), bytes: float.length, graph: typedModel(float) },
    quantized: { name: file, bytes: quantized.length, graph: typedModel(quantized) },
    layers,
    sets: [{ name: 'evaluation', inputs: images.heldOut, labels: labelsOf(example, images) }],
  });
  if (set === undefined) throw new Error('no set');
  return set;
}

function resultOf(file: string, bytes: Uint8Array, { task, outputs: [output] }: SetDrift): Omit<Result, 'rows' | 'differences'> {
  return { file, bytes: bytes.length, score: task?.quantized.score ?? NaN, signalToNoise: output?.signalToNoise ?? Infinity, ...(output?.top1Agreement === undefined ? {} : { sameClass: output.top1Agreement }) };
}

async function rowsOf(model: string): Promise<number | string> {
  try {
    return (await estimateModel({ model, calibration: false })).rows;
  } catch (error) {
    if (isZkonnxError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
}

async function proofOf(model: string, folder: string): Promise<Pick<Row, 'proveMs' | 'proverMs' | 'proofBytes' | 'gas'>> {
  await setupModel({ model, key: 'development', folder });
  const prove = await median(RUNS, () => measure<{ result: ProveInputsReturnType }>(ZKONNX, ['prove', model, '--input', 'examples/digits/inputs/digit-000.json', '--out', folder, '--json']));
  const [proof] = prove.result.result.proofs;
  if (proof === undefined) throw new Error(`${model}: no proof`);
  const { verification } = await verifyProofOnChain({ proof: proof.path, model, folder });
  return { proveMs: prove.ms, proverMs: proof.timings.prove, proofBytes: proofBytes(JSON.parse(await readFile(proof.path, 'utf8')) as ProofFile<Groth16Proof>), gas: Number(verification.gasUsed) };
}

/** Two points of G1 and one of G2: eight numbers of 32 bytes. The proof file gives each point a third, projective coordinate. */
function proofBytes({ proof: { pi_a: a, pi_b: b, pi_c: c } }: ProofFile<Groth16Proof>): number {
  return 32 * [...a.slice(0, 2), ...b.slice(0, 2).flat(), ...c.slice(0, 2)].length;
}

function parametersOf(model: Uint8Array): number {
  const { nodes, initializers } = typedModel(model);
  const scales = new Set(nodes.filter(({ opType }) => opType === 'Resize').flatMap(({ inputs }) => inputs));
  return [...initializers].reduce((sum, [name, { shape }]) => sum + (scales.has(name) ? 0 : elementCount(shape)), 0);
}

const percent = (score: number): string => `${(100 * score).toFixed(2)} %`;
const best = <K extends 'score' | 'signalToNoise'>(results: readonly Result[], key: K): number => Math.max(...results.map((result) => result[key]));

function differencesText(differences: readonly Difference[]): string {
  const outcome = ({ float, quantized, label }: Difference): string => (float === label ? 'lost' : quantized === label ? 'won' : 'wrong either way');
  return differences.map((difference) => `${outcome(difference)} (${percent(difference.lead)})`).join(', ') || 'none';
}

function markdown(rows: readonly Row[]): string {
  const table = (head: readonly string[], cells: readonly (readonly string[])[]): string[] => [`| ${head.join(' | ')} |`, `| --- |${' ---: |'.repeat(head.length - 1)}`, ...cells.map((row) => `| ${row.join(' | ')} |`)];
  const rowsText = (value: number | string): string => (typeof value === 'number' ? count(value) : 'refused');
  const { processor, threads, node, onnxruntime, native } = inspectMachine();
  return [
    ...table(['model', 'parameters', 'float', 'int8', 'constraints', 'prove', 'of it the prover', 'proof', 'gas'], rows.map((row) => [
      row.model, count(row.parameters), percent(row.floatScore), percent(row.ours.score), rowsText(row.ours.rows), duration(row.proveMs), duration(row.proverMs), `${row.proofBytes} B`, count(row.gas),
    ])),
    '',
    'Accuracy on the 360 held-out digits; of the autoencoder: one minus the root mean squared error of a pixel of 0 to 1. Quantized with the',
    'default options and the 1,437 training images. Prove is a whole process, from start to exit, the middle of three; gas that of a',
    'transaction on a local node with all inputs and outputs public.',
    '',
    'Against ONNX Runtime’s own static quantizer (Python, per channel, MinMax, QOperator and QDQ) on the same models and images:',
    '',
    ...table(['model', 'float', 'zkonnx', 'QOperator', 'QDQ', 'signal to noise, zkonnx', 'QOperator', 'QDQ', 'constraints, zkonnx', 'QOperator', 'QDQ'], rows.map(({ model, floatScore, ours, runtime }) => [
      model, percent(floatScore), ...[ours, ...runtime].map(({ score }) => percent(score)), ...[ours, ...runtime].map(({ signalToNoise }) => `${signalToNoise.toFixed(1)} dB`), ...[ours, ...runtime].map((result) => rowsText(result.rows)),
    ])),
    '',
    'Signal to noise: of the outputs against the float model, more is better. Refused: the file holds float operators, or operators whose',
    'float32 rounding no circuit can follow, so it cannot be proven.',
    '',
    'A quantizer has no way to know which answers are right: its aim is the float model. Where it gives another class, the accuracy goes up or',
    'down by chance. So, of the classifiers, the images on which each differs from the float model, and in brackets how far the first score',
    'of the float model leads its second there, in percent of the root mean square of its scores:',
    '',
    ...table(['model', 'same class as float, zkonnx', 'QOperator', 'QDQ', 'images that differ, zkonnx', 'QOperator', 'QDQ'], rows.filter(({ ours }) => ours.differences !== undefined).map(({ model, ours, runtime }) => [
      model, ...[ours, ...runtime].map(({ sameClass = NaN }) => percent(sameClass)), ...[ours, ...runtime].map(({ differences }) => differencesText(differences ?? [])),
    ])),
    '',
    `Machine: ${processor}, ${threads} threads; Node ${node}, onnxruntime-node ${onnxruntime}; prover: ${native === undefined ? 'snarkjs' : `native engine (${native.isa})`}; load average ${load.toFixed(1)} when it began.`,
  ].join('\n');
}

const [load = 0] = loadavg();
const root = await mkdtemp(join(tmpdir(), 'zkonnx-bench-'));
try {
  const images = readImages();
  const rows: Row[] = [];
  for (const example of EXAMPLES) {
    console.error(`${example.title} …`);
    rows.push(await benchmark(example, images, root));
  }
  const text = markdown(rows);
  console.log(text);
  for (const { model, runtime } of rows) for (const { file, rows: reason } of runtime) if (typeof reason === 'string') console.log(`${model}, ${file}: ${reason}`);
  await mkdir('bench/results', { recursive: true });
  await writeFile('bench/results/quantize.json', `${JSON.stringify({ machine: inspectMachine(), load, rows }, null, 2)}\n`);
  await writeFile('bench/results/quantize.md', `# Quantization\n\n<!-- Written by npm run bench:quantize. -->\n\n${text}\n`);
  await insertFigures({ path: 'docs/quantization.md', script: 'bench:quantize', text });
  const worst = (points: (row: Row) => number): string => (100 * Math.max(...rows.map(points))).toFixed(2);
  console.log(`${rows.length} models, worst accuracy loss ${worst(({ floatScore, ours }) => floatScore - ours.score)} points, worst against ONNX Runtime's quantizer ${worst(({ ours, runtime }) => best(runtime, 'score') - ours.score)} points`);
} finally {
  await rm(root, { recursive: true, force: true });
}
