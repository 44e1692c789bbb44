/**
 * Changes one wire of an honest witness, and then one more: whatever wire of a row that objects can be moved so that the row holds
 * again is moved there, exactly, modulo the real prime. So remainder and quotient move together, a maximum is swapped with another
 * value, a step is taken one off with the remainder that belongs to it.
 */
import { modulo, violates, waysToRepair, type BigSystem } from './bigSystem.js';

export interface WirePairs {
  readonly system: BigSystem;
  readonly honest: readonly bigint[];
  /** The wires that the attacker changes first; the second may be any but the constant and the `given` ones. */
  readonly wires: readonly number[];
  readonly given: ReadonlySet<number>;
  /** Whether changed values are a forgery: another output. */
  readonly isForgery: (values: readonly bigint[]) => boolean;
}

export interface PairsTried {
  readonly one: number;
  readonly two: number;
  /** The wires of each forgery. */
  readonly accepted: readonly (readonly number[])[];
}

/** Tries all of it. */
export function tryWirePairs({ system, honest, wires, given, isForgery }: WirePairs): PairsTried {
  const values = [...honest];
  const accepted: number[][] = [];
  let one = 0;
  let two = 0;
  for (const first of wires) {
    const before = honest[first] as bigint;
    for (const value of new Set([before + 1n, before - 1n, 1n - before, -before].map((each) => modulo(each)))) {
      if (value === before) continue;
      values[first] = value;
      one++;
      const objecting = violatedRows(system, [first], values);
      if (objecting.length === 0 && isForgery(values)) accepted.push([first]);
      for (const row of objecting.slice(0, 1)) {
        for (const [second, repaired] of waysToRepair(system, row, values)) {
          if (second === first || second === 0 || given.has(second)) continue;
          values[second] = repaired;
          two++;
          if (violatedRows(system, [first, second], values).length === 0 && isForgery(values)) accepted.push([first, second]);
          values[second] = honest[second] as bigint;
        }
      }
    }
    values[first] = before;
  }
  return { one, two, accepted };
}

function violatedRows(system: BigSystem, wires: readonly number[], values: readonly bigint[]): number[] {
  return [...new Set(wires.flatMap((wire) => system.rowsOf[wire] as readonly number[]))].filter((row) => violates(system, row, values));
}
