import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BASE_PRIME } from '../setup/baseField.js';
import type { Groth16Proof } from '../verify/proof.js';
import { toEvmProof } from './proof.js';

const proof: Groth16Proof = { protocol: 'groth16', curve: 'bn128', pi_a: ['1', '2', '1'], pi_b: [['3', '4'], ['5', '6'], ['1', '0']], pi_c: ['7', '8', '1'] };

describe('toEvmProof', () => {
  it('puts the imaginary part of B first', () => {
    assert.deepEqual(toEvmProof(proof), [1n, 2n, 4n, 3n, 6n, 5n, 7n, 8n]);
  });

  it('refuses what is not a proof', () => {
    const bad = [
      { ...proof, pi_a: ['1', '2'] },
      { ...proof, pi_a: ['1', '2', '0'] },
      { ...proof, pi_a: ['01', '2', '1'] },
      { ...proof, pi_a: ['-1', '2', '1'] },
      { ...proof, pi_a: [String(BASE_PRIME), '2', '1'] },
      { ...proof, pi_b: [['3', '4'], ['5', '6']] },
      { ...proof, pi_b: [['3', '4'], ['5'], ['1', '0']] },
      { ...proof, pi_b: [['3', '4'], ['5', '6'], ['0', '0']] },
      { ...proof, pi_c: ['7', '0x8', '1'] },
    ];
    for (const broken of bad) assert.throws(() => toEvmProof(broken as Groth16Proof), { code: 'PROOF_MALFORMED' }, JSON.stringify(broken));
  });
});
