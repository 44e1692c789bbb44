/**
 * How many gates a system of rows becomes in PLONK's arithmetization, as snarkjs translates it. A gate has three wires, so that every
 * term of a combination beyond the first few costs a gate of its own, which adds two terms into one new wire.
 */
import { modulo } from '../../r1cs/field.js';
import type { R1cs, SparseMatrix } from '../../r1cs/r1cs.js';
import type { UniversalSystem } from '../proofSystem.js';

export interface GateCount {
  /** All gates: one for each public signal, those of the rows, and the additions. */
  readonly gates: number;
  /** Of them, gates that add two terms into a wire of their own. */
  readonly additions: number;
}

/** A sum fits into one gate with up to three terms; each of the sides of a product with one. */
const TERMS_OF_A_SUM = 3;

/**
 * The exact number of gates. A row is a product when A and B both have a wire; else it is one sum: C when A or B is empty, k·B − C or
 * k·A − C when one of them is the constant k. The constant is free in both.
 */
export function countGates(r1cs: R1cs, system: UniversalSystem): GateCount {
  const { a, b, c, rowCount } = r1cs;
  let additions = 0;
  for (let row = 0; row < rowCount; row++) {
    const [ofA, ofB] = [terms(a, row), terms(b, row)];
    if (ofA.wires > 0 && ofB.wires > 0) additions += beyond(ofA.wires, 1) + beyond(ofB.wires, 1) + beyond(terms(c, row).wires, 1);
    else if (ofA.entries === 0 || ofB.entries === 0) additions += beyond(terms(c, row).wires, TERMS_OF_A_SUM);
    else additions += beyond(ofA.wires === 0 ? joined(r1cs, { constant: a, other: b }, row, system) : joined(r1cs, { constant: b, other: a }, row, system), TERMS_OF_A_SUM);
  }
  return { gates: r1cs.publicOutputCount + r1cs.publicInputCount + rowCount + additions, additions };
}

function beyond(terms: number, fitting: number): number {
  return Math.max(0, terms - fitting);
}

/** Entries of a row, and those of them that are not the constant's. Wires ascend, so that the constant comes first. */
function terms({ rowStart, wires }: SparseMatrix, row: number): { readonly entries: number; readonly wires: number } {
  const start = rowStart[row] as number;
  const entries = (rowStart[row + 1] as number) - start;
  return { entries, wires: entries > 0 && wires[start] === 0 ? entries - 1 : entries };
}

/** Wires of k·B − C, where k is the constant of A. snarkjs's PLONK keeps terms that cancel, its FFLONK drops them. */
function joined({ c, pool }: R1cs, { constant, other }: { readonly constant: SparseMatrix; readonly other: SparseMatrix }, row: number, system: UniversalSystem): number {
  const valueAt = (matrix: SparseMatrix, entry: number): bigint => BigInt(pool.value(matrix.coefficients[entry] as number));
  const factor = valueAt(constant, constant.rowStart[row] as number);
  const sums = new Map<number, bigint>();
  const add = (matrix: SparseMatrix, by: bigint): void => {
    for (let entry = matrix.rowStart[row] as number; entry < (matrix.rowStart[row + 1] as number); entry++) {
      const wire = matrix.wires[entry] as number;
      if (wire !== 0) sums.set(wire, (sums.get(wire) ?? 0n) + by * valueAt(matrix, entry));
    }
  };
  add(other, factor);
  add(c, -1n);
  return system === 'plonk' ? sums.size : [...sums.values()].filter((sum) => modulo(sum) !== 0n).length;
}
