/**
 * An integer rounded to its p most significant bits, halves to even: what a floating-point sum does to the exact one.
 *
 * Statement: for 0 ≤ z < 2^(p + E), y is the multiple of P nearest to z, where P = 2^e and e is the least exponent with z < 2^(p + e);
 * of two such multiples, the one that is an even multiple.
 * Cost: 2·E + p + 8 rows for E > 1, p + 7 for E = 1, none where no rounding occurs (E = 0).
 * Sound: h_0 … h_(E−1) are booleans, h_E is 1 minus their sum, and P = Σ 2^e · h_e. If two or more of the booleans were 1, P would be
 * negative, 2^E less than the powers named, and so would be all that the next row can make of z, but for z = 0 with y = 0. So exactly
 * one is 1. The row Q·P = z − half·(P/2) − r divides z by P: bit j of r may be 1 only where j < e − 1, by its row b·(b − Σ_{i ≥ j + 2} h_i) = 0, and half only
 * where e > 0, so 0 ≤ half·P/2 + r < P. Q has p bits, of which the top one is 1 unless e = 0: hence z determines e, Q, half and r.
 * y = z − half·P/2 − r + u·P, u = half AND (r ≠ 0 OR Q odd), is the rounding.
 * Assumes: z is an integer in [0, 2^(p + E)), p > 1; 2^(p + E + 1) stays below the field's order.
 */
import { inverse, modulo, FIELD_PRIME } from '../src/r1cs/field.js';
import { add, constant, scale, subtract, wire, ZERO, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { constrainZeroTest, ZERO_TEST_ROWS } from './equal.js';
import { bitLength } from './wideRange.js';

export interface SignificantParameters {
  /** p, bits that stay. */
  readonly precision: number;
  /** E, bits that z may have beyond those. */
  readonly excess: number;
}

export function significantRows({ precision, excess }: SignificantParameters): number {
  if (excess <= 0) return 0;
  // h, the masked bits of r with half, Q with its top bit, half·P/2, Q·P, u, u·P; r ≠ 0 and its AND with the parity.
  return excess + excess + (precision + 1) + 4 + (excess > 1 ? ZERO_TEST_ROWS + 1 : 0);
}

/** Forces y and returns its wire, or z itself where nothing is rounded. */
export function constrainSignificant(cs: ConstraintSystem, z: LinearCombination, { precision, excess }: SignificantParameters): LinearCombination {
  if (excess <= 0) return z;
  const { builder, ranges } = cs;
  const product = (left: LinearCombination, right: LinearCombination): LinearCombination => {
    const own = wire(builder.allocate(1));
    builder.enforce(left, right, own);
    return own;
  };
  const exponents = ranges.booleans(excess).map((own) => wire(own));
  /** Whether the exponent is at least e, from 1 on. */
  const atLeast = (e: number): LinearCombination => subtract(constant(1), add(...exponents.slice(0, e)));
  const masked = (mask: LinearCombination): LinearCombination => {
    const own = wire(builder.allocate(1));
    builder.enforce(own, subtract(own, mask), ZERO);
    return own;
  };
  const rest = add(ZERO, ...Array.from({ length: excess - 1 }, (_, bit) => scale(masked(atLeast(bit + 2)), 2n ** BigInt(bit))));
  const half = masked(atLeast(1));
  const low = ranges.booleans(precision - 1).map((own) => wire(own));
  const [top] = ranges.booleans(1).map((own) => wire(own)) as [LinearCombination];
  builder.enforce(subtract(constant(1), top), atLeast(1), ZERO);
  const quotient = add(...low.map((bit, index) => scale(bit, 2n ** BigInt(index))), scale(top, 2n ** BigInt(precision - 1)));
  const last = atLeast(excess);
  const power = add(...exponents.map((each, e) => scale(each, 2n ** BigInt(e))), scale(last, 2n ** BigInt(excess)));
  const halfPower = add(...exponents.slice(1).map((each, e) => scale(each, 2n ** BigInt(e))), scale(last, 2n ** BigInt(excess - 1)));
  const floor = subtract(subtract(z, product(half, halfPower)), rest);
  builder.enforce(quotient, power, floor);
  const odd = low[0] as LinearCombination;
  let above = odd;
  if (excess > 1) {
    const sticky = constrainZeroTest(cs, rest, true);
    above = subtract(add(sticky, odd), product(sticky, odd));
  }
  const up = product(half, above);
  const y = wire(builder.allocate(1));
  builder.enforce(up, power, subtract(y, floor));
  return y;
}

/** z rounded. */
export function significant(z: bigint, precision: number): bigint {
  const e = BigInt(Math.max(0, bitLength(z) - precision));
  const quotient = z >> e;
  const rest = z - (quotient << e);
  const half = e === 0n ? 1n : 1n << (e - 1n);
  const up = rest > half || (rest === half && quotient % 2n === 1n) ? 1n : 0n;
  return (quotient + up) << e;
}

/** Writes the wires; returns the next free wire. */
export function assignSignificant(sink: WitnessSink, first: number, z: bigint, { precision, excess }: SignificantParameters, prime: bigint = FIELD_PRIME): number {
  if (excess <= 0) return first;
  let next = first;
  const write = (value: bigint | number | boolean): void => {
    if (typeof value === 'bigint') sink.setWide(next++, value);
    else sink.set(next++, Number(value));
  };
  const e = Math.max(0, bitLength(z) - precision);
  const quotient = z >> BigInt(e);
  const remainder = z - (quotient << BigInt(e));
  const halfPower = e === 0 ? 0n : 1n << BigInt(e - 1);
  const half = e > 0 && remainder >= halfPower;
  const rest = half ? remainder - halfPower : remainder;
  for (let index = 0; index < excess; index++) write(index === e);
  for (let bit = 0; bit < excess - 1; bit++) write(Number((rest >> BigInt(bit)) & 1n));
  write(half);
  for (let bit = 0; bit < precision; bit++) write(Number((quotient >> BigInt(bit)) & 1n));
  write(half ? halfPower : 0n);
  const odd = quotient % 2n === 1n;
  let above = odd;
  if (excess > 1) {
    write(rest !== 0n);
    write(rest === 0n ? 0n : inverse(modulo(rest, prime), prime));
    write(rest !== 0n && odd);
    above = odd || rest !== 0n;
  }
  write(half && above);
  write(significant(z, precision));
  return next;
}
