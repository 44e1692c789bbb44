/**
 * All satisfying assignments of a small system, by propagation and backtracking. Nothing is assumed of the system: the search is
 * exhaustive. It looks at a row with the fewest unknown wires; with one unknown it takes all roots of the row, which is then a
 * polynomial of degree two at most; with more it tries every value of the field for one of them.
 */
import type { SmallRow, SmallSystem, Term } from './smallSystem.js';

/** Sees one assignment; the array is reused. Returning true ends the search. */
export type Visit = (values: Int32Array) => boolean;

/**
 * Visits every assignment that satisfies all rows and agrees with `fixed` (wire to value; wire 0 is fixed to 1).
 * @returns whether a visit ended the search.
 */
export function visitAssignments(system: SmallSystem, fixed: ReadonlyMap<number, number>, visit: Visit): boolean {
  return new Search(system, visit).run(fixed);
}

const UNKNOWN = -1;

class Search {
  readonly #prime: number;
  readonly #rows: readonly SmallRow[];
  readonly #visit: Visit;
  readonly #values: Int32Array;
  /** Distinct wires of each row, and rows of each wire. */
  readonly #wiresOf: readonly (readonly number[])[];
  readonly #rowsOf: readonly number[][];
  /** Unknown wires of each row. */
  readonly #unknown: number[];

  constructor({ prime, wireCount, rows }: SmallSystem, visit: Visit) {
    this.#prime = prime;
    this.#rows = rows;
    this.#visit = visit;
    this.#values = new Int32Array(wireCount).fill(UNKNOWN);
    this.#wiresOf = rows.map(({ a, b, c }) => [...new Set([...a, ...b, ...c].map(([wire]) => wire))]);
    this.#rowsOf = Array.from({ length: wireCount }, () => []);
    this.#wiresOf.forEach((wires, row) => wires.forEach((wire) => this.#rowsOf[wire]?.push(row)));
    this.#unknown = this.#wiresOf.map((wires) => wires.length);
  }

  run(fixed: ReadonlyMap<number, number>): boolean {
    if (this.#wiresOf.some((wires, row) => wires.length === 0 && !this.#holds(row))) return false;
    for (const [wire, value] of [[0, 1] as const, ...fixed]) {
      if (!this.#set(wire, ((value % this.#prime) + this.#prime) % this.#prime)) return false;
    }
    return this.#descend();
  }

  #descend(): boolean {
    let chosen = -1;
    let roots: readonly number[] | undefined;
    for (let row = 0; row < this.#rows.length; row++) {
      const unknown = this.#unknown[row] as number;
      if (unknown === 0) continue;
      if (unknown === 1) {
        const found = this.#roots(row);
        // Any value satisfies this row: it says nothing.
        if (found === undefined) continue;
        // Of two choices the one for the first wire: those that follow from it come right behind it.
        if (roots !== undefined && found.length > 1 && this.#unknownOf(row) > this.#unknownOf(chosen)) continue;
        chosen = row;
        roots = found;
        if (found.length <= 1) break;
      } else if (roots === undefined && (chosen === -1 || unknown < (this.#unknown[chosen] as number))) {
        chosen = row;
      }
    }
    if (roots !== undefined) return this.#branch(this.#unknownOf(chosen), roots);
    const wire = chosen === -1 ? this.#values.indexOf(UNKNOWN) : this.#unknownOf(chosen);
    if (wire === -1) return this.#visit(this.#values);
    return this.#branch(wire, range(this.#prime));
  }

  #branch(wire: number, values: Iterable<number>): boolean {
    for (const value of values) {
      const stop = this.#set(wire, value) && this.#descend();
      this.#unset(wire);
      if (stop) return true;
    }
    return false;
  }

  /** Gives a wire its value; false when a row is violated by it. */
  #set(wire: number, value: number): boolean {
    this.#values[wire] = value;
    let consistent = true;
    for (const row of this.#rowsOf[wire] as number[]) {
      this.#unknown[row] = (this.#unknown[row] as number) - 1;
      if (this.#unknown[row] === 0 && consistent) consistent = this.#holds(row);
    }
    return consistent;
  }

  #unset(wire: number): void {
    this.#values[wire] = UNKNOWN;
    for (const row of this.#rowsOf[wire] as number[]) this.#unknown[row] = (this.#unknown[row] as number) + 1;
  }

  #unknownOf(row: number): number {
    return (this.#wiresOf[row] as readonly number[]).find((wire) => this.#values[wire] === UNKNOWN) as number;
  }

  #holds(row: number): boolean {
    const { a, b, c } = this.#rows[row] as SmallRow;
    return (this.#known(a) * this.#known(b) - this.#known(c)) % this.#prime === 0;
  }

  /** The sum of the terms whose wires are known. */
  #known(terms: readonly Term[]): number {
    let sum = 0;
    for (const [wire, coefficient] of terms) {
      const value = this.#values[wire] as number;
      if (value !== UNKNOWN) sum = (sum + coefficient * value) % this.#prime;
    }
    return sum;
  }

  /** All values of the one unknown wire of a row that satisfy it; undefined when all do. */
  #roots(row: number): readonly number[] | undefined {
    const p = this.#prime;
    const { a, b, c } = this.#rows[row] as SmallRow;
    const wire = this.#unknownOf(row);
    const of = (terms: readonly Term[]) => terms.find(([each]) => each === wire)?.[1] ?? 0;
    const [a0, a1, b0, b1, c0, c1] = [this.#known(a), of(a), this.#known(b), of(b), this.#known(c), of(c)];
    // q·v² + l·v + k
    const q = (a1 * b1) % p;
    const l = (((a0 * b1) % p) + ((a1 * b0) % p) + p - c1) % p;
    const k = (((a0 * b0) % p) + p - c0) % p;
    if (q === 0 && l === 0) return k === 0 ? undefined : [];
    if (q === 0) return [((p - k) * inverse(l, p)) % p];
    // v = (−l ± √(l² − 4qk)) / 2q, p odd.
    const root = squareRoot((((l * l) % p) + p * 4 - ((((4 * q) % p) * k) % p)) % p, p);
    if (root === undefined) return [];
    const half = inverse((2 * q) % p, p);
    const [first, second] = [((p - l + root) % p) * half, ((2 * p - l - root) % p) * half].map((value) => value % p) as [number, number];
    return first === second ? [first] : [first, second];
  }
}

function* range(count: number): Generator<number> {
  for (let value = 0; value < count; value++) yield value;
}

function power(base: number, exponent: number, p: number): number {
  let result = 1;
  let square = base % p;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result;
}

function inverse(value: number, p: number): number {
  return power(value, p - 2, p);
}

const rootTables = new Map<number, Int32Array>();

/** A square root modulo p, or undefined. From a table of all squares, made once for each prime. */
function squareRoot(value: number, p: number): number | undefined {
  let table = rootTables.get(p);
  if (table === undefined) {
    table = new Int32Array(p).fill(UNKNOWN);
    for (let root = 0; root <= p >> 1; root++) table[(root * root) % p] = root;
    rootTables.set(p, table);
  }
  const root = table[value] as number;
  return root === UNKNOWN ? undefined : root;
}
