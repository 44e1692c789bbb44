/** A whole compiled model as rows of big integers, with the rows of each wire: what the solvers work on. */
import { FIELD_PRIME, inverse, modulo } from '../../src/r1cs/field.js';
import type { R1cs, SparseMatrix } from '../../src/r1cs/r1cs.js';

export type BigTerm = readonly [wire: number, coefficient: bigint];

/** (Σ a)(Σ b) = Σ c */
export interface BigRow {
  readonly a: readonly BigTerm[];
  readonly b: readonly BigTerm[];
  readonly c: readonly BigTerm[];
}

export interface BigSystem {
  readonly wireCount: number;
  readonly rows: readonly BigRow[];
  /** The rows in which each wire stands. */
  readonly rowsOf: readonly (readonly number[])[];
}

export function bigSystem(r1cs: R1cs): BigSystem {
  const terms = (matrix: SparseMatrix, row: number): BigTerm[] => {
    const result: BigTerm[] = [];
    for (let entry = matrix.rowStart[row] as number; entry < (matrix.rowStart[row + 1] as number); entry++) {
      result.push([matrix.wires[entry] as number, BigInt(r1cs.pool.value(matrix.coefficients[entry] as number))]);
    }
    return result;
  };
  const rows = Array.from({ length: r1cs.rowCount }, (_, row) => ({ a: terms(r1cs.a, row), b: terms(r1cs.b, row), c: terms(r1cs.c, row) }));
  return indexed(r1cs.wireCount, rows);
}

/** The system without one row. */
export function withoutBigRow({ wireCount, rows }: BigSystem, row: number): BigSystem {
  return indexed(wireCount, rows.filter((_, index) => index !== row));
}

function indexed(wireCount: number, rows: readonly BigRow[]): BigSystem {
  const rowsOf: number[][] = Array.from({ length: wireCount }, () => []);
  rows.forEach(({ a, b, c }, row) => {
    for (const wire of new Set([...a, ...b, ...c].map(([each]) => each))) rowsOf[wire]?.push(row);
  });
  return { wireCount, rows, rowsOf };
}

export function valueOf(terms: readonly BigTerm[], values: readonly bigint[]): bigint {
  let sum = 0n;
  for (const [wire, coefficient] of terms) sum += coefficient * (values[wire] as bigint);
  return modulo(sum);
}

/** Whether a row does not hold. */
export function violates({ rows }: BigSystem, row: number, values: readonly bigint[]): boolean {
  const { a, b, c } = rows[row] as BigRow;
  return modulo(valueOf(a, values) * valueOf(b, values) - valueOf(c, values)) !== 0n;
}

/** Each wire of a row with the values, other than its own, that would satisfy the row if nothing else changed. */
export function waysToRepair({ rows }: BigSystem, row: number, values: readonly bigint[]): (readonly [wire: number, value: bigint])[] {
  const { a, b, c } = rows[row] as BigRow;
  const [a0, b0, c0] = [valueOf(a, values), valueOf(b, values), valueOf(c, values)];
  const slopes = new Map<number, [bigint, bigint, bigint]>();
  [a, b, c].forEach((terms, matrix) => {
    for (const [wire, coefficient] of terms) {
      const own = slopes.get(wire) ?? [0n, 0n, 0n];
      own[matrix] = coefficient;
      slopes.set(wire, own);
    }
  });
  return [...slopes].flatMap(([wire, [a1, b1, c1]]) => movements([a0, a1], [b0, b1], [c0, c1]).filter((step) => step !== 0n).map((step) => [wire, modulo((values[wire] as bigint) + step)] as const));
}

/** Steps of one wire after which a row (value and slope of each of its three parts) holds: it is linear in it, or a product of two factors that must be zero. */
export function movements([a0, a1]: readonly [bigint, bigint], [b0, b1]: readonly [bigint, bigint], [c0, c1]: readonly [bigint, bigint]): bigint[] {
  if (a1 !== 0n && b1 !== 0n) return c1 === 0n && c0 === 0n ? [divide(-a0, a1), divide(-b0, b1)] : [];
  const slope = modulo(a0 * b1 + a1 * b0 - c1);
  return slope === 0n ? [] : [divide(c0 - a0 * b0, slope)];
}

/** Inverses of divisors met so far: mostly the same few weights. */
const inverses = new Map<bigint, bigint>();

export function divide(left: bigint, right: bigint): bigint {
  const divisor = modulo(right);
  const known = inverses.get(divisor) ?? inverse(divisor);
  inverses.set(divisor, known);
  return modulo(left * known);
}

export { FIELD_PRIME, modulo };
