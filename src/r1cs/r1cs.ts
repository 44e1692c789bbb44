import type { CoefficientPool } from './coefficientPool.js';

/** A sparse matrix by rows. Entry e of row i, rowStart[i] ≤ e < rowStart[i + 1], is coefficient `coefficients[e]` (an id in the pool) at wire `wires[e]`. */
export interface SparseMatrix {
  /** rowCount + 1 entries. */
  readonly rowStart: Uint32Array;
  /** Ascending within a row, without repetition. */
  readonly wires: Uint32Array;
  readonly coefficients: Uint32Array;
}

/**
 * A rank-1 constraint system: for each row, (A·w)(B·w) = C·w modulo the prime. Wires in iden3's order: 0 is the constant one,
 * then public outputs, public inputs, private inputs, and the rest.
 */
export interface R1cs {
  readonly prime: bigint;
  readonly wireCount: number;
  readonly publicOutputCount: number;
  readonly publicInputCount: number;
  readonly privateInputCount: number;
  readonly rowCount: number;
  readonly a: SparseMatrix;
  readonly b: SparseMatrix;
  readonly c: SparseMatrix;
  readonly pool: CoefficientPool;
}
