/**
 * Whether the local ONNX Runtime computes the operators that differ between processors as the circuits do. Each probe is one node on
 * values on which the known implementations part: products of uint8 and int8 whose sums of two leave int16 (VPMADDUBSW saturates
 * there, VNNI and ARM do not: https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html), and sums of
 * QLinearAdd that end near a half (fused multiply-add on x86-64 with AVX2, plain float32 elsewhere, fixed point on ARM).
 */
import { encodeModel } from '../onnx/encode.js';
import type { Attribute, ElementType, Graph, Tensor, TensorType } from '../onnx/graph.js';
import { run, withSession } from './session.js';

/** An operator that the local runtime computes in another way than the circuits do. */
export interface ArithmeticDifference {
  /** The operators of the canonical graph that share this arithmetic. */
  readonly operators: readonly string[];
  /** What is computed differently, in words. */
  readonly what: string;
  /** The first value of the probe that differs: by the reference arithmetic, and as it was found. */
  readonly expected: number;
  readonly found: number;
  /** What to do about it. */
  readonly fix: string;
}

/** Runs a model of one node. */
export type RunGraph = (model: Uint8Array, inputs: ReadonlyMap<string, Tensor>) => Promise<ReadonlyMap<string, Tensor>>;

/**
 * Runs all probes, a few milliseconds each. A probe that the runtime cannot run says nothing.
 * @param runGraph default: the local onnxruntime-node, with graph optimisation disabled, as canonical graphs are run
 */
export async function probeArithmetic(runGraph: RunGraph = runLocally): Promise<ArithmeticDifference[]> {
  const differences: ArithmeticDifference[] = [];
  for (const probe of PROBES) {
    const found = await resultOf(probe, runGraph);
    const index = found === undefined ? -1 : probe.expected.findIndex((value, at) => value !== found[at]);
    if (found === undefined || index < 0) continue;
    const { operators, what, fix } = probe;
    differences.push({ operators, what, fix, expected: probe.expected[index] as number, found: found[index] as number });
  }
  return differences;
}

const runLocally: RunGraph = (bytes, inputs) => withSession({ bytes }, (session) => run(session, inputs));

async function resultOf({ graph, inputs }: Probe, runGraph: RunGraph): Promise<number[] | undefined> {
  try {
    const [output] = (await runGraph(encodeModel(graph), inputs)).values();
    return Array.from(output?.data ?? [], Number);
  } catch {
    return undefined;
  }
}

interface Probe extends Pick<ArithmeticDifference, 'operators' | 'what' | 'fix'> {
  readonly graph: Graph;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly expected: readonly number[];
}

interface ProbeNode {
  readonly opType: string;
  readonly domain?: string;
  /** Operands by name, in order; those in `given` are inputs of the graph. */
  readonly operands: Readonly<Record<string, Tensor>>;
  readonly given: readonly string[];
  readonly result: TensorType;
  readonly attributes?: ReadonlyMap<string, Attribute>;
}

function oneNode({ opType, domain = '', operands, given, result, attributes = new Map() }: ProbeNode): Pick<Probe, 'graph' | 'inputs'> {
  const entries = Object.entries(operands);
  const inputs = entries.filter(([name]) => given.includes(name));
  return {
    graph: {
      name: 'probe',
      inputs: inputs.map(([name, { type, shape }]) => ({ name, type, shape })),
      outputs: [{ name: 'y', ...result }],
      initializers: new Map(entries.filter(([name]) => !given.includes(name))),
      nodes: [{ name: 'probe', opType, domain, inputs: entries.map(([name]) => name), outputs: ['y'], attributes }],
      opsets: new Map([['', 13], ['com.microsoft', 1]]),
    },
    inputs: new Map(inputs),
  };
}

function bytes(type: 'uint8' | 'int8', shape: readonly number[], values: Iterable<number>): Tensor {
  return { type, shape, data: type === 'uint8' ? Uint8Array.from(values) : Int8Array.from(values) };
}

function scalar(type: Extract<ElementType, 'uint8' | 'int8'>, value: number): Tensor {
  return bytes(type, [], [value]);
}

function scale(value: number): Tensor {
  return { type: 'float32', shape: [], data: Float32Array.of(value) };
}

function repeated(value: number, count: number): number[] {
  return new Array<number>(count).fill(value);
}

/** Terms of each sum of products, and how many sums: enough for the widest kernel. */
const TERMS = 64;
const SUMS = 16;
/** 255 · 127 · 64; half of it where two products at a time are held to 32,767. */
const PRODUCTS = 255 * 127 * TERMS;
/** QLinearConv and QLinearMatMul divide by this much: the result is 104 (103.6), about 52 where sums saturate. */
const DIVISOR = 20_000;

const SATURATION = {
  what: 'sums of two products of uint8 and int8 saturate at 16 bits, as on x86 processors without VNNI',
  fix: 'Prove on a processor with VNNI or on ARM, or quantize to int8 activations and int8 weights (`zkonnx quantize` does), which every processor computes alike.',
} as const;

/** Pairs at which a + 0.75·b, with these zero points, ends near a half, and what fused multiply-adds make of them. */
const ADD = {
  scales: [0.05737345665693283, 0.043030090630054474, 0.05737345665693283],
  zeroPoints: [191, 200, 223],
  a: [0, 0, 0, 0, 0, 0, 0, 0, 73, 75, 76, 77, 78, 79, 79, 80],
  b: [162, 170, 178, 186, 194, 202, 210, 218, 62, 62, 58, 62, 58, 54, 62, 58],
  expected: [3, 9, 15, 21, 27, 33, 39, 45, 2, 4, 2, 6, 4, 2, 8, 6],
} as const;
/** How often the pairs are repeated, so that vector kernels see them. */
const ROUNDS = 8;

const PROBES: readonly Probe[] = [
  {
    operators: ['MatMulInteger', 'ConvInteger'],
    ...SATURATION,
    ...oneNode({
      opType: 'MatMulInteger',
      operands: { a: bytes('uint8', [1, TERMS], repeated(255, TERMS)), b: bytes('int8', [TERMS, SUMS], repeated(127, TERMS * SUMS)) },
      given: ['a'],
      result: { type: 'int32', shape: [1, SUMS] },
    }),
    expected: repeated(PRODUCTS, SUMS),
  },
  {
    operators: ['QLinearMatMul', 'QGemm'],
    ...SATURATION,
    ...oneNode({
      opType: 'QLinearMatMul',
      operands: {
        a: bytes('uint8', [1, TERMS], repeated(255, TERMS)),
        aScale: scale(1),
        aZero: scalar('uint8', 0),
        b: bytes('int8', [TERMS, SUMS], repeated(127, TERMS * SUMS)),
        bScale: scale(1),
        bZero: scalar('int8', 0),
        yScale: scale(DIVISOR),
        yZero: scalar('uint8', 0),
      },
      given: ['a'],
      result: { type: 'uint8', shape: [1, SUMS] },
    }),
    expected: repeated(Math.round(PRODUCTS / DIVISOR), SUMS),
  },
  {
    operators: ['QLinearConv'],
    ...SATURATION,
    ...oneNode({
      opType: 'QLinearConv',
      operands: {
        x: bytes('uint8', [1, TERMS, 4, 4], repeated(255, TERMS * 16)),
        xScale: scale(1),
        xZero: scalar('uint8', 0),
        w: bytes('int8', [SUMS, TERMS, 1, 1], repeated(127, TERMS * SUMS)),
        wScale: scale(1),
        wZero: scalar('int8', 0),
        yScale: scale(DIVISOR),
        yZero: scalar('uint8', 0),
      },
      given: ['x'],
      result: { type: 'uint8', shape: [1, SUMS, 4, 4] },
    }),
    expected: repeated(Math.round(PRODUCTS / DIVISOR), SUMS * 16),
  },
  {
    operators: ['QLinearAdd'],
    what: 'QLinearAdd rounds differently from the fused multiply-adds of x86-64 with AVX2, by which the circuit is made',
    fix: 'Prove on an x86-64 processor with AVX2, or quantize with `zkonnx quantize`, which writes sums that every processor computes alike.',
    ...oneNode({
      opType: 'QLinearAdd',
      domain: 'com.microsoft',
      operands: {
        a: bytes('uint8', [ADD.a.length * ROUNDS], Array.from({ length: ROUNDS }, () => ADD.a).flat()),
        aScale: scale(ADD.scales[0]),
        aZero: scalar('uint8', ADD.zeroPoints[0]),
        b: bytes('uint8', [ADD.b.length * ROUNDS], Array.from({ length: ROUNDS }, () => ADD.b).flat()),
        bScale: scale(ADD.scales[1]),
        bZero: scalar('uint8', ADD.zeroPoints[1]),
        yScale: scale(ADD.scales[2]),
        yZero: scalar('uint8', ADD.zeroPoints[2]),
      },
      given: ['a', 'b'],
      result: { type: 'uint8', shape: [ADD.a.length * ROUNDS] },
    }),
    expected: Array.from({ length: ROUNDS }, () => ADD.expected).flat(),
  },
];
