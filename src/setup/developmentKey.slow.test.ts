import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readR1csFile, writeR1csFile } from '../r1cs/r1csFile.js';
import { inFolder } from '../../test/support/files.js';
import { randomSystem } from '../../test/support/randomSystem.js';
import { selectBackend } from '../prove/index.js';
import { developmentKey, verificationKeyFromZkey, verifyKeyBelongs } from './index.js';
import { verifyProof } from '../verify/index.js';

/** Runs a step and says how long it took. */
async function timed<T>(name: string, step: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await step();
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(2)} s`);
  return result;
}

describe('development keys of real sizes', () => {
  for (const [power, terms] of [[14, 8], [17, 6]] as const) {
    it(`2^${power} rows: files, key, proof`, async () => {
      await inFolder(async (folder) => {
        const { r1cs, witness } = randomSystem({ seed: power, rows: 2 ** power - 10, terms });
        const entries = r1cs.a.wires.length + r1cs.b.wires.length + r1cs.c.wires.length;
        const [r1csPath, zkeyPath] = [join(folder, 'system.r1cs'), join(folder, 'key.zkey')];
        console.log(`2^${power}: ${r1cs.rowCount} rows, ${entries} entries`);
        await timed('write .r1cs', () => writeR1csFile({ r1cs, path: r1csPath }));
        await timed('read .r1cs', () => readR1csFile(r1csPath));
        await timed('development key', () => developmentKey({ r1cs: r1csPath, zkeyPath }));
        console.log(`.zkey: ${((await stat(zkeyPath)).size / 1e6).toFixed(1)} MB`);
        assert.deepEqual(await timed('verifyKeyBelongs', () => verifyKeyBelongs({ r1cs, zkeyPath })), { c: 'recorded' });
        const backend = await selectBackend({ backend: 'snarkjs' });
        try {
          const proof = await timed('prove, cold', () => backend.prove({ zkeyPath, witness }));
          assert.ok(verifyProof({ verificationKey: await verificationKeyFromZkey(zkeyPath), ...proof }));
        } finally {
          await backend.close();
        }
      });
    });
  }
});
