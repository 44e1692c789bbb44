import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { R1csBuilder } from '../../r1cs/builder.js';
import { constant, wire, type LinearCombination } from '../../r1cs/linearCombination.js';
import type { R1cs } from '../../r1cs/r1cs.js';
import { writeR1csFile } from '../../r1cs/r1csFile.js';
import { isZkonnxError } from '../../errors/index.js';
import { damaged } from '../../../test/support/files.js';
import { developmentPowers } from '../../../test/support/developmentPowers.js';
import { randomSystem } from '../../../test/support/randomSystem.js';
import { POWERS_OF_TAU, POWERS_OF_TAU_POWER, silentLogger, snarkjs, terminateSnarkjs } from '../../../test/support/snarkjs.js';
import { contribute, readZkeyHeader, scriptEngine } from '../index.js';
import { countGates } from './gates.js';
import { powersProvenance } from './powersProvenance.js';
import { checkEnoughPowers, checkedUniversalSize, makeUniversalKey } from './universalKey.js';
import { readKeySystem, readUniversalKey } from './universalKeyFile.js';
import { neededPtauPower, tauPowers, universalPower, universalSize } from './universalSize.js';

let folder: string;
let ptauPath: string;
const path = (name: string): string => join(folder, name);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkonnx-universal-'));
  ptauPath = await developmentPowers(12, folder);
});
after(async () => {
  await terminateSnarkjs();
  await rm(folder, { recursive: true });
});

/** Rows of every kind that the translation tells apart. Wires 1 and 2 are public. */
function everyKindOfRow(): R1cs {
  const builder = new R1csBuilder({ publicOutputCount: 1, publicInputCount: 1 });
  const first = builder.allocate(12);
  const some = (count: number, from = first): LinearCombination => ({ wires: Array.from({ length: count }, (_, index) => from + index), coefficients: Array.from({ length: count }, (_, index) => 3 * index + 2) });
  const withConstant = (combination: LinearCombination): LinearCombination => ({ wires: [0, ...combination.wires], coefficients: [5, ...combination.coefficients] });
  for (const count of [0, 1, 2, 3, 4, 5, 9]) {
    builder.enforceZero(some(count + 1));
    builder.enforceZero(withConstant(some(count + 1)));
    builder.enforce(some(count + 1), some(2), wire(1));
    builder.enforce(withConstant(some(count + 1)), withConstant(some(1, first + 3)), some(count));
    builder.enforce(constant(7), some(count + 1), some(3, first + 2));
    builder.enforce(some(count + 1, first + 1), constant(-1), withConstant(wire(2)));
  }
  builder.enforce(constant(3), constant(4), constant(12));
  // Terms that cancel: 2·(w + 2v) − (2w + v).
  builder.enforce(constant(2), { wires: [first, first + 1, first + 2, first + 3], coefficients: [1, 2, 1, 1] }, { wires: [first, first + 1, first + 2, first + 3], coefficients: [2, 1, 2, 2] });
  return builder.finish();
}

/** Where the second section, the header, begins: snarkjs writes sections in another order. */
function headerPosition(bytes: Uint8Array): number {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 12;
  for (; data.getUint32(position, true) !== 2; position += 12 + Number(data.getBigUint64(position + 4, true)));
  return position + 12;
}

describe('keys of PLONK and FFLONK', () => {
  const systems: readonly (readonly [string, R1cs])[] = [
    ['every kind of row', everyKindOfRow()],
    ['random rows', randomSystem({ seed: 5, rows: 40 }).r1cs],
    ['long random rows', randomSystem({ seed: 6, rows: 31, terms: 7, outputs: 3 }).r1cs],
    ['a few rows', randomSystem({ seed: 7, rows: 2 }).r1cs],
  ];
  for (const [name, r1cs] of systems) {
    it(`have as many gates, and as many bytes, as was said beforehand: ${name}`, async () => {
      const r1csPath = path('system.r1cs');
      await writeR1csFile({ r1cs, path: r1csPath });
      for (const system of ['plonk', 'fflonk'] as const) {
        const zkeyPath = path(`${system}.zkey`);
        await makeUniversalKey({ system, r1csPath, ptauPath, zkeyPath });
        const key = await readUniversalKey(zkeyPath);
        const expected = checkedUniversalSize({ system, r1cs, memoryLimit: 2 ** 40 });
        assert.deepEqual({ gates: key.gates, additions: key.additions }, countGates(r1cs, system), system);
        assert.deepEqual([key.system, key.wireCount, key.publicCount, key.domainPower], [system, r1cs.wireCount, r1cs.publicOutputCount + r1cs.publicInputCount, expected.domainPower]);
        assert.equal((await stat(zkeyPath)).size, expected.keyBytes, system);
        assert.equal(await readKeySystem(zkeyPath), system);
        assert.deepEqual(key.verificationKey, await snarkjs.zKey.exportVerificationKey(zkeyPath), system);
        // Nothing is left beside it.
        assert.ok(!(await readdir(folder)).some((file) => file.startsWith('.setup-')));
      }
    });
  }

  it('are the same bytes each time', async () => {
    const r1csPath = path('same.r1cs');
    await writeR1csFile({ r1cs: randomSystem({ seed: 8, rows: 9 }).r1cs, path: r1csPath });
    for (const zkeyPath of [path('once.zkey'), path('twice.zkey')]) await makeUniversalKey({ system: 'plonk', r1csPath, ptauPath, zkeyPath });
    assert.ok((await readFile(path('once.zkey'))).equals(await readFile(path('twice.zkey'))));
  });

  it('leave nothing behind when they are interrupted', async () => {
    const r1csPath = path('interrupted.r1cs');
    await writeR1csFile({ r1cs: randomSystem({ seed: 12, rows: 400 }).r1cs, path: r1csPath });
    const zkeyPath = path('interrupted.zkey');
    const left = async (): Promise<string[]> => (await readdir(folder)).filter((file) => file.startsWith('.setup-') || file === 'interrupted.zkey');
    await assert.rejects(makeUniversalKey({ system: 'plonk', r1csPath, ptauPath, zkeyPath, signal: AbortSignal.abort() }), { code: 'CANCELLED' });
    const controller = new AbortController();
    const making = assert.rejects(makeUniversalKey({ system: 'plonk', r1csPath, ptauPath, zkeyPath, signal: controller.signal }), { code: 'CANCELLED' });
    // As soon as it has begun.
    while ((await left()).length === 0);
    controller.abort();
    await making;
    assert.deepEqual(await left(), []);
  });

  it('need as many powers of tau as snarkjs asks for, not one more', async () => {
    const { r1cs } = randomSystem({ seed: 9, rows: 60 });
    const r1csPath = path('powers.r1cs');
    await writeR1csFile({ r1cs, path: r1csPath });
    for (const system of ['plonk', 'fflonk'] as const) {
      const size = checkedUniversalSize({ system, r1cs, memoryLimit: 2 ** 40 });
      const [enough, tooFew] = [await developmentPowers(size.ptauPower, folder), await developmentPowers(size.ptauPower - 1, folder)];
      await checkEnoughPowers({ system, ptauPath: enough, size });
      await makeUniversalKey({ system, r1csPath, ptauPath: enough, zkeyPath: path('enough.zkey') });
      await assert.rejects(checkEnoughPowers({ system, ptauPath: tooFew, size }), (error) => isZkonnxError(error) && error.code === 'POWERS_TOO_FEW' && error.details.expected === `power ${size.ptauPower} or more` && error.details.found === `power ${size.ptauPower - 1}`);
      // snarkjs itself says no.
      const made = await snarkjs[system].setup(r1csPath, tooFew, path('few.zkey'), silentLogger).catch(() => -1);
      assert.equal(made, -1, system);
    }
  });

  it('know their domain at every size', () => {
    assert.deepEqual([1, 8, 9, 16, 17].map((gates) => universalPower('plonk', gates)), [3, 3, 4, 4, 5]);
    assert.deepEqual([1, 6, 7, 14, 15].map((gates) => universalPower('fflonk', gates)), [3, 3, 4, 4, 5]);
    for (let power = 3; power <= 20; power++) {
      assert.equal(neededPtauPower('plonk', power), power);
      assert.equal(neededPtauPower('fflonk', power), power + 3);
      assert.ok(tauPowers('fflonk', 2 ** power) > 2 ** (power + 3) - 1);
    }
  });

  it('are refused where they would be too large, with a way out', () => {
    const { r1cs } = randomSystem({ seed: 10, rows: 300 });
    assert.throws(() => checkedUniversalSize({ system: 'plonk', r1cs, memoryLimit: 1e6 }), (error) => isZkonnxError(error) && error.code === 'MODEL_TOO_LARGE' && /Groth16/.test(error.details.fix ?? ''));
    const large = { ...r1cs, rowCount: 2 ** 20 + 1, a: { ...r1cs.a, rowStart: new Uint32Array(2 ** 20 + 2) }, b: { ...r1cs.b, rowStart: new Uint32Array(2 ** 20 + 2) }, c: { ...r1cs.c, rowStart: new Uint32Array(2 ** 20 + 2) } };
    assert.throws(() => checkedUniversalSize({ system: 'plonk', r1cs: large, memoryLimit: 2 ** 50 }), { code: 'MODEL_TOO_LARGE' });
    assert.equal(universalSize({ system: 'fflonk', gates: 2 ** 20, additions: 0, publicCount: 1 }).domainPower, 21);
  });

  it('are refused when they are damaged, and where a key of Groth16 is meant', async () => {
    const r1csPath = path('damaged.r1cs');
    await writeR1csFile({ r1cs: randomSystem({ seed: 11, rows: 5 }).r1cs, path: r1csPath });
    for (const system of ['plonk', 'fflonk'] as const) {
      const zkeyPath = path('good.zkey');
      await makeUniversalKey({ system, r1csPath, ptauPath, zkeyPath });
      const bytes = new Uint8Array(await readFile(zkeyPath));
      for (const { name, bytes: bad } of damaged(bytes)) await assert.rejects(readUniversalKey(bad), { code: 'ARTIFACT_MALFORMED' }, name);
      // A coordinate of the header's first point, or of its first element, that is not reduced.
      const at = headerPosition(bytes);
      for (let offset = 0; offset < 92 + 64; offset += 4) {
        const changed = Uint8Array.from(bytes);
        changed.fill(0xff, at + offset, at + offset + 32);
        await assert.rejects(readUniversalKey(changed), { code: 'ARTIFACT_MALFORMED' }, `${system}, byte ${offset}`);
      }
      await assert.rejects(readZkeyHeader(zkeyPath), { code: 'PROOF_SYSTEM' });
      await assert.rejects(contribute({ zkeyPath, targetPath: path('next.zkey'), arithmetic: scriptEngine }), (error) => isZkonnxError(error) && error.code === 'PROOF_SYSTEM' && /needs no ceremony/.test(error.message));
    }
  });

  it('are worth what their powers of tau are', async () => {
    const own = await powersProvenance({ ptauPath: POWERS_OF_TAU });
    assert.deepEqual([own.provenance, own.ptauPublished], ['development', undefined]);
    const known = await powersProvenance({ ptauPath: POWERS_OF_TAU, expectedDigest: `0x${own.ptauDigest.toUpperCase()}` });
    assert.equal(known.provenance, 'ceremony');
    assert.equal(known.ptauDigest, own.ptauDigest);
    await assert.rejects(powersProvenance({ ptauPath: POWERS_OF_TAU, expectedDigest: own.ptauDigest.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }), { code: 'CEREMONY_INVALID' });
    // Powers without contributions are nobody's ceremony, whatever digest is given.
    const none = path('none.ptau');
    const curve = await snarkjs.curves.getCurveFromName('bn128');
    await snarkjs.powersOfTau.newAccumulator(curve, 3, path('empty.ptau'));
    await snarkjs.powersOfTau.preparePhase2(path('empty.ptau'), none);
    const { provenance, ptauDigest } = await powersProvenance({ ptauPath: none });
    assert.equal(provenance, 'development');
    assert.equal((await powersProvenance({ ptauPath: none, expectedDigest: ptauDigest })).provenance, 'development');
    assert.equal(POWERS_OF_TAU_POWER, 7);
  });
});
