/** Many random graphs, one after the other, and what they add up to. */
import { encodeModel } from '../../src/onnx/encode.js';
import { GraphBuilder } from '../../src/onnx/testing/graphBuilder.js';
import { run, withSession } from '../../src/runtime/session.js';
import { compareGraph, isWrong, type Compared, type Refused } from './compare.js';
import { MAKERS, randomGraph, type RandomGraph } from './generator.js';
import { INTEGER_MAKERS, randomIntegerGraph } from './integerGraph.js';
import { Random } from './random.js';

/** The kinds of graphs: quantized in either style, or of integer tensors without scales. */
type Kind = 'qoperator' | 'qdq' | 'integer';

export const FAMILIES = ['quantized', 'integer', 'all'] as const;
export type Family = (typeof FAMILIES)[number];

/** How often each kind is made. */
const MIX: Readonly<Record<Family, readonly Kind[]>> = { quantized: ['qoperator', 'qdq'], integer: ['integer'], all: ['qoperator', 'qdq', 'integer', 'integer'] };

/** Runs of each graph, with inputs of their own: a witness costs much less than a circuit. */
const INPUT_SETS = 4;

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
  /** Of the outputs those of integer graphs. */
  integer: number;
  /** Outputs of 8-bit types in quantized graphs, and those of them that are not at an end of their type. */
  narrow: number;
  unsaturated: number;
  differing: number;
  /** Outputs that library functions make different from the graph as generated. */
  drifting: number;
  rows: number;
  /** Witnesses that were checked row by row. */
  witnesses: number;
  /** Portable graphs and their outputs, which were compared on the web too. */
  portable: number;
  onWeb: number;
  /** Graphs that were compared as they were generated too. */
  asGenerated: number;
  /** Outputs by operator. */
  readonly histogram: Record<string, number>;
  /** Refusals of whole graphs, by code. */
  readonly refusals: Record<string, number>;
  /** Indices of graphs that are wrong. */
  readonly wrong: number[];
}

const SUMS = ['graphs', 'refused', 'outputs', 'integer', 'narrow', 'unsaturated', 'differing', 'drifting', 'rows', 'witnesses', 'portable', 'onWeb', 'asGenerated'] as const;

export function emptyTally(): Tally {
  return { ...Object.fromEntries(SUMS.map((key) => [key, 0])) as Record<(typeof SUMS)[number], number>, histogram: {}, refusals: {}, wrong: [] };
}

export function addTally(sum: Tally, part: Tally): void {
  for (const key of SUMS) sum[key] += part[key];
  for (const [label, outputs] of Object.entries(part.histogram)) sum.histogram[label] = (sum.histogram[label] ?? 0) + outputs;
  for (const [code, graphs] of Object.entries(part.refusals)) sum.refusals[code] = (sum.refusals[code] ?? 0) + graphs;
  sum.wrong.push(...part.wrong);
}

/** Operators that are chosen more often, since they fit few tensors or make small ones. */
const WEIGHTS: Readonly<Record<string, number>> = { gemm: 4, matMulActivations: 2, argMaxFirst: 2, gatherNDComputed: 2, ReduceProd: 3 };

/** Attempts per operator to find a graph of it alone that both sides take. */
const PROBES = 6;

/** Tries every operator of a family alone. What is never taken is left out, so that new operators join by themselves. */
export async function probePalette(family: Family): Promise<Palette> {
  const mixedProducts = await exactMixedProducts();
  const makers: Record<Kind, string[]> = { qoperator: [], qdq: [], integer: [] };
  const refused: Record<string, string> = {};
  for (const kind of new Set(MIX[family])) {
    for (const [index, name] of Object.keys(kind === 'integer' ? INTEGER_MAKERS : MAKERS).entries()) {
      let code: string | undefined;
      let taken = false;
      for (let probe = 0; probe < PROBES && !taken; probe++) {
        const made = await make(kind, { random: new Random(index, probe), makers: [name], steps: 1, mixedProducts, inputSets: 1 });
        if (made === undefined) continue;
        const comparison = await compareGraph(made.graph, made.inputSets);
        if (comparison.verdict === 'refused') code = refusalOf(comparison);
        else taken = true;
      }
      if (taken) makers[kind].push(...new Array<string>(WEIGHTS[name] ?? 1).fill(name));
      else if (code !== undefined) refused[`${name} (${kind})`] = code;
    }
  }
  return { makers, refused, mixedProducts };
}

function refusalOf({ by, code }: Refused): string {
  return by === 'zkonnx' ? code : `${by} ${code}`;
}

interface MakeOptions {
  readonly random: Random;
  readonly makers: readonly string[];
  readonly steps: number;
  readonly mixedProducts: boolean;
  readonly inputSets: number;
}

async function make(kind: Kind, { random, ...options }: MakeOptions): Promise<RandomGraph | undefined> {
  return kind === 'integer' ? randomIntegerGraph(random, options) : randomGraph(random, { style: kind, ...options });
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

/** What makes the graphs of a campaign the same again. */
export interface Campaign {
  readonly palette: Palette;
  readonly family: Family;
  readonly seed: number;
}

/** Graph number `index` of a campaign; undefined when its choices led nowhere. */
export async function graphOf({ palette, family, seed }: Campaign, index: number): Promise<(RandomGraph & { readonly kind: Kind }) | undefined> {
  const random = new Random(seed, index);
  const kind = random.pick(MIX[family]);
  const made = await make(kind, { random, makers: palette.makers[kind], steps: random.int(1, 12), mixedProducts: palette.mixedProducts, inputSets: INPUT_SETS });
  return made === undefined ? undefined : { ...made, kind };
}

export async function runGraph(campaign: Campaign, index: number): Promise<Tally> {
  const tally = emptyTally();
  const made = await graphOf(campaign, index);
  if (made === undefined) return tally;
  const comparison = await compareGraph(made.graph, made.inputSets);
  if (isWrong(comparison)) tally.wrong.push(index);
  if (comparison.verdict === 'refused') {
    tally.refused++;
    tally.refusals[refusalOf(comparison)] = 1;
  } else if (comparison.verdict === 'compared') {
    record(tally, made, comparison);
  }
  return tally;
}

function record(tally: Tally, { labels, kind }: RandomGraph & { readonly kind: Kind }, { rows, witnesses, asGenerated, portable, outputs }: Compared): void {
  tally.graphs++;
  tally.rows += rows * witnesses;
  tally.witnesses += witnesses;
  if (asGenerated) tally.asGenerated++;
  if (portable) tally.portable++;
  for (const { name, elements, narrow, unsaturated, differing, drifting, onWeb } of outputs) {
    tally.outputs += elements;
    if (kind === 'integer') tally.integer += elements;
    else {
      tally.narrow += narrow;
      tally.unsaturated += unsaturated;
    }
    tally.differing += differing;
    tally.drifting += drifting;
    tally.onWeb += onWeb;
    const label = labels.get(name) as string;
    tally.histogram[label] = (tally.histogram[label] ?? 0) + elements;
  }
}
