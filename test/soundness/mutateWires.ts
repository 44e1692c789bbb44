/** Changes the wires of a witness one by one. */
import { FIELD_PRIME } from '../../src/r1cs/field.js';
import { seeded } from '../support/seeded.js';
import { violates, type BigSystem } from './bigSystem.js';

/**
 * Wires, of `count` chosen at random, that took another value (one more, one less, or anything) without any row objecting. Only the
 * rows of that wire are looked at: the others have not changed.
 */
export function acceptedMutations(system: BigSystem, honest: readonly bigint[], count: number, seed: number): number[] {
  const random = seeded(seed);
  const values = [...honest];
  const accepted: number[] = [];
  for (let i = 0; i < count; i++) {
    const wire = 1 + Math.floor(random() * (system.wireCount - 1));
    const delta = [1n, FIELD_PRIME - 1n, 1n + (BigInt(Math.floor(random() * 2 ** 52)) * BigInt(Math.floor(random() * 2 ** 52)) ** 4n) % (FIELD_PRIME - 1n)][i % 3] as bigint;
    values[wire] = ((honest[wire] as bigint) + delta) % FIELD_PRIME;
    if (!(system.rowsOf[wire] as readonly number[]).some((row) => violates(system, row, values))) accepted.push(wire);
    values[wire] = honest[wire] as bigint;
  }
  return accepted;
}
