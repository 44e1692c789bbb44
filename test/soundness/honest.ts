/** A gadget alone over the real prime, with the witness that its own generator writes. */
import assert from 'node:assert/strict';
import type { ConstraintSystem } from '../../circuits/constraintSystem.js';
import { RangeChecks } from '../../circuits/range.js';
import { WitnessWriter } from '../../src/compile/witnessWriter.js';
import { R1csBuilder } from '../../src/r1cs/builder.js';
import { FIELD_PRIME, modulo } from '../../src/r1cs/field.js';
import { wire, type LinearCombination } from '../../src/r1cs/linearCombination.js';
import type { R1cs } from '../../src/r1cs/r1cs.js';
import type { WitnessSink } from '../../src/r1cs/witness.js';
import { bigSystem } from './bigSystem.js';
import { inLaboratory, record } from './ledger.js';
import { tryWirePairs } from './wirePairs.js';
import { firstViolatedRow, wireValues } from '../support/checkR1cs.js';

export interface HonestRun {
  readonly build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => readonly LinearCombination[];
  /** Writes the wires of the gadget from `first` on and returns the next free wire. */
  readonly assign: (sink: WitnessSink, first: number, input: readonly number[]) => number;
  readonly inputs: readonly (readonly number[])[];
  readonly expected: (input: readonly number[]) => readonly (number | bigint)[];
  /** What the gadget's cost formula says. */
  readonly rows: number;
}

/** Asserts that the generator's witness satisfies every row, gives the right outputs and fills all wires, and that the formula counts the rows. */
export function assertHonest({ build, assign, inputs, expected, rows }: HonestRun): void {
  const builder = new R1csBuilder({ publicOutputCount: 0, publicInputCount: 0 });
  const cs: ConstraintSystem = { builder, ranges: new RangeChecks(builder) };
  const arity = inputs[0]?.length ?? 0;
  const first = builder.allocate(arity);
  const outputs = build(cs, Array.from({ length: arity }, (_, i) => wire(first + i)));
  const wireCount = builder.wireCount;
  cs.ranges.resolve();
  const r1cs = builder.finish();
  assert.equal(r1cs.wireCount, wireCount, 'rows that are written last take no wires');
  assert.equal(r1cs.rowCount, rows);
  for (const [index, input] of inputs.entries()) {
    const writer = new WitnessWriter(wireCount);
    writer.set(0, 1);
    input.forEach((value, i) => writer.set(first + i, value));
    assert.equal(assign(writer, first + arity, input), wireCount, `wires for ${input.join()}`);
    const values = wireValues(writer.finish(), FIELD_PRIME);
    assert.equal(firstViolatedRow(r1cs, values), undefined, `a row is violated for ${input.join()}`);
    const outputsOf = (given: readonly bigint[]) => outputs.map(({ wires, coefficients }) => modulo(wires.reduce((sum, index, term) => sum + BigInt(coefficients[term] as number | bigint) * (given[index] as bigint), 0n)));
    const right = expected(input).map((value) => modulo(BigInt(value)));
    assert.deepEqual(outputsOf(values), right, `outputs for ${input.join()}`);
    // Of large gadgets two inputs: every pair of their wires is many.
    if (inLaboratory && (rows < 150 || index < 2)) attackPairs(r1cs, values, first + arity, (forged) => outputsOf(forged).some((value, i) => value !== right[i]));
  }
}

/** In the laboratory: every wire of the gadget, alone and with another. */
function attackPairs(r1cs: R1cs, honest: readonly bigint[], own: number, isForgery: (values: readonly bigint[]) => boolean): void {
  const system = bigSystem(r1cs);
  const given = new Set(Array.from({ length: own }, (_, index) => index));
  const wires = Array.from({ length: r1cs.wireCount - own }, (_, index) => own + index);
  const { one, two, accepted } = tryWirePairs({ system, honest, wires, given, isForgery });
  record('one wire', { tried: one, accepted: accepted.filter(({ length }) => length === 1).length });
  record('two wires', { tried: two, accepted: accepted.filter(({ length }) => length === 2).length });
  assert.deepEqual(accepted, [], 'changed wires that give another output');
}
