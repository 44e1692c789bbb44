/**
 * Functions of two quantized tensors: what Add, Sub and Mul between DequantizeLinear and QuantizeLinear come to, and QLinearAdd and
 * QLinearMul. An 8-bit pair has at most 65,536 cases, so a form of the function is proven by trying them all: a non-decreasing step
 * of an integer t = p·a + q·b (sums) or t = (a − aZero)·(b − bZero) (products), some 30 to 80 rows. Where float rounding leaves no
 * such step, and for quotients, it is a table of all pairs: 768 rows.
 */
import { ZkonnxError } from '../errors/index.js';
import type { GraphNode } from '../onnx/graph.js';
import { hull } from '../program/interval.js';
import type { TensorId } from '../program/program.js';
import type { StepFunction } from '../program/step.js';
import type { LoweringContext } from './context.js';
import { broadcastIndex } from './broadcast.js';

export interface PairFunction {
  readonly left: TensorId;
  readonly right: TensorId;
  /** The exact integer result for each pair of values. */
  readonly evaluate: (a: number, b: number) => number;
}

/** The values that a pair can take, and what becomes of each. */
interface Cases {
  readonly aLo: number;
  readonly aHi: number;
  readonly bLo: number;
  readonly bHi: number;
  readonly evaluate: (a: number, b: number) => number;
}

/**
 * Appends the function of a sum. `leftSlope` and `rightSlope` are its real slopes, from which integer ones are found.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED when the operands are too wide to try all pairs.
 */
export function defineSumStep(node: GraphNode, context: LoweringContext, pair: PairFunction, leftSlope: number, rightSlope: number): void {
  const cases = casesOf(node, context, pair);
  const form = fitSum(cases, leftSlope, rightSlope) ?? monotoneSum(cases, leftSlope, rightSlope);
  if (form === undefined) {
    definePairTable(node, context, pair);
    return;
  }
  const sum = weightedSum(node, context, pair, { p: form.p, q: form.q, constant: 0 });
  context.define(node, { kind: 'step', inputs: [sum], inner: 1, functions: [form.step] });
}

/**
 * Appends any function of two operands as one table of all pairs: the pair a, b is entry (a − aLo)·width + b − bLo.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED when the operands are too wide to try all pairs.
 */
export function definePairTable(node: GraphNode, context: LoweringContext, pair: PairFunction): void {
  const { aLo, aHi, bLo, bHi, evaluate } = casesOf(node, context, pair);
  const width = bHi - bLo + 1;
  if ((aHi - aLo + 1) * width > MOST_ENTRIES) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
      message: `Node "${node.name}" (${node.opType}) is no step function of an integer sum or product of its operands, and a table of all pairs would be too large.`,
      node: node.name,
      expected: `at most ${MOST_ENTRIES.toLocaleString('en')} pairs`,
      found: `[${aLo}, ${aHi}] and [${bLo}, ${bHi}]`,
      fix: 'Quantize both operands to 8 bits.',
    });
  }
  const entry = weightedSum(node, context, pair, { p: width, q: 1, constant: -aLo * width - bLo });
  const table = Float64Array.from({ length: (aHi - aLo + 1) * width }, (_, i) => evaluate(aLo + Math.floor(i / width), bLo + (i % width)));
  context.define(node, { kind: 'table', inputs: [entry], inner: 1, lo: 0, tables: [table] });
}

/** p·a + q·b + constant, broadcast to the shape of the result. */
function weightedSum(node: GraphNode, context: LoweringContext, pair: PairFunction, { p, q, constant }: { p: number; q: number; constant: number }): TensorId {
  const { shape } = context.type(node.outputs[0] as string);
  const [left, right] = [context.program.tensor(pair.left), context.program.tensor(pair.right)];
  const leftCount = left.bounds.lo.length;
  return context.program.add(
    {
      kind: 'linear',
      inputs: [pair.left, pair.right],
      map: {
        kind: 'sum',
        factors: [p, q],
        indices: [broadcastIndex(left.shape, shape), broadcastIndex(right.shape, shape).map((index) => leftCount + index)],
        constant: new Int32Array(shape.reduce((total, size) => total * size, 1)).fill(constant),
      },
    },
    { name: `${node.outputs[0]}:sum`, node: node.name, type: 'int32', shape },
  );
}

/**
 * Appends the function of a product.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED when the operands are too wide to try all pairs.
 */
export function defineProductStep(node: GraphNode, context: LoweringContext, pair: PairFunction, leftZero: number, rightZero: number): void {
  const cases = casesOf(node, context, pair);
  const step = monotoneStep(cases, (a, b) => (a - leftZero) * (b - rightZero));
  if (step === undefined) {
    definePairTable(node, context, pair);
    return;
  }
  const { shape } = context.type(node.outputs[0] as string);
  const index = (id: TensorId) => broadcastIndex(context.program.tensor(id).shape, shape);
  const product = context.program.add(
    { kind: 'product', inputs: [pair.left, pair.right], terms: 1, left: index(pair.left), right: index(pair.right), leftZero, rightZero },
    { name: `${node.outputs[0]}:product`, node: node.name, type: 'int32', shape },
  );
  context.define(node, { kind: 'step', inputs: [product], inner: 1, functions: [step] });
}

const MOST_CASES = 2 ** 17;

const MOST_ENTRIES = 2 ** 16;

function casesOf(node: GraphNode, context: LoweringContext, { left, right, evaluate }: PairFunction): Cases {
  const a = hull(context.program.tensor(left).bounds);
  const b = hull(context.program.tensor(right).bounds);
  if ((a.hi - a.lo + 1) * (b.hi - b.lo + 1) > MOST_CASES) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) combines two tensors that are too wide to try all pairs.`, node: node.name, expected: '8-bit operands', found: `[${a.lo}, ${a.hi}] and [${b.lo}, ${b.hi}]`, fix: 'Quantize both operands to 8 bits.' });
  }
  return { aLo: a.lo, aHi: a.hi, bLo: b.lo, bHi: b.hi, evaluate };
}

interface SumForm {
  readonly p: number;
  readonly q: number;
  readonly step: StepFunction;
}

/** Divisors up to here are tried; the remainder of the division costs their binary logarithm in rows. */
const LARGEST_DIVISOR = 2 ** 16;

const DECISIVE_CASES = 16;

/** Integers p, q, c and the smallest d with ⌊(p·a + q·b + c) / d⌋ = F(a, b) − least wherever F does not saturate, and beyond the ends where it does. */
function fitSum(cases: Cases, leftSlope: number, rightSlope: number): SumForm | undefined {
  const { aLo, aHi, bLo, bHi } = cases;
  const width = bHi - bLo + 1;
  const values = new Int32Array((aHi - aLo + 1) * width);
  for (let a = aLo; a <= aHi; a++) for (let b = bLo; b <= bHi; b++) values[(a - aLo) * width + b - bLo] = cases.evaluate(a, b);
  const least = values.reduce((low, value) => Math.min(low, value), Infinity);
  const most = values.reduce((high, value) => Math.max(high, value), -Infinity);
  const order = spread(values.length);
  // The pairs of cases that ruled out a candidate, the latest first: they soon rule out the next one as well.
  let decisive: number[] = [];
  for (let d = 1; d <= LARGEST_DIVISOR; d++) {
    for (const p of near(leftSlope * d)) {
      for (const q of near(rightSlope * d)) {
        let lower = -Infinity;
        let upper = Infinity;
        let lowerCase = 0;
        let upperCase = 0;
        for (const tried of [decisive, order]) {
          for (const index of tried) {
            const t = p * (aLo + Math.floor(index / width)) + q * (bLo + (index % width));
            const value = values[index] as number;
            const floor = value > least ? (value - least) * d - t : -Infinity;
            const ceiling = value < most ? (value - least + 1) * d - 1 - t : Infinity;
            if (floor > lower) [lower, lowerCase] = [floor, index];
            if (ceiling < upper) [upper, upperCase] = [ceiling, index];
            if (lower > upper) break;
          }
          if (lower > upper) break;
        }
        if (lower > upper) {
          decisive = [lowerCase, upperCase, ...decisive.filter((index) => index !== lowerCase && index !== upperCase)].slice(0, DECISIVE_CASES);
          continue;
        }
        const c = Number.isFinite(lower) ? lower : upper;
        const ends = [aLo, aHi].flatMap((a) => [bLo, bHi].map((b) => p * a + q * b));
        return {
          p,
          q,
          step: { xLo: Math.min(...ends), xHi: Math.max(...ends), lo: least, thresholds: Int32Array.from({ length: most - least }, (_, j) => (j + 1) * d - c) },
        };
      }
    }
  }
  return undefined;
}

/** A fine integer grid on which the function is at least a non-decreasing step, when it has no affine form (exact ties). */
function monotoneSum(cases: Cases, leftSlope: number, rightSlope: number): SumForm | undefined {
  for (const d of [1, 2, 4, 2 ** 8, 2 ** 12, 2 ** 16, 2 ** 20]) {
    const [p, q] = [Math.round(leftSlope * d), Math.round(rightSlope * d)];
    const step = monotoneStep(cases, (a, b) => p * a + q * b);
    if (step !== undefined) return { p, q, step };
  }
  return undefined;
}

/** The function as a non-decreasing step of t(a, b), or undefined when it is none. Tries every case. */
function monotoneStep({ aLo, aHi, bLo, bHi, evaluate }: Cases, t: (a: number, b: number) => number): StepFunction | undefined {
  const values = new Map<number, number>();
  for (let a = aLo; a <= aHi; a++) {
    for (let b = bLo; b <= bHi; b++) {
      const value = evaluate(a, b);
      const position = t(a, b);
      const known = values.get(position);
      if (known !== undefined && known !== value) return undefined;
      values.set(position, value);
    }
  }
  const positions = Float64Array.from(values.keys()).sort();
  const [first, last] = [positions[0] as number, positions[positions.length - 1] as number];
  const lo = values.get(first) as number;
  const thresholds: number[] = [];
  for (const position of positions) {
    const value = values.get(position) as number;
    if (value < lo + thresholds.length) return undefined;
    while (lo + thresholds.length < value) thresholds.push(position);
  }
  return { xLo: first, xHi: last, lo, thresholds: Int32Array.from(thresholds) };
}

function near(value: number): number[] {
  const center = Math.round(value);
  return [center, Math.floor(value) === center ? center + 1 : center - 1];
}

/** All indices below n, in an order that jumps about. */
function spread(n: number): Int32Array {
  const stride = 40_503;
  const order = new Int32Array(n);
  const coprime = gcd(stride, n) === 1 ? stride : 1;
  for (let i = 0, index = 0; i < n; i++, index = (index + coprime) % n) order[i] = index;
  return order;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
