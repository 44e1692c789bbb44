/**
 * For gadgets that are too wide for a search, and whose rows are each linear in the wires that are new in them (Poseidon: x², x⁴, then a
 * linear layer). There the linear system of the movements, modulo the real prime, says all: if nothing can move, the wires follow from
 * the inputs one after the other, and if a row is taken away and an output moves, there is another witness for it.
 */
import assert from 'node:assert/strict';
import type { R1cs } from '../../src/r1cs/r1cs.js';
import { firstViolatedRow } from '../support/checkR1cs.js';
import { bigSystem, withoutBigRow } from './bigSystem.js';
import { inLaboratory, record } from './ledger.js';
import { movableWires } from './linearForgery.js';

export interface RankTrial {
  readonly r1cs: R1cs;
  readonly honest: readonly bigint[];
  /** The constant, and the wires of the inputs. */
  readonly given: ReadonlySet<number>;
  readonly output: number;
  /** In the fast tests every so many rows is taken away; in the laboratory, every `laboratoryStep`. */
  readonly step: number;
  readonly laboratoryStep: number;
}

/** Asserts that the inputs determine every wire, and that without a row the output moves. */
export function assertDetermined({ r1cs, honest, given, output, step, laboratoryStep }: RankTrial): void {
  assert.equal(firstViolatedRow(r1cs, honest), undefined);
  const system = bigSystem(r1cs);
  const moved = movableWires(system, honest, given);
  record('elimination', { tried: r1cs.wireCount - given.size, accepted: moved.length });
  assert.deepEqual(moved, [], 'wires that can move');
  for (let row = 0; row < r1cs.rowCount; row += inLaboratory ? laboratoryStep : step) {
    const won = movableWires(withoutBigRow(system, row), honest, given).includes(output);
    record('elimination', { controls: 1, controlsWon: Number(won) });
    assert.ok(won, `without row ${row} the output does not move`);
  }
}
