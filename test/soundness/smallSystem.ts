/** A constraint system over a small prime, as rows of plain numbers: what the exhaustive search works on. */
import { modulo } from '../../src/r1cs/field.js';
import type { R1cs, SparseMatrix } from '../../src/r1cs/r1cs.js';

/** One term: wire, coefficient in [0, prime). */
export type Term = readonly [wire: number, coefficient: number];

/** (Σ a)(Σ b) = Σ c */
export interface SmallRow {
  readonly a: readonly Term[];
  readonly b: readonly Term[];
  readonly c: readonly Term[];
}

export interface SmallSystem {
  readonly prime: number;
  readonly wireCount: number;
  readonly rows: readonly SmallRow[];
}

/** Products of two residues must stay exact in doubles. */
const LARGEST_PRIME = 2 ** 26;

export function smallSystem(r1cs: R1cs): SmallSystem {
  const prime = Number(r1cs.prime);
  if (!(prime < LARGEST_PRIME)) throw new RangeError(`the search takes primes below ${LARGEST_PRIME}, not ${r1cs.prime}`);
  const terms = (matrix: SparseMatrix, row: number): Term[] => {
    const result: Term[] = [];
    for (let entry = matrix.rowStart[row] as number; entry < (matrix.rowStart[row + 1] as number); entry++) {
      const value = Number(modulo(BigInt(r1cs.pool.value(matrix.coefficients[entry] as number)), r1cs.prime));
      if (value !== 0) result.push([matrix.wires[entry] as number, value]);
    }
    return result;
  };
  return {
    prime,
    wireCount: r1cs.wireCount,
    rows: Array.from({ length: r1cs.rowCount }, (_, row) => ({ a: terms(r1cs.a, row), b: terms(r1cs.b, row), c: terms(r1cs.c, row) })),
  };
}

/** The system without one row. */
export function withoutRow(system: SmallSystem, row: number): SmallSystem {
  return { ...system, rows: system.rows.filter((_, index) => index !== row) };
}
