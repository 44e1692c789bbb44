/**
 * Division of integers with remainder, a ∈ [aLo, aHi] by d ∈ [dLo, dHi].
 *
 * With D = |d| and s_d = 1 where d < 0, the remainder is forced into 0 ≤ R < D by R ∈ [0, …] and D − 1 − R ∈ [0, max D − 1], so D > 0:
 * for d = 0 there is no witness, and s_d is unique.
 *
 * floor (quotient ⌊a / d⌋, remainder a − d·⌊a / d⌋, which has the sign of d):
 *   D = (1 − 2·s_d)·d,  a' = (1 − 2·s_d)·a,  Q·D = a' − R;  the quotient is Q, the remainder (1 − 2·s_d)·R.
 *   Euclidean division of a' by D is unique, and a / d = a' / D.
 * truncate (quotient towards zero, remainder with the sign of a), s_a = 1 where a < 0:
 *   D = (1 − 2·s_d)·d,  W = Q·D,  (1 − 2·s_a)·(W + R) = a;  the quotient is (1 − 2·s)·Q with s = s_a xor s_d, the remainder (1 − 2·s_a)·R.
 *   Q, R ≥ 0, so W + R = |a|, and Q and R are those of |a| / D. s_a is unique unless a = 0, where Q = R = 0 and the results are 0.
 *
 * Signs that the bounds decide take no wire and no row, a constant divisor no product: an unsigned division by a constant costs the
 * bits of Q and R and one row.
 * Cost: `divideRows`; 25 rows for two uint8, 29 for two int8, 101 for two int32, 10 for a uint8 by a constant 10 (quotients, truncated).
 * Assumes: a and d are integers in their bounds, which are below 2^53. Everything stays below 2^108.
 */
import { add, constant, scale, subtract, wire, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignCheck, assignFresh, checkRows, materialise } from './range.js';

export interface DivideParameters {
  readonly aLo: number;
  readonly aHi: number;
  /** Equal bounds are a constant divisor. */
  readonly dLo: number;
  readonly dHi: number;
  readonly rounding: 'floor' | 'truncate';
  readonly result: 'quotient' | 'remainder';
}

/** A sign: decided by the bounds (0 or 1), or in a wire. */
type Sign = 0 | 1 | 'wire';

interface Shape {
  readonly signA: Sign;
  readonly signD: Sign;
  /** |d| where d is constant. */
  readonly divisor: number | undefined;
  readonly largestDivisor: number;
  readonly qLo: number;
  readonly qHi: number;
  readonly rHi: number;
  /** Whether D − 1 − R has to be checked, or the range of R says it. */
  readonly checksRemainder: boolean;
  /** The sign of the result: of a, of d, of both, or none where it stands in a wire as it is. */
  readonly resultSign: Sign | 'both';
}

function signOf(lo: number, hi: number): Sign {
  return lo >= 0 ? 0 : hi <= 0 ? 1 : 'wire';
}

function shapeOf({ aLo, aHi, dLo, dHi, rounding, result }: DivideParameters): Shape {
  const signD = signOf(dLo, dHi);
  const signA = rounding === 'floor' ? 0 : signOf(aLo, aHi);
  const divisor = dLo === dHi ? Math.abs(dLo) : undefined;
  const largestDivisor = Math.max(Math.abs(dLo), Math.abs(dHi));
  const smallestDivisor = Math.max(1, signD === 0 ? dLo : signD === 1 ? -dHi : 1);
  const reach = Math.max(Math.abs(aLo), Math.abs(aHi));
  const [nLo, nHi] = signD === 0 ? [aLo, aHi] : signD === 1 ? [-aHi, -aLo] : [-reach, reach];
  const floor = (n: number, d: number): number => (n - (((n % d) + d) % d)) / d;
  const shape = { signA, signD, divisor, largestDivisor, rHi: largestDivisor - 1, checksRemainder: divisor === undefined };
  if (rounding === 'floor') {
    return {
      ...shape,
      qLo: floor(nLo, nLo < 0 ? smallestDivisor : largestDivisor),
      qHi: floor(nHi, nHi < 0 ? largestDivisor : smallestDivisor),
      // A dividend that is never negative bounds the remainder too.
      rHi: nLo >= 0 ? Math.min(shape.rHi, nHi) : shape.rHi,
      resultSign: result === 'quotient' ? 0 : signD,
    };
  }
  const both: Shape['resultSign'] = signA === 'wire' ? (signD === 'wire' ? 'both' : 'wire') : signD === 'wire' ? 'wire' : ((signA ^ signD) as 0 | 1);
  return { ...shape, qLo: 0, qHi: floor(reach, smallestDivisor), rHi: Math.min(shape.rHi, reach), resultSign: result === 'quotient' ? both : signA };
}

export function divideRows(parameters: DivideParameters): number {
  const { signA, signD, divisor, largestDivisor, qLo, qHi, rHi, checksRemainder, resultSign } = shapeOf(parameters);
  const wires = (sign: Sign): number => (sign === 'wire' ? 1 : 0);
  // s_a, s_d, and D = (1 − 2·s_d)·d.
  let rows = wires(signA) + 2 * wires(signD);
  rows += checkRows(qHi - qLo) + checkRows(rHi) + (checksRemainder ? checkRows(largestDivisor - 1) : 0);
  if (parameters.rounding === 'floor') rows += wires(signD) + 1;
  else rows += 1 + (signA === 'wire' && divisor === undefined ? 1 : 0);
  if (resultSign === 'both') rows += 2;
  else if (resultSign !== 0) rows += 1;
  return rows;
}

/** Forces the result and returns its wire, plus a constant. */
export function constrainDivide(cs: ConstraintSystem, a: LinearCombination, d: LinearCombination, parameters: DivideParameters): LinearCombination {
  const { builder, ranges } = cs;
  const { rounding, result } = parameters;
  const { signA, signD, divisor, largestDivisor, qLo, qHi, rHi, checksRemainder, resultSign } = shapeOf(parameters);
  const owned = (max: number): LinearCombination => {
    const own = wire(builder.allocate(1));
    ranges.check(own, max);
    return own;
  };
  const product = (left: LinearCombination, right: LinearCombination): LinearCombination => {
    const own = wire(builder.allocate(1));
    builder.enforce(left, right, own);
    return own;
  };
  const sign = (known: Sign): LinearCombination => (known === 'wire' ? ranges.fresh(1) : constant(known));
  const factor = (s: LinearCombination): LinearCombination => subtract(constant(1), scale(s, 2));
  const signed = (known: Sign, s: LinearCombination, value: LinearCombination): LinearCombination => (known === 'wire' ? product(factor(s), value) : scale(value, known === 0 ? 1 : -1));

  const sA = sign(signA);
  const sD = sign(signD);
  const magnitude = divisor === undefined ? signed(signD, sD, d) : constant(divisor);
  const q = add(owned(qHi - qLo), constant(qLo));
  const r = owned(rHi);
  if (checksRemainder) ranges.check(subtract(subtract(magnitude, constant(1)), r), largestDivisor - 1);
  if (rounding === 'floor') {
    const dividend = signed(signD, sD, a);
    if (divisor === undefined) builder.enforce(q, magnitude, subtract(dividend, r));
    else builder.enforceZero(subtract(subtract(dividend, r), scale(q, divisor)));
  } else if (signA !== 'wire') {
    const dividend = scale(a, signA === 0 ? 1 : -1);
    if (divisor === undefined) builder.enforce(q, magnitude, subtract(dividend, r));
    else builder.enforceZero(subtract(subtract(dividend, r), scale(q, divisor)));
  } else {
    const whole = divisor === undefined ? product(q, magnitude) : scale(q, divisor);
    builder.enforce(factor(sA), add(whole, r), a);
  }

  const value = result === 'quotient' ? q : r;
  switch (resultSign) {
    case 0:
      return value;
    case 1:
      return wire(materialise(builder, scale(value, -1)));
    case 'both': {
      const different = subtract(add(sA, sD), scale(product(sA, sD), 2));
      return product(factor(different), value);
    }
    case 'wire':
      return product(factor(wireSign(parameters, signA, signD, sA, sD)), value);
  }
}

/** The sign of the result where one operand's sign is in a wire and the other's, if it counts, is known. */
function wireSign({ rounding, result }: DivideParameters, signA: Sign, signD: Sign, sA: LinearCombination, sD: LinearCombination): LinearCombination {
  if (rounding === 'floor') return sD;
  if (result === 'remainder') return sA;
  const [inWire, known] = signA === 'wire' ? [sA, signD] : [sD, signA];
  return known === 0 ? inWire : subtract(constant(1), inWire);
}

/** Writes the wires, given the operands and the result; d is not 0. Returns the next free wire. */
export function assignDivide(sink: WitnessSink, first: number, a: number, d: number, parameters: DivideParameters): number {
  const { rounding, result } = parameters;
  const { signA, signD, divisor, largestDivisor, qLo, qHi, rHi, checksRemainder, resultSign } = shapeOf(parameters);
  let next = first;
  const write = (value: number): void => sink.set(next++, value + 0);
  const owned = (value: number, max: number): void => {
    write(value);
    next = assignCheck(sink, next, max, value);
  };
  const sA = a < 0 ? 1 : 0;
  const sD = d < 0 ? 1 : 0;
  const magnitude = Math.abs(d);
  const dividend = rounding === 'floor' ? (sD === 1 ? -a : a) : Math.abs(a);
  const r = ((dividend % magnitude) + magnitude) % magnitude;
  const q = (dividend - r) / magnitude;
  if (signA === 'wire') next = assignFresh(sink, next, 1, sA);
  if (signD === 'wire') next = assignFresh(sink, next, 1, sD);
  if (signD === 'wire' && divisor === undefined) write(magnitude);
  owned(q - qLo, qHi - qLo);
  owned(r, rHi);
  if (checksRemainder) next = assignCheck(sink, next, largestDivisor - 1, magnitude - 1 - r);
  if (rounding === 'floor' && signD === 'wire') write(dividend);
  if (rounding === 'truncate' && signA === 'wire' && divisor === undefined) write(q * magnitude);
  const value = result === 'quotient' ? q : r;
  const negative = rounding === 'floor' ? result === 'remainder' && sD === 1 : (result === 'quotient' ? sA !== sD : sA === 1);
  switch (resultSign) {
    case 0:
      break;
    case 'both':
      write(sA * sD);
      write(negative ? -value : value);
      break;
    case 1:
    case 'wire':
      write(negative ? -value : value);
      break;
  }
  return next;
}
