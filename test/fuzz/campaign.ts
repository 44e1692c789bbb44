/** Many random graphs, one after the other, and what they add up to. */
import { encodeModel } from '../../src/onnx/encode.js';
import { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import { run, withSession } from '../../src/runtime/session.js';
import { INTEGER_MAKERS, randomIntegerGraph } from './arithmetic.js';
import { compareGraph, isWrong, type Comparison } from './compare.js';
import { MAKERS, randomGraph, type RandomGraph } from './generator.js';
import { Random } from './random.js';

/** The kinds of graphs: quantized in either style, or integer arithmetic without scales. */
const KINDS = ['integer', 'qdq', 'arithmetic'] as const;
type Kind = (typeof KINDS)[number];

/** Which operators take part, by kind of graph, and why others do not. */
export interface Palette {
  readonly makers: Readonly<Record<Kind, readonly string[]>>;
  /** Operators that zkonnx or ONNX Runtime refuses whenever they stand alone: label → code. */
  readonly refused: Readonly<Record<string, string>>;
  readonly mixedProducts: boolean;
}

export interface Tally {
  graphs: number;
  refused: number;
  outputs: number;
  unsaturated: number;
  differing: number;
  /** Outputs that library functions make different from the graph as generated. */
  drifting: number;
  rows: number;
  /** Graphs that were compared as they were generated too. */
  asGenerated: number;
  /** Outputs by operator. */
  readonly histogram: Record<string, number>;
  /** Refusals of whole graphs, by code. */
  readonly refusals: Record<string, number>;
  /** Indices of graphs that are wrong. */
  readonly wrong: number[];
}

export function emptyTally(): Tally {
  return { graphs: 0, refused: 0, outputs: 0, unsaturated: 0, differing: 0, drifting: 0, rows: 0, asGenerated: 0, histogram: {}, refusals: {}, wrong: [] };
}

export function addTally(sum: Tally, part: Tally): void {
  for (const key of ['graphs', 'refused', 'outputs', 'unsaturated', 'differing', 'drifting', 'rows', 'asGenerated'] as const) sum[key] += part[key];
  for (const [label, outputs] of Object.entries(part.histogram)) sum.histogram[label] = (sum.histogram[label] ?? 0) + outputs;
  for (const [code, graphs] of Object.entries(part.refusals)) sum.refusals[code] = (sum.refusals[code] ?? 0) + graphs;
  sum.wrong.push(...part.wrong);
}

/** Operators that are chosen more often, since they fit few tensors or make small ones. */
const WEIGHTS: Readonly<Record<string, number>> = { gemm: 4, matMulActivations: 2, reduceSum: 3 };

/** Attempts per operator to find a graph of it alone that both sides take. */
const PROBES = 6;

/** Tries every operator alone. What is never taken is left out, so that new operators join by themselves. */
export async function probePalette(): Promise<Palette> {
  const mixedProducts = await exactMixedProducts();
  const makers: Record<Kind, string[]> = { integer: [], qdq: [], arithmetic: [] };
  const refused: Record<string, string> = {};
  for (const kind of KINDS) {
    for (const [index, name] of Object.keys(kind === 'arithmetic' ? INTEGER_MAKERS : MAKERS).entries()) {
      let code: string | undefined;
      let taken = false;
      for (let probe = 0; probe < PROBES && !taken; probe++) {
        const made = await make(kind, { random: new Random(index, probe), makers: [name], steps: 1, mixedProducts });
        if (made === undefined) continue;
        const comparison = await compareGraph(made.graph, made.inputs);
        if (comparison.verdict === 'compared') taken = true;
        else code = refusalOf(comparison);
      }
      if (taken) makers[kind].push(...new Array<string>(WEIGHTS[name] ?? 1).fill(name));
      else if (code !== undefined) refused[`${name} (${kind})`] = code;
    }
  }
  return { makers, refused, mixedProducts };
}

function refusalOf({ by, code }: Extract<Comparison, { verdict: 'refused' }>): string {
  return by === 'zkonnx' ? code : `${by} ${code}`;
}

interface MakeOptions {
  readonly random: Random;
  readonly makers: readonly string[];
  readonly steps: number;
  readonly mixedProducts: boolean;
}

async function make(kind: Kind, { random, makers, steps, mixedProducts }: MakeOptions): Promise<RandomGraph | undefined> {
  return kind === 'arithmetic' ? randomIntegerGraph(random, makers, steps) : randomGraph(random, { style: kind, makers, steps, mixedProducts });
}

/** Whether ONNX Runtime multiplies uint8 by int8 exactly here: 2 · 255 · 127 overflows the 16-bit sums of AVX2 without VNNI. */
async function exactMixedProducts(): Promise<boolean> {
  const length = 64;
  const graph = new GraphBuilder().input('x', 'uint8', [1, length]).constant('w', 'int8', [length, 8], new Array<number>(8 * length).fill(127))
    .node('MatMulInteger', ['x', 'w'], 'y').output('y', 'int32', [1, 8]).build();
  const x = { type: 'uint8', shape: [1, length], data: new Uint8Array(length).fill(255) } as const;
  const results = await withSession({ bytes: encodeModel(graph) }, (session) => run(session, new Map([['x', x]])));
  return Array.from(results.get('y')?.data ?? [], Number).every((value) => value === 255 * 127 * length);
}

/** Graph number `index` of a seed; undefined when its choices led nowhere. */
export async function graphOf(palette: Palette, seed: number, index: number): Promise<RandomGraph | undefined> {
  const random = new Random(seed, index);
  const kind = random.pick(['integer', 'integer', 'qdq', 'qdq', 'arithmetic'] as const);
  return make(kind, { random, makers: palette.makers[kind], steps: random.int(1, 12), mixedProducts: palette.mixedProducts });
}

export async function runGraph(palette: Palette, seed: number, index: number): Promise<Tally> {
  const tally = emptyTally();
  const made = await graphOf(palette, seed, index);
  if (made === undefined) return tally;
  const comparison = await compareGraph(made.graph, made.inputs);
  record(tally, made, comparison, index);
  return tally;
}

function record(tally: Tally, { labels }: RandomGraph, comparison: Comparison, index: number): void {
  if (comparison.verdict === 'refused') {
    tally.refused++;
    tally.refusals[refusalOf(comparison)] = 1;
    return;
  }
  tally.graphs++;
  tally.rows += comparison.rows;
  if (comparison.asGenerated) tally.asGenerated++;
  for (const { name, elements, unsaturated, differing, drifting } of comparison.outputs) {
    tally.outputs += elements;
    tally.unsaturated += unsaturated;
    tally.differing += differing;
    tally.drifting += drifting;
    const label = labels.get(name) as string;
    tally.histogram[label] = (tally.histogram[label] ?? 0) + elements;
  }
  if (isWrong(comparison)) tally.wrong.push(index);
}
