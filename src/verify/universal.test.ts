/** Proofs of PLONK and FFLONK: our verifier and snarkjs's say the same of good and of damaged ones, and ours refuses what cannot be read. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isZkonnxError } from '../errors/index.js';
import { R1csBuilder } from '../r1cs/builder.js';
import { FIELD_PRIME } from '../r1cs/field.js';
import { writeR1csFile } from '../r1cs/r1csFile.js';
import type { R1cs } from '../r1cs/r1cs.js';
import type { Witness } from '../r1cs/witness.js';
import { selectBackend } from '../prove/index.js';
import { developmentKey, verificationKeyFromZkey } from '../setup/index.js';
import { makeUniversalKey } from '../setup/universal/universalKey.js';
import { readUniversalKey } from '../setup/universal/universalKeyFile.js';
import { developmentPowers } from '../../test/support/developmentPowers.js';
import { randomSystem, toWitness } from '../../test/support/randomSystem.js';
import { silentLogger, snarkjs, terminateSnarkjs } from '../../test/support/snarkjs.js';
import { verifyProof, type AnyProof, type AnyVerificationKey } from './index.js';

const SYSTEMS = ['plonk', 'fflonk'] as const;
type System = (typeof SYSTEMS)[number];

interface Proven {
  readonly verificationKey: AnyVerificationKey;
  readonly proof: AnyProof;
  readonly publicSignals: string[];
}

let folder: string;
const proven = {} as Record<System, readonly [Proven, Proven]>;
let groth16: Proven;

async function prove(system: System, { r1cs, witness, name }: { r1cs: R1cs; witness: Witness; name: string }, ptauPath: string): Promise<readonly [Proven, Proven]> {
  const [r1csPath, zkeyPath] = [join(folder, `${name}.r1cs`), join(folder, `${name}.${system}.zkey`)];
  await writeR1csFile({ r1cs, path: r1csPath });
  await makeUniversalKey({ system, r1csPath, ptauPath, zkeyPath });
  const { verificationKey } = await readUniversalKey(zkeyPath);
  const backend = await selectBackend({ system });
  try {
    const [first, second] = [await backend.prove({ zkeyPath, witness }), await backend.prove({ zkeyPath, witness })];
    return [{ verificationKey, ...first }, { verificationKey, ...second }];
  } finally {
    await backend.close();
  }
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkonnx-verify-'));
  const ptauPath = await developmentPowers(9, folder);
  const system = { ...randomSystem({ seed: 21, rows: 14, inputs: 2 }), name: 'random' };
  for (const name of SYSTEMS) proven[name] = await prove(name, system, ptauPath);
  const zkeyPath = join(folder, 'groth16.zkey');
  await developmentKey({ r1cs: system.r1cs, zkeyPath });
  const backend = await selectBackend({ backend: 'snarkjs' });
  groth16 = { verificationKey: await verificationKeyFromZkey(zkeyPath), ...(await backend.prove({ zkeyPath, witness: system.witness })) };
  await backend.close();
});

after(async () => {
  await terminateSnarkjs();
  await rm(folder, { recursive: true });
});

/** What snarkjs says; it throws for much that cannot be read. */
async function snarkjsSays(system: System, { verificationKey, publicSignals, proof }: Proven): Promise<boolean> {
  return snarkjs[system].verify(structuredClone(verificationKey), publicSignals, structuredClone(proof), silentLogger).catch(() => false);
}

/** What we say; 'unreadable' for what is refused as such. */
function weSay(statement: Proven): boolean | 'unreadable' {
  try {
    return verifyProof(statement);
  } catch (error) {
    assert.ok(isZkonnxError(error) && ['PROOF_MALFORMED', 'ARTIFACT_MALFORMED'].includes(error.code), String(error));
    return 'unreadable';
  }
}

/** The paths of all strings within JSON. */
function texts(json: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof json === 'string') return [path];
  if (Array.isArray(json)) return json.flatMap((value, index) => texts(value, [...path, index]));
  return typeof json === 'object' && json !== null ? Object.entries(json).flatMap(([name, value]) => texts(value, [...path, name])) : [];
}

function altered<T>(json: T, path: readonly (string | number)[], change: (old: string) => unknown): T {
  const copy = structuredClone(json);
  let place = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) place = place[step] as Record<string | number, unknown>;
  const last = path.at(-1) as string | number;
  place[last] = change(place[last] as string);
  return copy;
}

for (const system of SYSTEMS) {
  describe(`proofs of ${system}`, () => {
    it('verify here and in snarkjs, and share nothing with another proof of the same witness', async () => {
      const [first, second] = proven[system];
      for (const statement of [first, second]) {
        assert.equal(verifyProof(statement), true);
        assert.equal(await snarkjsSays(system, statement), true);
        assert.equal(verifyProof({ ...statement, publicSignals: statement.publicSignals.map(BigInt) }), true);
      }
      assert.deepEqual(first.publicSignals, second.publicSignals);
      // What the key alone determines is the same only up to the point where it is evaluated.
      const numbers = (proof: AnyProof): string[] => texts(proof).map((path) => path.reduce<unknown>((value, step) => (value as Record<string | number, unknown>)[step], proof) as string).filter((text) => text.length > 20);
      const all = [...numbers(first.proof), ...numbers(second.proof)];
      assert.ok(all.length >= 40);
      assert.equal(new Set(all).size, all.length);
    });

    it('no longer verify with any number changed, here or there', async () => {
      const [good] = proven[system];
      for (const path of texts(good.proof)) {
        const statement = { ...good, proof: altered(good.proof, path, (old) => (/^[0-9]+$/.test(old) ? String(BigInt(old) + 1n) : `${old}x`)) };
        assert.notEqual(weSay(statement), true, path.join('.'));
        // FFLONK's last number is for contracts, and snarkjs's script does not look at it.
        const expected = path.at(-1) === 'inv';
        const [kind] = path;
        if (kind !== 'protocol' && kind !== 'curve' && path.at(-1) !== 2) assert.equal(await snarkjsSays(system, statement), expected, path.join('.'));
      }
      for (const index of good.publicSignals.keys()) {
        const statement = { ...good, publicSignals: altered(good.publicSignals, [index], (old) => String((BigInt(old) + 1n) % FIELD_PRIME)) };
        assert.equal(weSay(statement), false);
        assert.equal(await snarkjsSays(system, statement), false);
      }
      const named = new Set(['protocol', 'curve']);
      for (const path of texts(good.verificationKey).filter(([name]) => !named.has(String(name)))) {
        const statement = { ...good, verificationKey: altered(good.verificationKey, path, (old) => String(BigInt(old) + 1n)) };
        assert.notEqual(weSay(statement), true, path.join('.'));
      }
      assert.equal(weSay({ ...good, verificationKey: { ...good.verificationKey, nPublic: 2 } as AnyVerificationKey }), 'unreadable');
      for (const power of [2, 29, 1.5, -1, 1e9]) assert.equal(weSay({ ...good, verificationKey: { ...good.verificationKey, power } as AnyVerificationKey }), 'unreadable');
    });

    it('take one form of each number only: x + r, leading zeros and other texts do not pass', () => {
      const [good] = proven[system];
      for (const path of texts(good.proof).filter(([name]) => name !== 'protocol' && name !== 'curve')) {
        for (const change of [(old: string) => String(BigInt(old) + FIELD_PRIME), (old: string) => `0${old}`, (old: string) => `-${old}`, () => '', () => 1, () => null, () => ({}), () => '9'.repeat(1_000)]) {
          assert.equal(weSay({ ...good, proof: altered(good.proof, path, change) }), 'unreadable', path.join('.'));
        }
      }
      for (const index of good.publicSignals.keys()) {
        for (const change of [(old: string) => String(BigInt(old) + FIELD_PRIME), () => String(FIELD_PRIME), () => '-1', () => '0x1']) {
          assert.equal(weSay({ ...good, publicSignals: altered(good.publicSignals, [index], change) }), 'unreadable');
        }
      }
      assert.equal(weSay({ ...good, publicSignals: good.publicSignals.slice(1) }), 'unreadable');
      assert.equal(weSay({ ...good, publicSignals: [...good.publicSignals, '0'] }), 'unreadable');
    });

    it('refuse points at infinity, off the curve, missing ones, and keys with a known secret', () => {
      const [good] = proven[system];
      const points = texts(good.proof).filter((path) => path.at(-1) === 0).map((path) => path.slice(0, -1));
      assert.ok(points.length === (system === 'plonk' ? 9 : 4));
      for (const path of points) {
        for (const point of [['0', '1', '0'], ['0', '0', '1'], ['1', '3', '1'], ['1', '2'], 'A', undefined]) assert.equal(weSay({ ...good, proof: altered(good.proof, path, () => point) }), 'unreadable', path.join('.'));
      }
      const generator = [
        ['10857046999023057135944570762232829481370756359578518086990519993285655852781', '11559732032986387107991004021392285783925812861821192530917403151452391805634'],
        ['8495653923123431417604973247489272438418190587263600148770280649306958101930', '4082367875863433681332203403145435568316851327593401208105741076214120093531'],
        ['1', '0'],
      ];
      assert.equal(weSay({ ...good, verificationKey: { ...good.verificationKey, X_2: generator } as unknown as AnyVerificationKey }), 'unreadable');
      // Cosets that are not different.
      for (const change of [{ k1: '1' }, { k2: (good.verificationKey as unknown as { k1: string }).k1 }, { k1: '0' }, { curve: 'bls12381' }]) assert.equal(weSay({ ...good, verificationKey: { ...good.verificationKey, ...change } as AnyVerificationKey }), 'unreadable');
    });

    it('are told apart from those of other systems', () => {
      const [good] = proven[system];
      const [other] = proven[system === 'plonk' ? 'fflonk' : 'plonk'];
      for (const foreign of [other, groth16]) {
        assert.throws(() => verifyProof({ ...good, proof: foreign.proof }), (error) => isZkonnxError(error) && error.code === 'PROOF_MALFORMED' && error.details.expected === `protocol ${system}, curve bn128`);
        assert.throws(() => verifyProof({ ...foreign, proof: good.proof }), { code: 'PROOF_MALFORMED' });
        // Renaming does not help.
        assert.equal(weSay({ ...good, proof: { ...foreign.proof, protocol: system } as unknown as AnyProof }), 'unreadable');
      }
      for (const proof of [null, undefined, 7, 'proof', []]) assert.equal(weSay({ ...good, proof: proof as unknown as AnyProof }), 'unreadable');
    });
  });
}

describe('a circuit without products', () => {
  it('has selectors that are zero everywhere, whose commitments are at infinity', async () => {
    const builder = new R1csBuilder({ publicOutputCount: 1, publicInputCount: 1 });
    const extra = builder.allocate(1);
    builder.enforceZero({ wires: [1, 2, extra], coefficients: [1, -2, -3] });
    const system = { r1cs: builder.finish(), witness: toWitness([1n, 19n, 5n, 3n]), name: 'linear' };
    const ptauPath = await developmentPowers(6, folder);
    for (const name of SYSTEMS) {
      const [statement] = await prove(name, system, ptauPath);
      assert.deepEqual(statement.publicSignals, ['19', '5']);
      assert.equal(verifyProof(statement), true);
      assert.equal(await snarkjsSays(name, statement), true);
      if (statement.verificationKey.protocol === 'plonk') assert.deepEqual(statement.verificationKey.Qm, ['0', '1', '0']);
    }
  });
});
