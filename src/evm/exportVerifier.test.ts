import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { g1, g2, outsideSubgroup, Q, syntheticKey } from '../../test/evm/syntheticKey.js';
import type { VerificationKey } from '../setup/verificationKey.js';
import { publicLayout } from '../verify/publicLayout.js';
import { exportVerifier, MAX_PUBLIC_SIGNALS, type ExportVerifierOptions } from './exportVerifier.js';

const { verificationKey } = syntheticKey(3);

function layoutOf(input: string, elements: number) {
  return publicLayout({ outputs: [{ name: 'y', type: 'uint8', shape: [1, 10] }], inputs: [{ name: input, type: 'uint8', shape: [1, elements] }] });
}

const options: ExportVerifierOptions = {
  verificationKey,
  layout: layoutOf('x', 20),
  model: { name: 'digits-cnn.int8', sha256: 'ab'.repeat(32) },
  developmentKey: false,
};

function withKey(change: Partial<Record<keyof VerificationKey, unknown>>): ExportVerifierOptions {
  return { ...options, verificationKey: { ...verificationKey, ...change } };
}

function refusal(reason: RegExp): { code: string; message: RegExp } {
  return { code: 'ARTIFACT_MALFORMED', message: reason };
}

describe('exportVerifier', () => {
  it('is deterministic and names the contract for the model', () => {
    const { contractName, source } = exportVerifier(options);
    assert.equal(contractName, 'DigitsCnnInt8Verifier');
    assert.equal(source, exportVerifier(options).source);
    assert.match(source, /isDevelopmentKey = false;/);
    assert.doesNotMatch(source, /DEVELOPMENT KEY/);
  });

  it('refuses a development key, and marks the contract when it is allowed', () => {
    assert.throws(() => exportVerifier({ ...options, developmentKey: true }), { code: 'KEY_DEVELOPMENT' });
    const { contractName, source } = exportVerifier({ ...options, developmentKey: true, allowDevelopmentKey: true });
    assert.equal(contractName, 'DigitsCnnInt8VerifierDevelopmentKey');
    assert.match(source, /DEVELOPMENT KEY\. Whoever made this key can forge a proof of anything\./);
    assert.match(source, /isDevelopmentKey = true;/);
  });

  it('refuses keys that anyone could forge proofs for', () => {
    const minus = (point: string[][]): string[][] => [point[0] as string[], (point[1] as string[]).map((c) => String((Q - BigInt(c)) % Q)), ['1', '0']];
    assert.throws(() => exportVerifier(withKey({ vk_delta_2: g2(1n) })), refusal(/second phase of the setup was skipped/));
    assert.throws(() => exportVerifier(withKey({ vk_delta_2: minus(g2(1n)) })), refusal(/second phase of the setup was skipped/));
    assert.throws(() => exportVerifier(withKey({ vk_gamma_2: verificationKey.vk_delta_2 })), refusal(/equals vk_gamma_2/));
    assert.throws(() => exportVerifier(withKey({ vk_gamma_2: minus(verificationKey.vk_delta_2) })), refusal(/equals vk_gamma_2/));
    assert.throws(() => exportVerifier(withKey({ vk_alpha_1: g1(1n) })), refusal(/vk_alpha_1 is the generator/));
    assert.throws(() => exportVerifier(withKey({ vk_beta_2: g2(1n) })), refusal(/vk_beta_2 is the generator/));
    assert.throws(() => exportVerifier(withKey({ IC: [g1(5n), g1(6n), ['0', '1', '0'], g1(8n)] })), refusal(/IC\[2\] is not a finite point of G1/));
    assert.throws(() => exportVerifier(withKey({ IC: [g1(5n), g1(6n), ['0', '0', '1'], g1(8n)] })), refusal(/IC\[2\] is not a finite point of G1/));
    assert.throws(() => exportVerifier(withKey({ IC: [g1(5n), g1(6n), g1(7n), g1(6n)] })), refusal(/signals 0 and 2 have the same point/));
  });

  it('refuses points that are not on their curve, not in their group, or not canonical', () => {
    const [x, y] = g1(9n) as [string, string, string];
    assert.throws(() => exportVerifier(withKey({ vk_alpha_1: [x, String(BigInt(y) + 1n), '1'] })), refusal(/vk_alpha_1 is not a finite point of G1/));
    assert.throws(() => exportVerifier(withKey({ vk_alpha_1: [String(BigInt(x) + Q), y, '1'] })), refusal(/vk_alpha_1 is not a finite point of G1/));
    assert.throws(() => exportVerifier(withKey({ vk_beta_2: [['1', '2'], ['3', '4'], ['1', '0']] })), refusal(/vk_beta_2 is not a finite point of G2/));
    assert.throws(() => exportVerifier(withKey({ vk_beta_2: outsideSubgroup() })), refusal(/vk_beta_2 is not a finite point of G2/));
    assert.throws(() => exportVerifier(withKey({ vk_gamma_2: [['0', '0'], ['0', '0'], ['1', '0']] })), refusal(/vk_gamma_2 is not a finite point of G2/));
  });

  it('refuses files that are not such a key, and keys of another model', () => {
    assert.throws(() => exportVerifier({ ...options, verificationKey: null }), refusal(/not an object/));
    assert.throws(() => exportVerifier(withKey({ protocol: 'plonk' })), refusal(/protocol/));
    assert.throws(() => exportVerifier(withKey({ curve: 'bls12381' })), refusal(/curve/));
    assert.throws(() => exportVerifier(withKey({ nPublic: 4 })), refusal(/one IC point more/));
    assert.throws(() => exportVerifier({ ...options, verificationKey: syntheticKey(4).verificationKey }), { code: 'KEY_MISMATCH' });
    assert.throws(() => exportVerifier({ ...options, model: { ...options.model, sha256: 'abc' } }), { code: 'USAGE' });
  });

  it('says that too many public signals do not fit into a contract', () => {
    assert.throws(() => exportVerifier({ ...options, layout: layoutOf('x', 31 * MAX_PUBLIC_SIGNALS) }), { code: 'CONTRACT_TOO_LARGE' });
  });

  it('lets no name from a model file out of its comment', () => {
    const hostile = 'x\n} contract Evil { /* */ \u202e selfdestruct @custom';
    const { contractName, source } = exportVerifier({
      ...options,
      model: { ...options.model, name: hostile },
      layout: layoutOf(hostile, 20),
    });
    assert.match(contractName, /^[A-Za-z][A-Za-z0-9]*$/);
    const plain = exportVerifier(options).source.split('\n').length;
    assert.equal(source.split('\n').length, plain);
    for (const line of source.split('\n').filter((text) => text.includes('selfdestruct'))) {
      assert.ok(line.startsWith(`contract ${contractName} {`) || /^ *\/\/\/ (@title )?[\w.,:()/? -]*$/.test(line), line);
    }
  });
});
