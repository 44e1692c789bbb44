import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { BinFileReader } from '../r1cs/binFile.js';
import { writeR1csFile } from '../r1cs/r1csFile.js';
import { inFolder } from '../../test/support/files.js';
import { randomSystem } from '../../test/support/randomSystem.js';
import { smallPowersOfTau, snarkjs, terminateSnarkjs } from '../../test/support/snarkjs.js';
import { developmentKey } from './developmentKey.js';
import { keyProvenance, verifyKeyBelongs } from './provenance.js';
import { coefficientChunks } from './zkey.js';
import { ZKEY, ZKEY_FORMAT } from './zkeyFile.js';

after(terminateSnarkjs);

describe('the provenance of a key', () => {
  it('is a ceremony only when the transcript verifies against this very system', async () => {
    await inFolder(async (folder) => {
      const path = (name: string) => join(folder, name);
      const { r1cs } = randomSystem({ seed: 41, rows: 25 });
      const other = randomSystem({ seed: 42, rows: 25 }).r1cs;
      await writeR1csFile({ r1cs, path: path('system.r1cs') });
      await writeR1csFile({ r1cs: other, path: path('other.r1cs') });
      const ptauPath = await smallPowersOfTau(6, folder);
      await snarkjs.zKey.newZKey(path('system.r1cs'), ptauPath, path('0.zkey'));
      await snarkjs.zKey.contribute(path('0.zkey'), path('1.zkey'), 'somebody', 'more entropy of a test');
      await snarkjs.zKey.beacon(path('1.zkey'), path('2.zkey'), 'beacon', '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20', 10);
      await snarkjs.zKey.beacon(path('0.zkey'), path('beacon.zkey'), 'beacon', '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20', 10);
      await developmentKey({ r1cs, zkeyPath: path('dev.zkey') });
      // A bit of the circuit hash, which the transcript of every contribution covers: the section of contributions is the last.
      const forged = await readFile(path('2.zkey'));
      const key = await BinFileReader.open(path('2.zkey'), ZKEY_FORMAT);
      const circuitHash = forged.length - key.size(ZKEY.contributions);
      forged[circuitHash] = (forged[circuitHash] as number) ^ 1;
      await key.close();
      await writeFile(path('forged.zkey'), forged);

      const provenance = async (key: string, system = 'system.r1cs', ptau: string | undefined = ptauPath) =>
        keyProvenance({ zkeyPath: path(key), r1csPath: path(system), ptauPath: ptau });
      const ceremony = await provenance('2.zkey');
      assert.equal(ceremony.provenance, 'ceremony', ceremony.reason);
      assert.match(ceremony.ptauDigest ?? '', /^[0-9a-f]{128}$/);
      for (const [key, system, ptau] of [
        ['2.zkey', 'other.r1cs', ptauPath],
        ['2.zkey', 'system.r1cs', undefined],
        ['2.zkey', 'system.r1cs', path('pot0.ptau')],
        ['forged.zkey', 'system.r1cs', ptauPath],
        ['0.zkey', 'system.r1cs', ptauPath],
        ['1.zkey', 'system.r1cs', ptauPath],
        ['beacon.zkey', 'system.r1cs', ptauPath],
        ['dev.zkey', 'system.r1cs', ptauPath],
      ] as const) {
        const found = await keyProvenance({ zkeyPath: path(key), r1csPath: path(system), ptauPath: ptau });
        assert.equal(found.provenance, 'development', `${key} with ${system}`);
        assert.ok(found.reason.length > 10);
      }

      assert.deepEqual(await verifyKeyBelongs({ r1cs, zkeyPath: path('2.zkey') }), { c: 'unknown' });
      await assert.rejects(verifyKeyBelongs({ r1cs: other, zkeyPath: path('2.zkey') }), { code: 'KEY_MISMATCH' });
      await assert.rejects(verifyKeyBelongs({ r1cs, zkeyPath: path('0.zkey') }), { code: 'KEY_MISMATCH' }, 'without a second phase');

      // Our coefficient section is snarkjs's, byte for byte.
      const file = await BinFileReader.open(path('2.zkey'), ZKEY_FORMAT);
      const ours = Buffer.concat([...coefficientChunks(r1cs)].map((chunk) => chunk.slice()));
      assert.deepEqual(ours, Buffer.from(await file.read(ZKEY.coefficients)));
      await file.close();
    });
  });
});
