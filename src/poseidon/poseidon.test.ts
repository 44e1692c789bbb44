import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { FIELD_PRIME } from '../r1cs/field.js';
import { MOST_INPUTS } from './parameters.js';
import { chainBlocks, poseidon, poseidonChain } from './poseidon.js';
import { referencePoseidon } from '../../test/support/referencePoseidon.js';

describe('poseidon', () => {
  let reference: (inputs: readonly bigint[]) => bigint;
  before(async () => {
    reference = await referencePoseidon();
  });

  for (let inputs = 1; inputs <= MOST_INPUTS; inputs++) {
    it(`of ${inputs}: what circomlibjs gives`, () => {
      const lists = [
        Array.from({ length: inputs }, (_, i) => BigInt(i + 1)),
        Array.from({ length: inputs }, () => 0n),
        Array.from({ length: inputs }, (_, i) => FIELD_PRIME - 1n - BigInt(i)),
      ];
      for (const list of lists) assert.equal(poseidon(list), reference(list));
    });
  }

  it('a list of any length is a chain of blocks of 16', () => {
    assert.deepEqual([1, 16, 17, 31, 32, 46, 47].map(chainBlocks), [[1], [16], [16, 1], [16, 15], [16, 15, 1], [16, 15, 15], [16, 15, 15, 1]]);
    const list = Array.from({ length: 33 }, (_, i) => BigInt(i) ** 40n);
    const first = reference(list.slice(0, 16));
    const second = reference([first, ...list.slice(16, 31)]);
    assert.equal(poseidonChain(list), reference([second, ...list.slice(31)]));
    assert.equal(poseidonChain(list.slice(0, 3)), reference(list.slice(0, 3)));
  });
});
