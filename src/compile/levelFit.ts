/**
 * Exact bent forms of step functions, for those that have no affine form (ties, which round to even; small multipliers, where the
 * rounding of float32 moves thresholds) and those whose affine form needs a large remainder.
 *
 * Wanted are integers m, b, d and an increasing W on the levels such that for every x exactly the level of x fits, 0 ≤ m·x + b − W ≤ d − 1
 * (see circuits/affineStep.ts). With thresholds T_1 ≤ … ≤ T_n (T_Y is the least x of level Y) that is
 *     m·(T_Y − 1) < W(Y) − b ≤ m·T_Y            for Y = 1 … n
 *     m·(T_{Y+1} − 1) < W(Y) + d − b ≤ m·T_{Y+1}   for Y = 0 … n − 1
 * x below the least that fits level 0, or above the last that fits level n, are saturated. W(Y) is Σ weight_i · bit_i over the bits of the
 * level, so a real W is a point in few dimensions, and the best (the least ε with |W(Y) − b − T_Y + ½| ≤ ½ − …) is a small linear
 * program. Where ties round to even, levels are alternately long and short, and d may depend on the lowest bit. m · (1 − 2ε) ≥ 1 is needed, and rounding the weights for such an m nearly always works. Where no weights of bits do,
 * products of bits join in, as few as possible: the program with the least sum of their weights has few that are not zero.
 * Whatever the search does, what it returns has been checked exactly, threshold by threshold.
 */
import type { Bend, BendProduct } from '../../circuits/affineStep.js';
import { rangeBits, rangeWeights } from '../../circuits/range.js';
import type { StepFunction } from '../program/step.js';
import { shadowPrices, type SparseColumn } from './linearProgram.js';

/** A form of a step function; `bend` is W. Levels up to `span` are written, of which the last ones may be out of reach. */
export interface LevelForm {
  readonly m: number;
  readonly b: number;
  readonly d: number;
  readonly span: number;
  readonly bend: Bend;
}

/** Larger slopes cost more than they are worth. */
const LARGEST_SLOPE = 4_096;
/** Slopes tried beyond the least that can work. */
const SLOPES = 48;
/** Slope that a form with products is asked to allow. */
const SLOPE_WITH_PRODUCTS = 1_024;
/** Doubles hold everything below exactly. */
const EXACT = 2 ** 51;
const FORBIDDEN = -1e7;

/** A product of bits: indices into the bits, ascending. */
type Monomial = readonly number[];

/** The constraints on W: for each pattern of bits, which threshold its ends must meet. */
interface Fitting {
  readonly span: number;
  /** The weights of the bits in the level. */
  readonly levels: readonly number[];
  readonly entries: readonly Entry[];
}

interface Entry {
  /** Bits of the level. */
  readonly pattern: readonly number[];
  /** 0 for W(Y), 1 for W(Y) + d(Y). */
  readonly end: 0 | 1;
  /** The threshold it must meet. */
  readonly threshold: number;
}

/** Beyond this the patterns of bits are too many; rescaling to 16 bits is rare. */
const MOST_LEVELS = 256;

/** A form whose W is linear in the bits. */
export function fitLevels(step: StepFunction): LevelForm | undefined {
  return firstOf(fittingsOf(step), (fitting) => solve(step, fitting, [], false));
}

/** A form in which every second level is longer: ties, which round to even. Two rows more. */
export function fitAlternatingLevels(step: StepFunction): LevelForm | undefined {
  return firstOf(fittingsOf(step), (fitting) => solve(step, fitting, [], true));
}

/** A form with as few products of bits as the search finds. */
export function fitLevelsWithProducts(step: StepFunction, alternating: boolean): LevelForm | undefined {
  return firstOf(fittingsOf(step), (fitting) => {
    const monomials = fewestMonomials(step, fitting, 0.5 - 0.5 / SLOPE_WITH_PRODUCTS, alternating);
    return monomials === undefined ? undefined : solve(step, fitting, monomials, alternating);
  });
}

function firstOf<T, R>(values: readonly T[], attempt: (value: T) => R | undefined): R | undefined {
  for (const value of values) {
    const result = attempt(value);
    if (result !== undefined) return result;
  }
  return undefined;
}

/**
 * Patterns and thresholds. Where the last level does not saturate, the levels beyond it are out of reach, and binary weights give
 * each level one pattern; the mixed weights of a range check always do. None for a function with jumps of several levels, which no
 * increasing W skips.
 */
function fittingsOf({ thresholds, xHi }: StepFunction): Fitting[] {
  const count = thresholds.length;
  if (count < 2 || count >= MOST_LEVELS) return [];
  for (let i = 1; i < count; i++) if ((thresholds[i] as number) <= (thresholds[i - 1] as number)) return [];
  const last = thresholds[count - 1] as number;
  const average = (last - (thresholds[0] as number)) / (count - 1);
  const full = 2 ** rangeBits(count) - 1;
  const spans = full > count && xHi - last < average ? [full, count] : [count];
  return spans.map((span) => {
    const levels = rangeWeights(span);
    const entries = Array.from({ length: 2 ** levels.length }, (_, index) => levels.map((_, bit) => (index >> bit) & 1)).flatMap((pattern) => {
      const level = levelOf(pattern, levels);
      const lower: Entry[] = level >= 1 && level <= count ? [{ pattern, end: 0, threshold: thresholds[level - 1] as number }] : [];
      return level < count ? [...lower, { pattern, end: 1 as const, threshold: thresholds[level] as number }] : lower;
    });
    return { span, levels, entries };
  });
}

function levelOf(pattern: readonly number[], levels: readonly number[]): number {
  return levels.reduce((sum, weight, bit) => sum + weight * (pattern[bit] as number), 0);
}

/** The value of a monomial for a pattern of bits. */
function valueOf(monomial: Monomial, pattern: readonly number[]): number {
  for (const bit of monomial) if (pattern[bit] === 0) return 0;
  return 1;
}

/** W as a real function and its ε: weights of the bits, then of the monomials. */
function leastDeviation(step: StepFunction, fitting: Fitting, monomials: readonly Monomial[], alternating: boolean): { weights: Float64Array; deviation: number } | undefined {
  const line = lineOf(step, fitting);
  const { entries } = fitting;
  const bits = fitting.levels.length;
  const size = bits + monomials.length + unknownEnds(alternating);
  // Dual of: minimise ε, |row · z − target| ≤ ε. One column for each side of each row, Σ v = 1.
  const columns: SparseColumn[] = [];
  const costs: number[] = [];
  for (const entry of entries) {
    const column = columnOf(entry, monomials, alternating);
    const target = line.residual(entry);
    for (const sign of [1, -1]) {
      columns.push({ equations: Int32Array.of(...column.equations, size), values: Float64Array.of(...column.values.map((value) => sign * value), 1) });
      costs.push(sign * target);
    }
  }
  const rhs = new Float64Array(size + 1);
  rhs[size] = 1;
  const prices = shadowPrices({ columns, costs: Float64Array.from(costs), rhs, startCosts: new Float64Array(size + 1).fill(FORBIDDEN) });
  if (prices === undefined) return undefined;
  return { weights: line.restored(prices.subarray(0, bits + monomials.length)), deviation: prices[size] as number };
}

/** The monomials of a real W with deviation at most `bound` whose weights have the least sum; undefined when there is none. */
function fewestMonomials(step: StepFunction, fitting: Fitting, bound: number, alternating: boolean): Monomial[] | undefined {
  const line = lineOf(step, fitting);
  const { entries } = fitting;
  const bits = fitting.levels.length;
  const candidates = monomialsOf(bits);
  const free = bits + unknownEnds(alternating);
  // Dual of: minimise Σ price_j · |p_j|, |row · z + products · p − target| ≤ bound. Equations: 0 for each free weight, and two
  // inequalities |…| ≤ price_j, with slacks, for each candidate.
  const size = free + 2 * candidates.length;
  const columns: SparseColumn[] = [];
  const costs: number[] = [];
  for (const entry of entries) {
    const { equations, values } = columnOf(entry, [], alternating);
    candidates.forEach((monomial, j) => {
      if (valueOf(monomial, entry.pattern) === 0) return;
      equations.push(free + 2 * j, free + 2 * j + 1);
      values.push(1, -1);
    });
    const target = line.residual(entry);
    for (const sign of [1, -1]) {
      columns.push({ equations: Int32Array.from(equations), values: Float64Array.from(values, (value) => sign * value) });
      costs.push(sign * target - bound);
    }
  }
  const rhs = new Float64Array(size);
  const startCosts = new Float64Array(size);
  // Small right-hand sides instead of zeros keep the method from going round in circles.
  for (let i = 0; i < free; i++) {
    rhs[i] = 1e-7 * (i + 1);
    startCosts[i] = FORBIDDEN;
  }
  candidates.forEach((monomial, j) => {
    for (const side of [0, 1]) {
      const equation = free + 2 * j + side;
      rhs[equation] = monomial.length - 1 + 1e-5 * (j + 1);
      columns.push({ equations: Int32Array.of(equation), values: Float64Array.of(1) });
      costs.push(0);
    }
  });
  const prices = shadowPrices({ columns, costs: Float64Array.from(costs), rhs, startCosts });
  if (prices === undefined) return undefined;
  return candidates.filter((_, j) => Math.abs((prices[free + 2 * j] as number) - (prices[free + 2 * j + 1] as number)) > 1e-7);
}

/** Products of two bits, and of the lowest (the parity of the level, which ties look at) with two others. */
function monomialsOf(bits: number): Monomial[] {
  const result: Monomial[] = [];
  for (let i = 0; i < bits; i++) for (let j = i + 1; j < bits; j++) result.push([i, j]);
  for (let i = 1; i < bits; i++) for (let j = i + 1; j < bits; j++) result.push([0, i, j]);
  return result;
}

/** −b and d, or −b and a d for each value of the lowest bit. */
function unknownEnds(alternating: boolean): number {
  return alternating ? 3 : 2;
}

/** The coefficients, not zero, of the weights of bits and monomials, of −b, and of d (for even and for odd patterns): one for each unknown, in that order. */
function columnOf({ pattern, end }: Entry, monomials: readonly Monomial[], alternating: boolean): { equations: number[]; values: number[] } {
  const [lowest] = pattern as [number];
  const unknowns = [...pattern, ...monomials.map((monomial) => valueOf(monomial, pattern)), -1, ...(alternating ? [end * (1 - lowest), end * lowest] : [end])];
  const equations: number[] = [];
  const values: number[] = [];
  unknowns.forEach((value, unknown) => {
    if (value === 0) return;
    equations.push(unknown);
    values.push(value);
  });
  return { equations, values };
}

/** Takes a straight line away from the targets, so that doubles lose nothing to large numbers. */
function lineOf({ thresholds }: StepFunction, { levels }: Fitting): { residual: (entry: Entry) => number; restored: (weights: Float64Array) => Float64Array } {
  const first = thresholds[0] as number;
  const slope = ((thresholds[thresholds.length - 1] as number) - first) / (thresholds.length - 1);
  return {
    residual: ({ pattern, end, threshold }) => threshold - 0.5 - first - slope * (levelOf(pattern, levels) + end - 1),
    restored: (weights) => weights.map((weight, i) => weight + slope * (levels[i] ?? 0)),
  };
}

/** Looks for integers near a real W, the smallest slope first. */
function solve(step: StepFunction, fitting: Fitting, monomials: readonly Monomial[], alternating: boolean): LevelForm | undefined {
  const real = leastDeviation(step, fitting, monomials, alternating);
  if (real === undefined || real.deviation >= 0.5 - 0.5 / LARGEST_SLOPE) return undefined;
  const least = Math.max(1, Math.floor(1 / (1 - 2 * real.deviation)) - 1);
  for (let m = least; m < least + SLOPES; m++) {
    const form = rounded(step, fitting, monomials, real.weights, m, alternating);
    if (form !== undefined) return form;
  }
  return undefined;
}

/** The form with these weights times m, rounded, if it is exact. This is the check. */
function rounded({ thresholds, xLo, xHi }: StepFunction, { span, levels, entries }: Fitting, monomials: readonly Monomial[], real: Float64Array, m: number, alternating: boolean): LevelForm | undefined {
  const count = thresholds.length;
  const weights = Array.from(real, (weight) => Math.round(weight * m));
  const straight: Bend = { weights: weights.slice(0, levels.length), products: productsOf(monomials, weights.slice(levels.length), levels.length) };
  // −b, and d − b of the patterns whose lowest bit is 0 or 1: m·(T − 1) < W(Y) − b ≤ m·T, and the same of W(Y) + d.
  const start = new Bounds();
  const ends = alternating ? ([new Bounds(), new Bounds()] as const) : repeated(new Bounds());
  const boundsAt = ({ pattern, end }: Entry): Bounds => (end === 0 ? start : ends[pattern[0] as 0 | 1]);
  for (const entry of entries) {
    const value = valueAt(straight, entry.pattern);
    boundsAt(entry).narrow(m * (entry.threshold - 1) + 1 - value, m * entry.threshold - value);
  }
  if (span > count) {
    // The last level fits up to xHi, and the one beyond it never does: W(n) + d > t, W(n + 1) > t.
    const at = (level: number) => valueAt(straight, levels.map((_, bit) => Math.floor(level / 2 ** bit) % 2));
    ends[(count % 2) as 0 | 1].narrow(m * xHi + 1 - at(count), Infinity);
    start.narrow(m * xHi + 1 - at(count + 1), Infinity);
  }
  if (start.isEmpty || ends.some((bounds) => bounds.isEmpty)) return undefined;
  const [even, odd] = ends.map(({ least }) => least) as [number, number];
  const short = odd < even ? 1 : 0;
  // d = dMinusB + b. The extra part may not exceed d: first the short levels take what they may, then b grows, and d with it.
  const longest = Math.max(even, odd);
  const least = Math.min(even, odd) - start.most;
  const dMinusB = Math.min(Math.max(least, Math.ceil((longest - start.most) / 2)) + start.most, ends[short].most);
  const extra = Math.max(longest - dMinusB, 0);
  const b = Math.max(-start.most, extra - dMinusB);
  const d = dMinusB + b;
  if (b > -start.least) return undefined;
  const bend: Bend = extra === 0 ? straight : { ...straight, longer: { bit: odd > even ? 1 : 0, extra } };
  const extreme = Math.max(Math.abs(m * xLo + b), Math.abs(m * xHi + b), valueAt(bend, levels.map(() => 1)) + d + extra);
  return d >= 1 && extra <= d && extreme < EXACT && isIncreasing(bend, levels) ? { m, b, d, span, bend } : undefined;
}

/** An interval of integers. */
class Bounds {
  least = -Infinity;
  most = Infinity;

  narrow(least: number, most: number): void {
    this.least = Math.max(this.least, least);
    this.most = Math.min(this.most, most);
  }

  get isEmpty(): boolean {
    return this.least > this.most;
  }
}

function repeated<T>(value: T): readonly [T, T] {
  return [value, value];
}

/** Whether W grows from each level to the next, for all patterns. W(0) is 0. */
function isIncreasing(bend: Bend, levels: readonly number[]): boolean {
  const patterns = Array.from({ length: 2 ** levels.length }, (_, index) => levels.map((_, bit) => (index >> bit) & 1));
  const sorted = patterns.map((pattern) => ({ level: levelOf(pattern, levels), value: valueAt(bend, pattern) })).sort((left, right) => left.level - right.level || left.value - right.value);
  return sorted.every(({ level, value }, i) => {
    const before = sorted[i - 1];
    return before === undefined || level === before.level || value > before.value;
  });
}

function valueAt({ weights, products }: Bend, pattern: readonly number[]): number {
  let sum = 0;
  for (let bit = 0; bit < weights.length; bit++) if (pattern[bit] === 1) sum += weights[bit] as number;
  if (products.length === 0) return sum;
  const factors = [...pattern];
  for (const { left, right, weight } of products) {
    const product = (factors[left] as number) * (factors[right] as number);
    factors.push(product);
    sum += weight * product;
  }
  return sum;
}

/** Monomials as a chain of products; one of three bits is a product of two, times the third. */
function productsOf(monomials: readonly Monomial[], weights: readonly number[], bits: number): BendProduct[] {
  const result: BendProduct[] = [];
  const places = new Map<string, number>();
  const place = (monomial: Monomial): number => {
    const [first, ...rest] = monomial;
    if (rest.length === 0) return first as number;
    const key = monomial.join();
    const known = places.get(key);
    if (known !== undefined) return known;
    const left = place(monomial.slice(0, -1));
    result.push({ left, right: monomial.at(-1) as number, weight: 0 });
    const own = bits + result.length - 1;
    places.set(key, own);
    return own;
  };
  monomials.forEach((monomial, i) => {
    const index = place(monomial) - bits;
    result[index] = { ...(result[index] as BendProduct), weight: weights[i] as number };
  });
  return result;
}
