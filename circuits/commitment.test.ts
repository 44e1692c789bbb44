import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { wire } from '../src/r1cs/linearCombination.js';
import { assertHonest } from '../test/soundness/honest.js';
import { referencePoseidon } from '../test/support/referencePoseidon.js';
import { assignCommitment, commitmentRows, constrainCommitment } from './commitment.js';

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

  it('rows', () => {
    assert.deepEqual([commitmentRows(2, 2), commitmentRows(2, 14), commitmentRows(2, 29)], [300, 636, 1278]);
  });
});
