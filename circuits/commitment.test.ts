import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WitnessWriter } from '../src/compile/witnessWriter.js';
import { poseidonChain } from '../src/poseidon/poseidon.js';
import { R1csBuilder } from '../src/r1cs/builder.js';
import { FIELD_PRIME } from '../src/r1cs/field.js';
import { wire } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertDetermined } from '../test/soundness/rank.js';
import { wireValues } from '../test/support/checkR1cs.js';
import { referencePoseidon } from '../test/support/referencePoseidon.js';
import { assignCommitment, commitmentRows, constrainCommitment } from './commitment.js';
import { RangeChecks } from './range.js';

describe('commitment', () => {
  for (const [constants, hidden] of [
    [2, 1],
    [2, 14],
    [2, 15],
    [1, 40],
    [17, 3],
  ] as const) {
    it(`${constants} constants and ${hidden} hidden elements: the chain of circomlibjs's hashes`, async () => {
      const reference = await referencePoseidon();
      const fixed = Array.from({ length: constants }, (_, i) => 2n ** 200n + BigInt(i));
      const chain = (values: readonly number[]): bigint => {
        const elements = [...fixed, ...values.map(BigInt)];
        let hash = reference(elements.slice(0, 16));
        for (let taken = 16; taken < elements.length; taken += 15) hash = reference([hash, ...elements.slice(taken, taken + 15)]);
        return hash;
      };
      const values = Array.from({ length: hidden }, (_, i) => 1000 + i);
      assertHonest({
        build: (cs, inputs) => {
          const commitment = wire(cs.builder.allocate(1));
          constrainCommitment(cs, { constants: fixed, hidden: inputs, commitment });
          return [commitment];
        },
        assign: (sink: WitnessSink, first: number, input: readonly number[]) => {
          sink.setWide(first, chain(input));
          return assignCommitment(sink, first + 1, { constants: fixed, hidden: input.map(BigInt) });
        },
        inputs: [values],
        expected: (input) => [chain(input)],
        rows: commitmentRows(constants, hidden),
      });
    });
  }

  // One block, and two.
  for (const [constants, hidden, step, laboratoryStep] of [[2, 1, 20, 1], [2, 15, 300, 10]] as const) {
    it(`${constants} constants and ${hidden} hidden elements determine it, and not without a row`, () => {
      const fixed = Array.from({ length: constants }, (_, i) => 2n ** 200n + BigInt(i));
      const values = Array.from({ length: hidden }, (_, i) => 77n + 13n ** BigInt(i));
      const builder = new R1csBuilder({ publicOutputCount: 1, publicInputCount: 0 });
      const first = builder.allocate(hidden);
      constrainCommitment({ builder, ranges: new RangeChecks(builder) }, { constants: fixed, hidden: values.map((_, i) => wire(first + i)), commitment: wire(1) });
      const r1cs = builder.finish();
      const writer = new WitnessWriter(r1cs.wireCount);
      writer.set(0, 1);
      writer.setWide(1, poseidonChain([...fixed, ...values]));
      values.forEach((value, i) => writer.setWide(first + i, value));
      assert.equal(assignCommitment(writer, first + hidden, { constants: fixed, hidden: values }), r1cs.wireCount);
      const given = new Set([0, ...values.map((_, i) => first + i)]);
      assertDetermined({ r1cs, honest: wireValues(writer.finish(), FIELD_PRIME), given, output: 1, step, laboratoryStep });
    });
  }

  it('rows', () => {
    assert.deepEqual([commitmentRows(2, 2), commitmentRows(2, 14), commitmentRows(2, 29)], [300, 636, 1278]);
  });
});
