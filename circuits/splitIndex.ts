/**
 * A table read by the bits of an index, cut into a lower and an upper half: the products of the lower bits, made once, serve the rows of
 * every table; the minterms of the upper ones say which row counts.
 *
 * Statement: the entry of the table that the bits name.
 * Cost for n bits: the products of both halves (minterms.ts), once for an index; 2^⌊n/2⌋ rows for each table.
 * Sound: exactly one minterm is 1. An entry is Σ_i high_i · (Σ_j table[i, j] · low_j), every product forced by its row.
 * Assumes: the bits are forced into {0, 1}.
 */
import { add, wire, type Coefficient, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignMinterms, bitProducts, mintermRows, minterms, mintermSum } from './minterms.js';

export interface SplitIndex {
  /** Products of the lower bits. */
  readonly low: readonly LinearCombination[];
  /** Minterms of the upper bits. */
  readonly high: readonly LinearCombination[];
}

function lowBits(bits: number): number {
  return bits - (bits >> 1);
}

/** Rows of what all tables of an index of so many bits share. */
export function splitIndexRows(bits: number): number {
  return mintermRows(lowBits(bits)) + mintermRows(bits >> 1);
}

/** Rows of one table that is read by so many bits. */
export function lookUpRows(bits: number): number {
  return 2 ** (bits >> 1);
}

export function splitIndex(cs: ConstraintSystem, bits: readonly LinearCombination[]): SplitIndex {
  const low = bitProducts(cs, bits.slice(0, lowBits(bits.length)));
  return { low, high: minterms(cs, bits.slice(lowBits(bits.length))) };
}

/** The entries of one row of a table, of which the lower bits choose. */
export function tableRow({ low }: SplitIndex, table: ArrayLike<Coefficient>, row: number): LinearCombination {
  return mintermSum(low, Array.from(low, (_, column) => table[row * low.length + column] ?? 0));
}

/** The entry of a table, by the index. */
export function lookUp({ builder }: ConstraintSystem, index: SplitIndex, table: readonly Coefficient[]): LinearCombination {
  return add(...index.high.map((minterm, row) => {
    const product = wire(builder.allocate(1));
    builder.enforce(minterm, tableRow(index, table, row), product);
    return product;
  }));
}

/** Writes the wires of a split index; returns the next free wire. */
export function assignSplitIndex(sink: WitnessSink, first: number, bits: readonly number[]): number {
  const next = assignMinterms(sink, first, bits.slice(0, lowBits(bits.length)));
  return assignMinterms(sink, next, bits.slice(lowBits(bits.length)));
}

/** Writes the wires of a table that is read, but for the last `left` of them; returns the next free wire. */
export function assignLookUp(sink: WitnessSink, first: number, { bits, index, entry, left = 0 }: { bits: number; index: number; entry: number | bigint; left?: number }): number {
  const rows = lookUpRows(bits) - left;
  const own = index >> lowBits(bits);
  for (let row = 0; row < rows; row++) {
    if (row !== own) sink.set(first + row, 0);
    else if (typeof entry === 'bigint') sink.setWide(first + row, entry);
    else sink.set(first + row, entry);
  }
  return first + rows;
}
