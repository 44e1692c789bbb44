/**
 * A rescaling: y = lo + clamp(⌊(m·x + b) / d⌋, 0, span), or the same with a bent line in place of the straight one.
 *
 * The level Y ∈ [0, span] is spelled by h bits with the weights of a range check (range.ts), and W(Y) is d·Y; or, with `bend`, any
 * increasing function Σ weight_i · bit_i + Σ weight_j · product_j of those bits and of some products of them (a product costs a row).
 * r is a value in [0, d − 1] of k bits. With t = m·x + b a level fits when 0 ≤ t − W(Y) ≤ d − 1, which is what t = r + W(Y) says. For a
 * straight line that is Euclidean division: exactly one level fits when 0 ≤ t < d·(span + 1). For a bent one the same is proven of
 * every x when it is chosen (levelFit.ts). x is called saturated where t < 0 (then y = lo) and where t ≥ W(span) + d (y = lo + span).
 *
 * A bend may also let every second level be longer, as round-half-even does: with a boolean z and z · (1 − lowest bit) = 0, or
 * z · lowest bit = 0, r + extra·z ranges over [0, d − 1 + extra] for those levels. Two rows; below, r stands for this sum and k for its bits.
 *
 * inside (no x is saturated): 0 = t − r − W(Y), y = lo + Y. h + k + 1 rows. Where x is a wire, t − W(Y) is range-checked in place:
 *   one row and k wires less, or the same for d = 1.
 * apart: saturated x is spelled by V, the binary number of the bits of r and, if they are too few, some more: j bits in all. X is
 *   U − V below and O + V above, U and O the saturated x next to the others, and levels other than the saturated one push X out of
 *   the range of x: by G·Y below, by G·(span − Y) above. Where both ends saturate, X = U − (2^j − 1) + V for Y = 0 and O + V for
 *   Y = span: every low bit of Y adds a G, and the highest takes them all away again. A boolean s chooses, y = lo + Y:
 *     s · (m·X + b − r − W(Y)) = t − r − W(Y)
 *   s = 0 says that the level fits. s = 1 says m·X = m·x, so X = x, so that x is saturated, and Y is the level of that end. One of
 *   the two is false for any other Y. h + max(k, j) + 2 rows; where x is a wire, (t − r − W(Y)) · (x − X) = 0 says it without s, one
 *   row and one wire less.
 * shared: the bits of Y take part in V, so that fewer are needed when j is large. Where both ends saturate, the last bit says which:
 *   s · (m·X + b − r − W(Y)) = t − r − W(Y),   (1 − s) · (Y − span·end) = y − lo − span·end
 *   end is 0 below, 1 above, the last bit for both. s = 0: the level fits, y = lo + Y. s = 1: x = X is saturated at that end, and
 *   y = lo + span·end whatever Y is. max(h + k, j) + 3 rows, j one larger for both ends.
 * The bits of V beside those of r and Y also stand in r + W(Y), each with a weight beyond every t, so that they are 0 where s = 0.
 * In each case y is unique, and with it every wire but the patterns of mixed weights.
 *
 * Assumes: x is an integer in [xLo, xHi] (proven by the interval of the program), m ≠ 0, |m·x + b| and W(span) + d below 2^52. Then no
 * difference that a row compares reaches 2^100. Dense x stands once, in C.
 */
import { add, constant, scale, subtract, wire, ZERO, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignCheck, assignFresh, checkRows, digits, rangeBits, rangeWeights } from './range.js';

/** W(Y) as weights of bits and of products of them. It must increase with Y. */
export interface Bend {
  /** One for each bit of the level. */
  readonly weights: readonly number[];
  /** Product j is factor left · factor right; a factor below h is a bit of the level, factor h + i is product i, earlier than j. */
  readonly products: readonly BendProduct[];
  readonly longer?: LongerLevels | undefined;
}

/** Levels whose lowest bit is `bit` take remainders up to d − 1 + extra, 1 ≤ extra ≤ d. */
export interface LongerLevels {
  readonly bit: 0 | 1;
  readonly extra: number;
}

export interface BendProduct {
  readonly left: number;
  readonly right: number;
  readonly weight: number;
}

export interface AffineStepParameters {
  readonly m: number;
  readonly b: number;
  readonly d: number;
  /** y lies in [lo, lo + span]. */
  readonly span: number;
  readonly lo: number;
  /** The bounds of x. */
  readonly xLo: number;
  readonly xHi: number;
  /** Instead of d·Y. */
  readonly bend?: Bend | undefined;
  /** x is a wire, or a wire plus a constant, and may stand in A and B. */
  readonly xIsWire?: boolean | undefined;
}

type Ends = 'none' | 'below' | 'above' | 'both';

/** What the gadget looks like, x and m having changed sign where m < 0. */
interface Layout {
  readonly m: number;
  readonly xSign: 1 | -1;
  readonly ends: Ends;
  readonly form: 'inside' | 'apart' | 'shared';
  readonly levelWeights: readonly number[];
  readonly bend: Bend;
  /** The least t that is saturated above: W(span) + d, or more where the last level is longer. */
  readonly size: number;
  /** The largest x saturated below, the least saturated above. */
  readonly under: number;
  readonly over: number;
  /** Bits beside those of r (and, in the shared form, of Y). */
  readonly extraBits: number;
  /** Bits of V. */
  readonly distanceBits: number;
  /** G. */
  readonly gap: number;
  /** More than any t: the weight in r + W(Y) of the extra bits. */
  readonly lift: number;
  readonly rows: number;
}

const layouts = new WeakMap<AffineStepParameters, Layout>();

function layoutOf(parameters: AffineStepParameters): Layout {
  const known = layouts.get(parameters);
  if (known !== undefined) return known;
  const layout = draw(parameters);
  layouts.set(parameters, layout);
  return layout;
}

function draw({ m: slope, b, d, span, xLo: first, xHi: last, bend: given, xIsWire = false }: AffineStepParameters): Layout {
  const [m, xSign, xLo, xHi] = slope > 0 ? ([slope, 1, first, last] as const) : ([-slope, -1, -last, -first] as const);
  const levelWeights = rangeWeights(span);
  const bend = given ?? { weights: levelWeights.map((weight) => weight * d), products: [] };
  const size = bendValue(bend, levelWeights.map(() => 1)) + d + (bend.longer?.bit === 1 ? bend.longer.extra : 0);
  const under = Math.ceil(-b / m) - 1;
  const over = Math.ceil((size - b) / m);
  const below = xLo <= under;
  const above = xHi >= over;
  const ends: Ends = below ? (above ? 'both' : 'below') : above ? 'above' : 'none';
  const h = levelWeights.length;
  const k = rangeBits(d - 1);
  const lift = Math.max(m * xHi + b, 0) + 1;
  const base = { m, xSign, ends, levelWeights, bend, size, under, over, lift } as const;
  const products = bend.products.length + (bend.longer === undefined ? 0 : 2);
  if (ends === 'none') {
    const rows = h + products + (xIsWire ? checkRows(d - 1) : k + 1);
    return { ...base, form: 'inside', extraBits: 0, distanceBits: 0, gap: 0, rows };
  }
  const reach = Math.max(below ? rangeBits(under - xLo) : 0, above ? rangeBits(xHi - over) : 0);
  const apart = Math.max(k, reach);
  const end = ends === 'both' ? 1 : 0;
  const shared = Math.max(h + k, reach + end);
  const apartRows = h + apart + products + (xIsWire ? 1 : 2);
  const sharedRows = shared + products + 3;
  if (sharedRows < apartRows) return { ...base, form: 'shared', extraBits: shared - h - k, distanceBits: shared - end, gap: 0, rows: sharedRows };
  // No value of V brings X back into the range of x once a gap has been added or taken away.
  const lowest = below ? under - (2 ** apart - 1) : over;
  const highest = above ? over + 2 ** apart - 1 : under;
  return { ...base, form: 'apart', extraBits: apart - k, distanceBits: apart, gap: Math.max(xHi - lowest, highest - xLo) + 1, rows: apartRows };
}

/** W of a pattern of bits. */
function bendValue({ weights, products }: Bend, bits: readonly number[]): number {
  const factors = [...bits];
  let sum = weights.reduce((total, weight, i) => total + weight * (bits[i] as number), 0);
  for (const { left, right, weight } of products) {
    const product = (factors[left] as number) * (factors[right] as number);
    factors.push(product);
    sum += weight * product;
  }
  return sum;
}

export function affineStepRows(parameters: AffineStepParameters): number {
  return layoutOf(parameters).rows;
}

/** Forces y and returns it: one wire plus a constant. */
export function constrainAffineStep(cs: ConstraintSystem, operand: LinearCombination, parameters: AffineStepParameters): LinearCombination {
  const { builder, ranges } = cs;
  const { b, d, span, lo, xIsWire = false } = parameters;
  const layout = layoutOf(parameters);
  const { m, form, ends } = layout;
  const x = scale(operand, layout.xSign);
  const t = add(constant(b), scale(x, m));
  const own = wire(builder.allocate(1));

  if (form === 'inside') {
    const remainder = subtract(t, bent(cs, layout, ranges.check(own, span)));
    if (xIsWire) ranges.check(remainder, d - 1);
    else builder.enforceZero(subtract(remainder, ranges.fresh(d - 1)));
    return add(constant(lo), own);
  }

  if (form === 'apart') {
    const bits = ranges.check(own, span);
    const s = xIsWire ? ZERO : wire(ranges.booleans(1)[0] as number);
    const r = ranges.fresh(d - 1);
    const extra = ranges.booleans(layout.extraBits);
    const u = add(r, bent(cs, layout, bits), lifted(layout, extra));
    const saturated = add(saturatedX(layout, binary([...r.wires, ...extra]), bits.at(-1) as LinearCombination), barrier(layout, own, bits, span));
    if (xIsWire) builder.enforce(subtract(t, u), subtract(x, saturated), ZERO);
    else builder.enforce(s, add(scale(saturated, m), constant(b), scale(u, -1)), subtract(t, u));
    return add(constant(lo), own);
  }

  const s = wire(ranges.booleans(1)[0] as number);
  const r = ranges.fresh(d - 1);
  const bits = ranges.booleans(layout.levelWeights.length);
  const extra = ranges.booleans(layout.extraBits);
  const pool = [...r.wires, ...bits, ...extra];
  const end = ends === 'both' ? wire(pool.pop() as number) : constant(ends === 'below' ? 0 : 1);
  const u = add(r, bent(cs, layout, bits.map((bit) => wire(bit))), lifted(layout, extra));
  const saturated = saturatedX(layout, binary(pool), end);
  const level: LinearCombination = { wires: bits, coefficients: layout.levelWeights };
  builder.enforce(s, add(scale(saturated, m), constant(b), scale(u, -1)), subtract(t, u));
  builder.enforce(subtract(constant(1), s), subtract(level, scale(end, span)), subtract(own, add(constant(lo), scale(end, span))));
  return own;
}

/** W of the level and the extra remainder of longer levels, with a row for each product. */
function bent({ builder, ranges }: ConstraintSystem, { bend }: Layout, bits: readonly LinearCombination[]): LinearCombination {
  const factors = [...bits];
  for (const { left, right } of bend.products) {
    const product = wire(builder.allocate(1));
    builder.enforce(factors[left] as LinearCombination, factors[right] as LinearCombination, product);
    factors.push(product);
  }
  const weights = [...bend.weights, ...bend.products.map(({ weight }) => weight)];
  const value = add(...factors.map((factor, i) => scale(factor, weights[i] as number)));
  if (bend.longer === undefined) return value;
  const { bit, extra } = bend.longer;
  const z = wire(ranges.booleans(1)[0] as number);
  const lowest = bits[0] as LinearCombination;
  builder.enforce(z, bit === 1 ? subtract(constant(1), lowest) : lowest, ZERO);
  return add(value, scale(z, extra));
}

/** Makes extra bits impossible where x is not saturated. */
function lifted({ lift }: Layout, extra: readonly number[]): LinearCombination {
  return { wires: extra, coefficients: extra.map(() => lift) };
}

/** Σ 2^i · bit_i */
function binary(bits: readonly number[]): LinearCombination {
  return { wires: bits, coefficients: bits.map((_, i) => 2 ** i) };
}

/** X without the barrier; `end` is 1 above and 0 below. */
function saturatedX({ ends, under, over, distanceBits }: Layout, distance: LinearCombination, end: LinearCombination): LinearCombination {
  switch (ends) {
    case 'below':
      return subtract(constant(under), distance);
    case 'both': {
      const lowest = under - (2 ** distanceBits - 1);
      return add(constant(lowest), scale(end, over - lowest), distance);
    }
    case 'above':
    case 'none':
      return add(constant(over), distance);
  }
}

/** Pushes X out of the range of x unless the level is that of a saturated end. */
function barrier({ ends, gap }: Layout, level: LinearCombination, bits: readonly LinearCombination[], span: number): LinearCombination {
  switch (ends) {
    case 'below':
      return scale(level, -gap);
    case 'both':
      return add(...bits.slice(0, -1).map((bit) => scale(bit, gap)), scale(bits.at(-1) as LinearCombination, -gap * (bits.length - 1)));
    case 'above':
    case 'none':
      return scale(subtract(constant(span), level), gap);
  }
}

/** Writes the wires of one step; returns the next free wire. */
export function assignAffineStep(sink: WitnessSink, first: number, operand: number, parameters: AffineStepParameters): number {
  const { b, d, span, lo, xIsWire = false } = parameters;
  const layout = layoutOf(parameters);
  const { m, form, ends, levelWeights, bend, size, extraBits, distanceBits } = layout;
  const x = layout.xSign * operand;
  const t = m * x + b;
  const end = t < 0 ? 'below' : t >= size ? 'above' : 'none';
  const level = end === 'below' ? 0 : end === 'above' ? span : levelOf(layout, t, span, d);
  const bits = digits(level, levelWeights);
  const whole = t - bendValue(bend, bits);
  const z = end === 'none' && whole >= d ? 1 : 0;
  const remainder = whole - z * (bend.longer?.extra ?? 0);

  if (form === 'inside') {
    sink.set(first, level);
    const next = assignBend(sink, assignCheck(sink, first + 1, span, level), bend, bits, z);
    return (xIsWire ? assignCheck : assignFresh)(sink, next, d - 1, remainder);
  }
  const k = rangeBits(d - 1);
  const saturated = end !== 'none';
  const distance = saturated ? distanceOf(layout, x, end) : 0;

  if (form === 'apart') {
    sink.set(first, level);
    let next = assignCheck(sink, first + 1, span, level);
    if (!xIsWire) next = assignFresh(sink, next, 1, saturated ? 1 : 0);
    next = saturated ? assignBinary(sink, next, distanceBits, distance) : assignBinary(sink, assignFresh(sink, next, d - 1, remainder), extraBits, 0);
    return assignBend(sink, next, bend, bits, z);
  }

  sink.set(first, lo + level);
  let next = assignFresh(sink, first + 1, 1, saturated ? 1 : 0);
  if (!saturated) {
    next = assignBinary(sink, assignFresh(sink, next, d - 1, remainder), levelWeights.length, 0);
    bits.forEach((bit, i) => sink.set(next - bits.length + i, bit));
    return assignBend(sink, assignBinary(sink, next, extraBits, 0), bend, bits, z);
  }
  next = assignBinary(sink, next, distanceBits, distance);
  if (ends === 'both') next = assignBinary(sink, next, 1, end === 'above' ? 1 : 0);
  // The bits that spell a level elsewhere spell a part of the distance here.
  const shared = Array.from({ length: levelWeights.length }, (_, i) => (k + i < distanceBits ? Math.floor(distance / 2 ** (k + i)) % 2 : end === 'above' ? 1 : 0));
  return assignBend(sink, next, bend, shared, z);
}

/** The level that fits t: the largest with W ≤ t. */
function levelOf({ levelWeights, bend }: Layout, t: number, span: number, d: number): number {
  if (bend.longer === undefined && bend.products.length === 0 && bend.weights.every((weight, i) => weight === d * (levelWeights[i] as number))) return Math.floor(t / d);
  let fits = 0;
  let beyond = span + 1;
  while (beyond - fits > 1) {
    const middle = (fits + beyond) >> 1;
    if (bendValue(bend, digits(middle, levelWeights)) <= t) fits = middle;
    else beyond = middle;
  }
  return fits;
}

/** V of a saturated x. */
function distanceOf({ ends, under, over, distanceBits }: Layout, x: number, end: 'below' | 'above'): number {
  if (end === 'above') return x - over;
  return ends === 'both' ? x - under + 2 ** distanceBits - 1 : under - x;
}

function assignBinary(sink: WitnessSink, first: number, count: number, value: number): number {
  for (let bit = 0; bit < count; bit++) sink.set(first + bit, Math.floor(value / 2 ** bit) % 2);
  return first + count;
}

function assignBend(sink: WitnessSink, first: number, { products, longer }: Bend, bits: readonly number[], z: number): number {
  const factors = [...bits];
  products.forEach(({ left, right }, i) => {
    const product = (factors[left] as number) * (factors[right] as number);
    factors.push(product);
    sink.set(first + i, product);
  });
  const next = first + products.length;
  return longer === undefined ? next : assignFresh(sink, next, 1, z);
}
