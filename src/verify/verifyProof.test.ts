import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { join } from 'node:path';
import { bn254 } from '@noble/curves/bn254.js';
import { FIELD_PRIME } from '../r1cs/field.js';
import { BASE_PRIME } from '../setup/baseField.js';
import { developmentKey, verificationKeyFromZkey, type VerificationKey } from '../setup/index.js';
import { witnessToBytes } from '../r1cs/wtnsFile.js';
import { inFolder } from '../../test/support/files.js';
import { randomSystem } from '../../test/support/randomSystem.js';
import { snarkjs, terminateSnarkjs } from '../../test/support/snarkjs.js';
import type { Groth16Proof } from './proof.js';
import { verifyProof } from './verifyProof.js';

interface Case {
  readonly verificationKey: VerificationKey;
  readonly proof: Groth16Proof;
  readonly publicSignals: string[];
}

async function proven(seed: number): Promise<Case> {
  return inFolder(async (folder) => {
    const { r1cs, witness } = randomSystem({ seed, rows: 20 });
    const zkeyPath = join(folder, 'key.zkey');
    await developmentKey({ r1cs, zkeyPath });
    const { proof, publicSignals } = await snarkjs.groth16.prove(zkeyPath, { type: 'mem', data: witnessToBytes(witness) });
    return { verificationKey: await verificationKeyFromZkey(zkeyPath), proof: proof as unknown as Groth16Proof, publicSignals };
  });
}

let good: Case;
let other: Case;
before(async () => {
  good = await proven(51);
  other = await proven(52);
});
after(terminateSnarkjs);

/** A copy with the value at a path replaced. */
function altered<T>(value: T, path: readonly (string | number)[], by: (old: unknown) => unknown): T {
  const copy = structuredClone(value);
  let place = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) place = place[step] as Record<string | number, unknown>;
  const last = path.at(-1) as string | number;
  place[last] = by(place[last]);
  return copy;
}

function g1Strings(point: InstanceType<typeof bn254.G1.Point>): [string, string, string] {
  const { x, y } = point.toAffine();
  return [String(x), String(y), '1'];
}

describe('verifyProof', () => {
  it('accepts what snarkjs proves', () => {
    assert.equal(verifyProof(good), true);
    assert.equal(verifyProof({ ...good, publicSignals: good.publicSignals.map(BigInt) }), true);
    assert.equal(verifyProof(other), true);
  });

  it('rejects the proof of another witness, other signals, another key', () => {
    assert.equal(verifyProof({ ...good, proof: other.proof }), false);
    assert.equal(verifyProof({ ...good, publicSignals: other.publicSignals }), false);
    assert.equal(verifyProof({ ...good, verificationKey: other.verificationKey }), false);
    for (const index of good.publicSignals.keys()) {
      const publicSignals = altered(good.publicSignals, [index], (old) => String((BigInt(old as string) + 1n) % FIELD_PRIME));
      assert.equal(verifyProof({ ...good, publicSignals }), false);
    }
  });

  it('rejects a proof with another valid point', () => {
    const { G1 } = bn254;
    const negative = (path: string) => altered(good.proof, [path, 1], (y) => String(BASE_PRIME - BigInt(y as string)));
    assert.equal(verifyProof({ ...good, proof: negative('pi_a') }), false);
    assert.equal(verifyProof({ ...good, proof: negative('pi_c') }), false);
    assert.equal(verifyProof({ ...good, proof: { ...good.proof, pi_a: g1Strings(G1.Point.BASE) } }), false);
    assert.equal(verifyProof({ ...good, proof: { ...good.proof, pi_c: other.proof.pi_c } }), false);
    assert.equal(verifyProof({ ...good, proof: { ...good.proof, pi_b: good.verificationKey.vk_beta_2 } }), false);
  });

  it('takes one form of each public value only: x + r does not pass', () => {
    for (const value of [BigInt(good.publicSignals[2] as string) + FIELD_PRIME, FIELD_PRIME, -1n]) {
      assert.throws(() => verifyProof({ ...good, publicSignals: altered<(string | bigint)[]>(good.publicSignals, [2], () => value) }), { code: 'PROOF_MALFORMED' });
      assert.throws(() => verifyProof({ ...good, publicSignals: altered(good.publicSignals, [2], () => String(value)) }), { code: 'PROOF_MALFORMED' });
    }
    for (const text of ['', '01', '0x1', ' 1', '1 ', '1e3', '1.0', '１', '9'.repeat(1_000_000)]) {
      assert.throws(() => verifyProof({ ...good, publicSignals: altered(good.publicSignals, [2], () => text) }), { code: 'PROOF_MALFORMED' }, text.slice(0, 20));
    }
  });

  it('refuses the wrong number of public values', () => {
    assert.throws(() => verifyProof({ ...good, publicSignals: good.publicSignals.slice(1) }), { code: 'PROOF_MALFORMED' });
    assert.throws(() => verifyProof({ ...good, publicSignals: [...good.publicSignals, '0'] }), { code: 'PROOF_MALFORMED' });
    assert.throws(() => verifyProof({ ...good, publicSignals: null as unknown as string[] }), { code: 'PROOF_MALFORMED' });
  });

  it('refuses points that are not reduced, not on the curve, at infinity, or not points', () => {
    const plusQ = (old: unknown) => String(BigInt(old as string) + BASE_PRIME);
    const plusOne = (old: unknown) => String(BigInt(old as string) + 1n);
    const bad: [string, Groth16Proof][] = [
      ['x + q in A', altered(good.proof, ['pi_a', 0], plusQ)],
      ['y + q in C', altered(good.proof, ['pi_c', 1], plusQ)],
      ['x.c1 + q in B', altered(good.proof, ['pi_b', 0, 1], plusQ)],
      ['A off the curve', altered(good.proof, ['pi_a', 0], plusOne)],
      ['B off the curve', altered(good.proof, ['pi_b', 1, 0], plusOne)],
      ['A at infinity', { ...good.proof, pi_a: ['0', '1', '0'] }],
      ['A all zero', { ...good.proof, pi_a: ['0', '0', '1'] }],
      ['another z', altered(good.proof, ['pi_c', 2], () => '2')],
      ['a missing coordinate', altered(good.proof, ['pi_c'], () => ['1', '2'])],
      ['numbers for strings', altered(good.proof, ['pi_c', 0], () => 1)],
      ['an object for a point', altered(good.proof, ['pi_b'], () => ({ length: 3 }))],
      ['null for a point', altered(good.proof, ['pi_b'], () => null)],
      ['another protocol', altered(good.proof, ['protocol'], () => 'plonk')],
      ['another curve', altered(good.proof, ['curve'], () => 'bls12381')],
    ];
    for (const [name, proof] of bad) assert.throws(() => verifyProof({ ...good, proof }), { code: 'PROOF_MALFORMED' }, name);
    for (const proof of [null, undefined, 'proof', 7, []]) assert.throws(() => verifyProof({ ...good, proof: proof as unknown as Groth16Proof }), { code: 'PROOF_MALFORMED' });
  });

  it('refuses a point of the twist outside of the subgroup', () => {
    const { Fp2 } = bn254.fields;
    // y² = x³ + 3/(9 + u) has solutions that are not multiples of the generator: their order divides the cofactor too.
    const b = Fp2.div(Fp2.fromBigTuple([3n, 0n]), Fp2.fromBigTuple([9n, 1n]));
    let x = 1n;
    let y: ReturnType<typeof Fp2.sqrt> | undefined;
    for (; y === undefined; x++) {
      try {
        y = Fp2.sqrt(Fp2.add(Fp2.pow(Fp2.fromBigTuple([x, 0n]), 3n), b));
        break;
      } catch {
        continue;
      }
    }
    const point = bn254.G2.Point.fromAffine({ x: Fp2.fromBigTuple([x, 0n]), y });
    assert.equal(point.isTorsionFree(), false);
    const proof: Groth16Proof = { ...good.proof, pi_b: [[String(x), '0'], [String(y.c0), String(y.c1)], ['1', '0']] };
    assert.throws(() => verifyProof({ ...good, proof }), { code: 'PROOF_MALFORMED' });
  });

  it('refuses a verification key that is not one, or that anyone can forge proofs for', () => {
    const { verificationKey: key } = good;
    const bad: [string, VerificationKey][] = [
      ['no second phase', { ...key, vk_delta_2: key.vk_gamma_2 }],
      ['a point too few', { ...key, IC: key.IC.slice(1) }],
      ['a public signal at infinity', altered(key, ['IC', 1], () => ['0', '1', '0'])],
      ['a point off the curve', altered(key, ['vk_alpha_1', 0], () => '7')],
      ['another protocol', altered(key, ['protocol'], () => 'another')],
      ['a fraction of signals', altered(key, ['nPublic'], () => 2.5)],
      ['a list for IC that is none', altered(key, ['IC'], () => 'IC')],
      ['null', null as unknown as VerificationKey],
    ];
    for (const [name, verificationKey] of bad) assert.throws(() => verifyProof({ ...good, verificationKey }), { code: 'ARTIFACT_MALFORMED' }, name);
  });

  it('would be forged without a second phase: the forgery that the refusal is for', async () => {
    // With δ = γ: A = α, B = β, C = −Σ x_i·IC_i fits any x.
    const { verificationKey: key, publicSignals } = good;
    const toPoint = ([x, y]: readonly string[]) => bn254.G1.Point.fromAffine({ x: BigInt(x as string), y: BigInt(y as string) });
    const combined = publicSignals.reduce((sum, signal, index) => sum.add(toPoint(key.IC[index + 1] as string[]).multiply(BigInt(signal))), toPoint(key.IC[0] as string[]));
    const proof: Groth16Proof = { ...good.proof, pi_a: key.vk_alpha_1, pi_b: key.vk_beta_2, pi_c: g1Strings(combined.negate()) };
    assert.ok(await snarkjs.groth16.verify({ ...key, vk_delta_2: key.vk_gamma_2 }, publicSignals, proof));
    assert.throws(() => verifyProof({ verificationKey: { ...key, vk_delta_2: key.vk_gamma_2 }, proof, publicSignals }), { code: 'ARTIFACT_MALFORMED' });
    assert.equal(verifyProof({ ...good, proof }), false);
  });
});

describe('zkonnx/verify', () => {
  it('loads nothing but itself, the curve and the hash: no ONNX Runtime, no ethers, no snarkjs, nothing of Node', () => {
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (url: URL): void => {
      if (seen.has(url.href)) return;
      seen.add(url.href);
      const code = readFileSync(url, 'utf8');
      for (const [, specifier] of code.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)) {
        if ((specifier as string).startsWith('.')) visit(new URL(specifier as string, url));
        else packages.add(specifier as string);
      }
    };
    visit(new URL('./index.js', import.meta.url));
    assert.ok(seen.size > 5);
    assert.deepEqual([...packages].sort(), ['@noble/curves/bn254.js', '@noble/hashes/sha3.js']);
  });
});
