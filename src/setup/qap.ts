/** The quadratic arithmetic program of a system, evaluated at a point: what a Groth16 key is made of. */
import type { CoefficientPool } from '../r1cs/coefficientPool.js';
import { FIELD_PRIME as R, modulo } from '../r1cs/field.js';
import type { R1cs, SparseMatrix } from '../r1cs/r1cs.js';

/** For each wire, the value of its column's polynomial; in [0, r). */
export interface QapValues {
  readonly a: readonly bigint[];
  readonly b: readonly bigint[];
  readonly c: readonly bigint[];
}

/**
 * Evaluates the columns of A, B and C. `lagrange` has the Lagrange polynomials of the domain at the point. Below the system's
 * rows A has one row more for the constant and each public signal s, with the single entry 1 at s: they make the polynomials
 * of public wires independent, so that no other public values fit a proof (Ben-Sasson et al., USENIX Security 2014; snarkjs).
 */
export function evaluateQap(r1cs: R1cs, lagrange: readonly bigint[]): QapValues {
  const a = evaluateColumns(r1cs.a, r1cs, lagrange);
  const publicCount = r1cs.publicOutputCount + r1cs.publicInputCount;
  for (let signal = 0; signal <= publicCount; signal++) {
    a[signal] = modulo((a[signal] as bigint) + (lagrange[r1cs.rowCount + signal] as bigint));
  }
  return { a, b: evaluateColumns(r1cs.b, r1cs, lagrange), c: evaluateColumns(r1cs.c, r1cs, lagrange) };
}

function evaluateColumns({ rowStart, wires, coefficients }: SparseMatrix, { wireCount, rowCount, pool }: R1cs, lagrange: readonly bigint[]): bigint[] {
  const sums = new Array<bigint>(wireCount).fill(0n);
  const integers = integerCache(pool);
  for (let row = 0; row < rowCount; row++) {
    const value = lagrange[row] as bigint;
    const end = rowStart[row + 1] as number;
    for (let entry = rowStart[row] as number; entry < end; entry++) {
      const wire = wires[entry] as number;
      sums[wire] = (sums[wire] as bigint) + value * integers(coefficients[entry] as number);
    }
  }
  for (let wire = 0; wire < wireCount; wire++) sums[wire] = modulo(sums[wire] as bigint, R);
  return sums;
}

/** Coefficients as bigints, by id, each converted once. */
function integerCache(pool: CoefficientPool): (id: number) => bigint {
  const known: (bigint | undefined)[] = new Array<bigint | undefined>(pool.size);
  return (id) => (known[id] ??= BigInt(pool.value(id)));
}
