/**
 * Linear combinations of wires with integer coefficients. A coefficient is a JavaScript number while it is a safe integer and a
 * bigint beyond that, so that millions of small weights stay small; {@link coefficient} restores that form.
 */

/** Wire 0 always carries the constant 1. */
export const ONE_WIRE = 0;

/** An integer: a number if and only if it is safe. */
export type Coefficient = number | bigint;

/** The sum of `coefficients[i]` · wire `wires[i]`. Terms may repeat a wire; rows merge them. */
export interface LinearCombination {
  readonly wires: readonly number[];
  readonly coefficients: readonly Coefficient[];
}

/** The canonical form of an integer: a number when it is safe, else a bigint. */
export function coefficient(value: number | bigint): Coefficient {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : BigInt(value);
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** The exact product of two coefficients. */
export function multiplyCoefficients(left: Coefficient, right: Coefficient): Coefficient {
  if (typeof left === 'number' && typeof right === 'number') {
    const product = left * right;
    if (Number.isSafeInteger(product)) return product;
  }
  return coefficient(BigInt(left) * BigInt(right));
}

/** The combination without terms: zero. */
export const ZERO: LinearCombination = { wires: [], coefficients: [] };

/** A wire, times a coefficient. */
export function wire(index: number, factor: number | bigint = 1): LinearCombination {
  return { wires: [index], coefficients: [coefficient(factor)] };
}

/** A constant. */
export function constant(value: number | bigint): LinearCombination {
  return value === 0 || value === 0n ? ZERO : wire(ONE_WIRE, value);
}

/** A combination times an integer. */
export function scale(combination: LinearCombination, factor: number | bigint): LinearCombination {
  if (factor === 1 || factor === 1n) return combination;
  if (factor === 0 || factor === 0n) return ZERO;
  const by = coefficient(factor);
  return { wires: combination.wires, coefficients: combination.coefficients.map((value) => multiplyCoefficients(value, by)) };
}

/** The sum of combinations. Repeated wires are left for the row to merge. */
export function add(...combinations: readonly LinearCombination[]): LinearCombination {
  if (combinations.length === 1 && combinations[0]) return combinations[0];
  const wires: number[] = [];
  const coefficients: Coefficient[] = [];
  for (const combination of combinations) {
    for (let term = 0; term < combination.wires.length; term++) {
      wires.push(combination.wires[term] as number);
      coefficients.push(combination.coefficients[term] as Coefficient);
    }
  }
  return { wires, coefficients };
}

/** `left − right`. */
export function subtract(left: LinearCombination, right: LinearCombination): LinearCombination {
  return add(left, scale(right, -1));
}
