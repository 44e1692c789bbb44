/**
 * Collects wires and rows in growing typed arrays: eight bytes for each matrix entry, no object per row, so that a million rows
 * with ten million entries fit in a few hundred megabytes.
 */
import { CoefficientPool } from './coefficientPool.js';
import { FIELD_PRIME } from './field.js';
import { coefficient, type Coefficient, type LinearCombination } from './linearCombination.js';
import type { R1cs, SparseMatrix } from './r1cs.js';

export interface R1csBuilderParameters {
  readonly publicOutputCount: number;
  readonly publicInputCount: number;
  /** The order of the field; a small prime in the soundness tests. */
  readonly prime?: bigint;
}

export class R1csBuilder {
  readonly prime: bigint;
  readonly publicOutputCount: number;
  readonly publicInputCount: number;
  readonly #pool = new CoefficientPool();
  readonly #a = new GrowingMatrix();
  readonly #b = new GrowingMatrix();
  readonly #c = new GrowingMatrix();
  #wireCount: number;

  constructor({ publicOutputCount, publicInputCount, prime = FIELD_PRIME }: R1csBuilderParameters) {
    this.prime = prime;
    this.publicOutputCount = publicOutputCount;
    this.publicInputCount = publicInputCount;
    this.#wireCount = 1 + publicOutputCount + publicInputCount;
  }

  get wireCount(): number {
    return this.#wireCount;
  }

  get rowCount(): number {
    return this.#a.rowCount;
  }

  /** Entries of each matrix so far. */
  get entryCounts(): { readonly a: number; readonly b: number; readonly c: number } {
    return { a: this.#a.entryCount, b: this.#b.entryCount, c: this.#c.entryCount };
  }

  /** Adds `count` consecutive private wires and returns the first. */
  allocate(count: number): number {
    const first = this.#wireCount;
    this.#wireCount += count;
    return first;
  }

  /** Adds the row a · b = c. */
  enforce(a: LinearCombination, b: LinearCombination, c: LinearCombination): void {
    this.#a.append(merged(a), this.#pool);
    this.#b.append(merged(b), this.#pool);
    this.#c.append(merged(c), this.#pool);
  }

  /** Adds the row 0 · 0 = combination: it costs nothing in A and B. */
  enforceZero(combination: LinearCombination): void {
    this.#a.append(EMPTY, this.#pool);
    this.#b.append(EMPTY, this.#pool);
    this.#c.append(merged(combination), this.#pool);
  }

  /** The finished system; the builder may not be used afterwards. */
  finish(): R1cs {
    return {
      prime: this.prime,
      wireCount: this.#wireCount,
      publicOutputCount: this.publicOutputCount,
      publicInputCount: this.publicInputCount,
      privateInputCount: 0,
      rowCount: this.rowCount,
      a: this.#a.finish(),
      b: this.#b.finish(),
      c: this.#c.finish(),
      pool: this.#pool,
    };
  }
}

const EMPTY: LinearCombination = { wires: [], coefficients: [] };

/** Brings the terms of a combination into ascending order of wires, each once. */
function merged(combination: LinearCombination): LinearCombination {
  const { wires, coefficients } = combination;
  if (isAscending(wires)) return combination;
  if (wires.length > POSITIONS) throw new RangeError(`a combination of ${wires.length} terms`);
  // Wire and position in one double, which typed arrays sort natively: 2^32 wires times 2^21 positions.
  const order = new Float64Array(wires.length);
  for (let position = 0; position < wires.length; position++) order[position] = (wires[position] as number) * POSITIONS + position;
  order.sort();
  const mergedWires: number[] = [];
  const mergedCoefficients: Coefficient[] = [];
  let last = -1;
  for (const key of order) {
    const wire = Math.floor(key / POSITIONS);
    const coefficient = coefficients[key - wire * POSITIONS] as Coefficient;
    if (wire === last) {
      mergedCoefficients.push(addCoefficients(mergedCoefficients.pop() as Coefficient, coefficient));
    } else {
      mergedWires.push(wire);
      mergedCoefficients.push(coefficient);
      last = wire;
    }
  }
  return { wires: mergedWires, coefficients: mergedCoefficients };
}

/** Most terms of one combination. */
const POSITIONS = 2 ** 21;

function isAscending(wires: readonly number[]): boolean {
  for (let index = 1; index < wires.length; index++) {
    if ((wires[index - 1] as number) >= (wires[index] as number)) return false;
  }
  return true;
}

function addCoefficients(left: Coefficient, right: Coefficient): Coefficient {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return coefficient(BigInt(left) + BigInt(right));
}

class GrowingMatrix {
  #rowStart = new Uint32Array(1024);
  #wires = new Uint32Array(4096);
  #coefficients = new Uint32Array(4096);
  rowCount = 0;
  entryCount = 0;

  append({ wires, coefficients }: LinearCombination, pool: CoefficientPool): void {
    if (this.rowCount + 2 > this.#rowStart.length) this.#rowStart = grown(this.#rowStart, this.rowCount + 2);
    const end = this.entryCount + wires.length;
    if (end > this.#wires.length) {
      this.#wires = grown(this.#wires, end);
      this.#coefficients = grown(this.#coefficients, end);
    }
    let entry = this.entryCount;
    for (let index = 0; index < wires.length; index++) {
      const coefficient = coefficients[index] as Coefficient;
      if (coefficient === 0) continue;
      this.#wires[entry] = wires[index] as number;
      this.#coefficients[entry] = pool.id(coefficient);
      entry++;
    }
    this.entryCount = entry;
    this.rowCount++;
    this.#rowStart[this.rowCount] = entry;
  }

  finish(): SparseMatrix {
    return {
      rowStart: this.#rowStart.slice(0, this.rowCount + 1),
      wires: this.#wires.slice(0, this.entryCount),
      coefficients: this.#coefficients.slice(0, this.entryCount),
    };
  }
}

function grown(array: Uint32Array<ArrayBuffer>, needed: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(needed, array.length * 2));
  larger.set(array);
  return larger;
}
