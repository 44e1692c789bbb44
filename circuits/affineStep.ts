/**
 * A rescaling in affine form: y = lo + clamp(⌊(m·x + b) / d⌋, 0, span). With t = m·x + b, S = span + 1 and q = ⌊t / d⌋ the variants
 * are chosen by what x can reach. r is a fresh value in [0, d − 1], Y one in [0, span], E one in [0, reach beyond].
 *
 * inside (0 ≤ q ≤ span always):     0 = t − r − d·Y                                    y = lo + Y
 *   ⌈log2 d⌉ + ⌈log2 S⌉ + 1 rows. Euclidean division is unique: r < d is forced, so Y = q.
 * below (q may be negative, never above span), s boolean:
 *   (1 − 2s)·(r + d·(Y + S·E)) = t + s,    (1 − s)·Y = y − lo
 *   k + 8 + e + 3 rows. With u = r + d·(Y + S·E) ≥ 0: s = 0 says t = u ≥ 0, s = 1 says t = −u − 1 < 0, so s is the sign of t.
 *   For s = 0, t < d·S (by the bounds of x) leaves E = 0 and Y = q; for s = 1, y = lo whatever Y is. Several (r, Y, E) never
 *   happen; the value of y is unique.
 * above (never negative): the mirror image. ⌊(d·S − 1 − t) / d⌋ = span − q, so −m, d·S − 1 − b and lo + span − y take the form below.
 * both, g is −1, 0 or 1 (forced by g·g = g2 and g·(g2 − 1) = 0), low = (g2 − g)/2, high = (g2 + g)/2:
 *   (1 − 2·low)·u = t + low − d·S·high,    (1 − g2)·E = 0,    (1 − g2)·Y = y − lo − span·high
 *   k + 8 + e + 5 rows. g = 0: u = t and E = 0, so 0 ≤ t < d·S and Y = q. g = −1: t = −u − 1 < 0 and y = lo. g = 1:
 *   t = u + d·S ≥ d·S and y = lo + span. The three cases exclude each other, so g, and with it y, is unique.
 *
 * Assumes: x is an integer in [xLo, xHi] (proven by the interval of the program), |m·x + b| and d·S·(E + 1) below 2^52, far from
 * the field's size. Dense x stands once, in C.
 */
import { add, constant, scale, subtract, wire, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignCheck, assignFresh, rangeBits } from './range.js';

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
}

/** Which ends of the range of y saturate. */
type Variant = 'inside' | 'below' | 'above' | 'both';

interface Shape {
  readonly variant: Variant;
  /** The largest E. */
  readonly beyond: number;
}

function shapeOf({ m, b, d, span, xLo, xHi }: AffineStepParameters): Shape {
  const ends = [m * xLo + b, m * xHi + b] as const;
  const tLo = Math.min(...ends);
  const tHi = Math.max(...ends);
  const size = d * (span + 1);
  const below = tLo < 0;
  const above = tHi >= size;
  // u is −t − 1 below and t − d·S above.
  const beyondBelow = below ? Math.floor((-tLo - 1) / size) : 0;
  const beyondAbove = above ? Math.floor((tHi - size) / size) : 0;
  const variant = below ? (above ? 'both' : 'below') : above ? 'above' : 'inside';
  return { variant, beyond: Math.max(beyondBelow, beyondAbove) };
}

/** The parameters of the mirror image, whose y is lo + span − y. */
function mirrored({ m, b, d, span, xLo, xHi }: AffineStepParameters): AffineStepParameters {
  return { m: -m, b: d * (span + 1) - 1 - b, d, span, lo: 0, xLo, xHi };
}

export function affineStepRows(parameters: AffineStepParameters): number {
  const { variant, beyond } = shapeOf(parameters);
  const { d, span } = parameters;
  const bits = rangeBits(d - 1) + rangeBits(span) + rangeBits(beyond);
  switch (variant) {
    case 'inside':
      return bits + 1;
    case 'below':
    case 'above':
      return bits + 3;
    case 'both':
      return bits + 5;
  }
}

/** Forces y and returns it: one wire plus a constant, or minus that. */
export function constrainAffineStep(cs: ConstraintSystem, x: LinearCombination, parameters: AffineStepParameters): LinearCombination {
  const { builder, ranges } = cs;
  const { m, b, d, span, lo } = parameters;
  const { variant, beyond } = shapeOf(parameters);
  if (variant === 'above') {
    const own = wire(builder.allocate(1));
    const mirror = mirrored(parameters);
    constrainBelow(cs, add(constant(mirror.b), scale(x, mirror.m)), mirror, beyond, subtract(constant(lo + span), own));
    return own;
  }
  const t = add(constant(b), scale(x, m));
  if (variant === 'inside') {
    const level = wire(builder.allocate(1));
    ranges.check(level, span);
    const r = ranges.fresh(d - 1);
    builder.enforceZero(subtract(t, add(r, scale(level, d))));
    return add(constant(lo), level);
  }
  const own = wire(builder.allocate(1));
  if (variant === 'below') constrainBelow(cs, t, parameters, beyond, subtract(own, constant(lo)));
  else constrainBoth(cs, t, parameters, beyond, own);
  return own;
}

/** The form below; `level` is y − lo as a combination of the wire that holds y. */
function constrainBelow({ builder, ranges }: ConstraintSystem, t: LinearCombination, { d, span }: AffineStepParameters, beyond: number, level: LinearCombination): void {
  const s = ranges.fresh(1);
  const r = ranges.fresh(d - 1);
  const y = ranges.fresh(span);
  const e = ranges.fresh(beyond);
  const u = add(r, scale(y, d), scale(e, d * (span + 1)));
  builder.enforce(subtract(constant(1), scale(s, 2)), u, add(t, s));
  builder.enforce(subtract(constant(1), s), y, level);
}

function constrainBoth({ builder, ranges }: ConstraintSystem, t: LinearCombination, { d, span, lo }: AffineStepParameters, beyond: number, y: LinearCombination): void {
  const size = d * (span + 1);
  const first = builder.allocate(2);
  const g = wire(first);
  const g2 = wire(first + 1);
  const r = ranges.fresh(d - 1);
  const level = ranges.fresh(span);
  const e = ranges.fresh(beyond);
  const u = add(r, scale(level, d), scale(e, size));
  const inside = subtract(constant(1), g2);
  builder.enforce(g, g, g2);
  builder.enforce(g, subtract(g2, constant(1)), constant(0));
  // Doubled, so that low = (g2 − g)/2 and high = (g2 + g)/2 have integer coefficients.
  builder.enforce(add(constant(1), g, scale(g2, -1)), scale(u, 2), subtract(add(scale(t, 2), subtract(g2, g)), scale(add(g2, g), size)));
  builder.enforce(inside, e, constant(0));
  builder.enforce(scale(inside, 2), level, subtract(scale(subtract(y, constant(lo)), 2), scale(add(g2, g), span)));
}

/** Writes the wires of one step; returns the next free wire. */
export function assignAffineStep(sink: WitnessSink, first: number, x: number, parameters: AffineStepParameters): number {
  const { variant, beyond } = shapeOf(parameters);
  const { m, b, d, span, lo } = parameters;
  const t = m * x + b;
  switch (variant) {
    case 'inside': {
      const level = Math.floor(t / d);
      sink.set(first, level);
      return assignFresh(sink, assignCheck(sink, first + 1, span, level), d - 1, t - level * d);
    }
    case 'below':
      return assignBelow(sink, first, t, parameters, beyond, (level) => lo + level);
    case 'above': {
      const mirror = mirrored(parameters);
      return assignBelow(sink, first, mirror.m * x + mirror.b, mirror, beyond, (level) => lo + span - level);
    }
    case 'both': {
      const size = d * (span + 1);
      const g = t < 0 ? -1 : t >= size ? 1 : 0;
      const u = g === -1 ? -t - 1 : g === 1 ? t - size : t;
      const { r, y, e } = divided(u, d, span);
      sink.set(first, lo + (g === 0 ? y : g === 1 ? span : 0));
      sink.set(first + 1, g);
      sink.set(first + 2, g * g);
      return assignDivided(sink, first + 3, { r, y, e }, d, span, beyond);
    }
  }
}

function assignBelow(sink: WitnessSink, first: number, t: number, { d, span }: AffineStepParameters, beyond: number, value: (level: number) => number): number {
  const s = t < 0 ? 1 : 0;
  const parts = divided(s === 1 ? -t - 1 : t, d, span);
  sink.set(first, value(s === 1 ? 0 : parts.y));
  return assignDivided(sink, assignFresh(sink, first + 1, 1, s), parts, d, span, beyond);
}

interface Divided {
  readonly r: number;
  readonly y: number;
  readonly e: number;
}

/** u = r + d·(y + S·e) */
function divided(u: number, d: number, span: number): Divided {
  const q = Math.floor(u / d);
  const e = Math.floor(q / (span + 1));
  return { r: u - q * d, y: q - e * (span + 1), e };
}

function assignDivided(sink: WitnessSink, first: number, { r, y, e }: Divided, d: number, span: number, beyond: number): number {
  return assignFresh(sink, assignFresh(sink, assignFresh(sink, first, d - 1, r), span, y), beyond, e);
}
