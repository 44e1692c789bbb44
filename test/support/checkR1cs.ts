/**
 * An independent checker of R1CS: reads the matrices entry by entry in big integers, and shares nothing with the builder or the
 * gadgets but the data type.
 */
import type { R1cs, SparseMatrix } from '../../src/r1cs/r1cs.js';
import type { Witness } from '../../src/r1cs/witness.js';

/** The value of every wire, in [0, prime). */
export function wireValues({ values, wideWires, wideValues }: Witness, prime: bigint): bigint[] {
  const all = Array.from(values, (value) => (value < 0 ? prime + BigInt(value) : BigInt(value)));
  wideWires.forEach((wire, i) => (all[wire] = wideValues[i] as bigint));
  return all;
}

/** The first row that values do not satisfy, or undefined. Wire 0 must be 1. */
export function firstViolatedRow(r1cs: R1cs, values: readonly bigint[]): number | undefined {
  if (values.length !== r1cs.wireCount || values[0] !== 1n) return 0;
  for (let row = 0; row < r1cs.rowCount; row++) {
    const difference = product(r1cs, r1cs.a, row, values) * product(r1cs, r1cs.b, row, values) - product(r1cs, r1cs.c, row, values);
    if (difference % r1cs.prime !== 0n) return row;
  }
  return undefined;
}

function product({ pool }: R1cs, matrix: SparseMatrix, row: number, values: readonly bigint[]): bigint {
  let sum = 0n;
  for (let entry = matrix.rowStart[row] as number; entry < (matrix.rowStart[row + 1] as number); entry++) {
    sum += BigInt(pool.value(matrix.coefficients[entry] as number)) * (values[matrix.wires[entry] as number] as bigint);
  }
  return sum;
}
