/**
 * Two attacks on a whole compiled model. Both begin at an honest witness and keep the public inputs and the inputs of the model.
 *
 * First order: a direction in which the wires can move so that every row still holds to first order, by elimination modulo the
 * real prime. Where there is none for a wire, no forgery near the witness changes it.
 *
 * Exact: a wire jumps (a boolean to its other value, any other by one or to another root of a row), and every row that this violates is repaired by a wire of
 * that row which the row leaves free to move: exactly, modulo the real prime, with backtracking over the choices. A boolean wire
 * (one whose row b · (b − 1) = 0 is there) can only jump. What comes out is a whole assignment that satisfies every row up to a
 * chosen wire: whatever reads the changed wires after that can be computed honestly, because gadgets accept every value in range.
 */
import { divide, FIELD_PRIME, modulo, movements, valueOf, violates, type BigRow, type BigSystem } from './bigSystem.js';

/** Wires that a first-order direction moves, ascending; `fixed` ones do not move. */
export function movableWires(system: BigSystem, honest: readonly bigint[], fixed: ReadonlySet<number>): number[] {
  const rows = system.rows.map((row) => derivative(row, honest, fixed));
  const rowsOf: Set<number>[] = Array.from({ length: system.wireCount }, () => new Set());
  rows.forEach((row, index) => { for (const wire of row.keys()) rowsOf[wire]?.add(index); });
  const still = new Set<number>();

  // Rows with one wire force it to stay; so most of the system falls before any elimination.
  const single = rows.flatMap((row, index) => (row.size === 1 ? [index] : []));
  for (let index = single.pop(); index !== undefined; index = single.pop()) {
    const [wire] = (rows[index] as Map<number, bigint>).keys();
    if (wire === undefined || still.has(wire)) continue;
    still.add(wire);
    for (const other of rowsOf[wire] as Set<number>) {
      const row = rows[other] as Map<number, bigint>;
      row.delete(wire);
      if (row.size === 1) single.push(other);
    }
  }

  // What is left is eliminated, shortest row first; a pivot is expressed by the other wires of its row.
  const pivots = new Map<number, Map<number, bigint>>();
  const left = new Set(rows.flatMap((row, index) => (row.size > 0 ? [index] : [])));
  while (left.size > 0) {
    let shortest = -1;
    for (const index of left) if (shortest === -1 || (rows[index] as Map<number, bigint>).size < (rows[shortest] as Map<number, bigint>).size) shortest = index;
    left.delete(shortest);
    const row = rows[shortest] as Map<number, bigint>;
    const pivot = [...row.keys()].reduce<number | undefined>((best, wire) => (best === undefined || (rowsOf[wire] as Set<number>).size < (rowsOf[best] as Set<number>).size ? wire : best), undefined);
    if (pivot === undefined) continue;
    pivots.set(pivot, row);
    const lead = row.get(pivot) as bigint;
    for (const index of rowsOf[pivot] as Set<number>) {
      if (!left.has(index)) continue;
      const other = rows[index] as Map<number, bigint>;
      const factor = other.get(pivot);
      if (factor === undefined) continue;
      const scale = divide(factor, lead);
      for (const [wire, coefficient] of row) {
        const sum = modulo((other.get(wire) ?? 0n) - scale * coefficient);
        if (sum === 0n) other.delete(wire);
        else {
          other.set(wire, sum);
          rowsOf[wire]?.add(index);
        }
      }
      if (other.size === 0) left.delete(index);
    }
  }
  // A wire moves unless it stays, or is a pivot whose row says that it does. Resolved by a random direction of the free wires.
  const motion = new Map<number, bigint>();
  let seed = 12_345n;
  const moved = (wire: number): bigint => {
    if (fixed.has(wire) || still.has(wire)) return 0n;
    const known = motion.get(wire);
    if (known !== undefined) return known;
    const row = pivots.get(wire);
    let value: bigint;
    if (row === undefined) value = seed = modulo(seed * seed + 1n);
    else {
      let sum = 0n;
      for (const [other, coefficient] of row) if (other !== wire) sum += coefficient * moved(other);
      value = divide(modulo(-sum), row.get(wire) as bigint);
    }
    motion.set(wire, value);
    return value;
  };
  return Array.from({ length: system.wireCount }, (_, wire) => wire).filter((wire) => moved(wire) !== 0n);
}

/** The row at the witness, to first order: coefficient of the movement of each wire. */
function derivative({ a, b, c }: BigRow, honest: readonly bigint[], fixed: ReadonlySet<number>): Map<number, bigint> {
  const result = new Map<number, bigint>();
  const collect = (terms: BigRow['a'], factor: bigint): void => {
    if (factor === 0n) return;
    for (const [wire, coefficient] of terms) if (!fixed.has(wire)) result.set(wire, modulo((result.get(wire) ?? 0n) + coefficient * factor));
  };
  collect(a, valueOf(b, honest));
  collect(b, valueOf(a, honest));
  collect(c, FIELD_PRIME - 1n);
  for (const [wire, coefficient] of result) if (coefficient === 0n) result.delete(wire);
  return result;
}

export interface ForgeryParameters {
  readonly system: BigSystem;
  readonly honest: readonly bigint[];
  /** A forgery is an assignment in which one of these has another value. */
  readonly targets: ReadonlySet<number>;
  /** The only wires that may change are first ≤ w < end and `also`. Rows with any other wire at or beyond `end` are not looked at: they are computed afterwards. */
  readonly first: number;
  readonly end: number;
  readonly also?: ReadonlySet<number>;
  /** The wires that jump first. */
  readonly starts: Iterable<number>;
}

/** Steps of repair for one first jump. */
const MOST_REPAIRS = 50;

/** Looks for a forgery by jumps and exact repairs: the changed wires, or undefined. */
export function findForgery({ system, honest, targets, first, end, also, starts }: ForgeryParameters): ReadonlyMap<number, bigint> | undefined {
  const boolean = booleanWires(system);
  const considered = (row: number): boolean => {
    const { a, b, c } = system.rows[row] as BigRow;
    return [a, b, c].every((terms) => terms.every(([wire]) => wire < end || also?.has(wire) === true));
  };
  const free = (wire: number): boolean => (wire >= first && wire < end) || also?.has(wire) === true;
  const values = [...honest];
  const changed = new Map<number, bigint>();
  let budget = 0;

  /** Sets a wire and repairs what it violates, beside `open`. */
  const change = (wire: number, value: bigint, open: readonly number[]): boolean => {
    changed.set(wire, value);
    values[wire] = value;
    const pending = [...new Set([...open, ...(system.rowsOf[wire] as readonly number[])])].filter((row) => considered(row) && violates(system, row, values));
    if (repair(pending)) return true;
    changed.delete(wire);
    values[wire] = honest[wire] as bigint;
    return false;
  };
  const repair = (pending: readonly number[]): boolean => {
    // The row with the fewest ways out goes first.
    let fewest: (readonly [number, bigint])[] | undefined;
    for (const row of pending) {
      const ways = waysOut(row);
      if (fewest === undefined || ways.length < fewest.length) fewest = ways;
      if (ways.length === 0) return false;
    }
    if (fewest === undefined) return [...changed.keys()].some((wire) => targets.has(wire));
    for (const [wire, value] of fewest) {
      if (++budget > MOST_REPAIRS) return false;
      if (change(wire, value, pending)) return true;
    }
    return false;
  };
  /** Values of single wires, not yet changed, that satisfy a row. */
  const waysOut = (row: number): (readonly [number, bigint])[] => {
    const { a, b, c } = system.rows[row] as BigRow;
    const [a0, b0, c0] = [valueOf(a, values), valueOf(b, values), valueOf(c, values)];
    const slopes = new Map<number, [bigint, bigint, bigint]>();
    [a, b, c].forEach((terms, matrix) => {
      for (const [wire, coefficient] of terms) {
        if (!free(wire) || changed.has(wire)) continue;
        const own = slopes.get(wire) ?? [0n, 0n, 0n];
        own[matrix] = coefficient;
        slopes.set(wire, own);
      }
    });
    return [...slopes].flatMap(([wire, [a1, b1, c1]]) => {
      const value = values[wire] as bigint;
      if (!boolean.has(wire)) return movements([a0, a1], [b0, b1], [c0, c1]).map((step) => [wire, modulo(value + step)] as const);
      const jump = 1n - 2n * value;
      return modulo((a0 + a1 * jump) * (b0 + b1 * jump) - (c0 + c1 * jump)) === 0n ? [[wire, 1n - value] as const] : [];
    });
  };

  /** Where a product of two factors lets a wire jump to. */
  const otherRoots = (wire: number): bigint[] =>
    (system.rowsOf[wire] as readonly number[]).flatMap((row) => {
      const { a, b } = system.rows[row] as BigRow;
      if (![a, b].every((terms) => terms.some(([each]) => each === wire))) return [];
      return waysOut(row).flatMap(([each, value]) => (each === wire && value !== honest[wire] ? [value] : []));
    });

  for (const start of starts) {
    const before = honest[start] as bigint;
    budget = 0;
    for (const value of boolean.has(start) ? [1n - before] : new Set([...otherRoots(start), modulo(before + 1n), modulo(before - 1n)])) {
      if (change(start, value, [])) return changed;
    }
  }
  return undefined;
}

/** Wires with a row b · (b − 1) = 0. */
function booleanWires({ rows }: BigSystem): Set<number> {
  const result = new Set<number>();
  for (const { a, b, c } of rows) {
    const [first] = a;
    if (a.length === 1 && c.length === 0 && b.length === 2 && first?.[1] === 1n && b[0]?.[0] === 0 && b[0][1] === -1n && b[1]?.[0] === first[0] && b[1][1] === 1n) result.add(first[0]);
  }
  return result;
}
