import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isZkonnxError } from '../errors/index.js';
import { FIELD_PRIME } from '../r1cs/field.js';
import type { R1cs } from '../r1cs/r1cs.js';
import { readR1csFile, writeR1csFile } from '../r1cs/r1csFile.js';
import { witnessToBytes } from '../r1cs/wtnsFile.js';
import { damaged, flipped, inFolder } from '../../test/support/files.js';
import { randomSystem } from '../../test/support/randomSystem.js';
import { snarkjs, terminateSnarkjs } from '../../test/support/snarkjs.js';
import { developmentKey } from './developmentKey.js';
import { domainPower, lagrangeAt, rootOfUnity } from './domain.js';
import { verifyKeyBelongs } from './provenance.js';
import { verificationKeyFromZkey } from './verificationKey.js';
import { checkZkey, readZkeyHeader } from './zkey.js';

after(terminateSnarkjs);

describe('Lagrange polynomials at a point', () => {
  it('interpolate on the domain and on its coset', () => {
    const tau = 123456789123456789n;
    for (const shift of [1n, rootOfUnity(5)]) {
      const values = lagrangeAt({ tau, power: 4, shift });
      // Σ p(x_i)·L_i(τ) = p(τ) for p of degree 15, here X^15 + 3X + 7.
      const polynomial = (x: bigint) => (x ** 15n + 3n * x + 7n) % FIELD_PRIME;
      let point = shift;
      let sum = 0n;
      for (const value of values) {
        sum = (sum + polynomial(point) * value) % FIELD_PRIME;
        point = (point * rootOfUnity(4)) % FIELD_PRIME;
      }
      assert.equal(sum, polynomial(tau));
      assert.equal(point, shift, 'the root has order 16');
    }
  });

  it('have the domain that snarkjs takes', () => {
    assert.deepEqual([[1, 0], [7, 0], [6, 2], [8, 0], [5, 2], [16, 3]].map(([rows, signals]) => domainPower(rows as number, signals as number)), [1, 3, 4, 4, 3, 5]);
  });
});

describe('a development key', () => {
  for (const [name, parameters] of Object.entries({
    'a small system': { seed: 21, rows: 60 },
    'many public signals': { seed: 22, rows: 100, outputs: 20, inputs: 30 },
    'a domain without a row to spare': { seed: 23, rows: 60, outputs: 2, inputs: 1 },
    'more points than one task takes': { seed: 24, rows: 2500 },
  })) {
    it(`works in snarkjs: ${name}`, async () => {
      await inFolder(async (folder) => {
        const { r1cs, witness } = randomSystem(parameters);
        const zkeyPath = join(folder, 'key.zkey');
        const seen: number[] = [];
        const key = await developmentKey({ r1cs, zkeyPath, onProgress: ({ done, total }) => seen.push(done / total) });
        assert.deepEqual(await readdir(folder), ['key.zkey']);
        assert.equal(seen.at(-1), 1);
        assert.equal(key.domainSize, 2 ** domainPower(r1cs.rowCount, key.publicCount));
        const { proof, publicSignals } = await snarkjs.groth16.prove(zkeyPath, { type: 'mem', data: witnessToBytes(witness) });
        const verificationKey = await verificationKeyFromZkey(zkeyPath);
        assert.deepEqual(verificationKey, await snarkjs.zKey.exportVerificationKey(zkeyPath));
        assert.ok(await snarkjs.groth16.verify(verificationKey, publicSignals, proof));
        publicSignals[0] = String((BigInt(publicSignals[0] as string) + 1n) % FIELD_PRIME);
        assert.equal(await snarkjs.groth16.verify(verificationKey, publicSignals, proof), false);
        assert.deepEqual(await verifyKeyBelongs({ r1cs, zkeyPath }), { c: 'recorded' });
      });
    });
  }

  it('has secrets of its own each time, and a second phase', async () => {
    await inFolder(async (folder) => {
      const { r1cs } = randomSystem({ seed: 25, rows: 10 });
      const path = join(folder, 'system.r1cs');
      await writeR1csFile({ r1cs, path });
      const [first, second] = await Promise.all(
        ['1.zkey', '2.zkey'].map(async (name) => {
          const zkeyPath = join(folder, name);
          await developmentKey({ r1cs: path, zkeyPath, threads: 1 });
          return readZkeyHeader(zkeyPath);
        }),
      );
      assert.ok(first && second);
      for (const secret of ['alpha1', 'beta1', 'delta1'] as const) assert.notDeepEqual(first[secret], second[secret]);
      assert.notDeepEqual(first.gamma2, first.delta2);
      assert.deepEqual(first.contributions, []);
    });
  });

  it('is refused for a system over another field', async () => {
    const { r1cs } = randomSystem({ seed: 26, rows: 5 });
    await assert.rejects(developmentKey({ r1cs: { ...r1cs, prime: 101n }, zkeyPath: '/nowhere/key.zkey' }), { code: 'USAGE' });
  });

  it('cancelled midway leaves no file and no thread that would keep the process', async () => {
    await inFolder(async (folder) => {
      const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
      const script = `
        import { developmentKey } from ${url('./developmentKey.js')};
        import { randomSystem } from ${url('../../test/support/randomSystem.js')};
        const stop = new AbortController();
        const { r1cs } = randomSystem({ seed: 1, rows: 8000 });
        const onProgress = ({ done }) => { if (done > 0) stop.abort(); };
        await developmentKey({ r1cs, zkeyPath: ${JSON.stringify(join(folder, 'key.zkey'))}, signal: stop.signal, onProgress })
          .then(() => console.log('finished'), (error) => console.log(error.code));
      `;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      let output = '';
      child.stdout.on('data', (data) => (output += String(data)));
      const status = await new Promise((resolve) => child.on('exit', resolve));
      assert.deepEqual([status, output, await readdir(folder)], [0, 'CANCELLED\n', []]);
    });
  });

  it('is refused when it is damaged', async () => {
    await inFolder(async (folder) => {
      const zkeyPath = join(folder, 'key.zkey');
      await developmentKey({ r1cs: randomSystem({ seed: 27, rows: 20 }).r1cs, zkeyPath });
      const bytes = new Uint8Array(await readFile(zkeyPath));
      assert.equal((await checkZkey(bytes)).domainSize, 32);
      for (const { name, bytes: bad } of damaged(bytes)) {
        await assert.rejects(checkZkey(bad), { code: 'ARTIFACT_MALFORMED' }, name);
        await assert.rejects(verificationKeyFromZkey(bad), { code: 'ARTIFACT_MALFORMED' }, name);
      }
      // The header section begins at 12 + 16 + 12; with α, β, γ or δ at infinity.
      for (const [start, end] of [[84, 148], [212, 340], [340, 468], [532, 660]] as const) {
        const infinite = Uint8Array.from(bytes).fill(0, 40 + start, 40 + end);
        await assert.rejects(checkZkey(infinite), { code: 'ARTIFACT_MALFORMED' }, `point at ${start}`);
      }
      for (const changed of flipped(bytes, 200)) {
        for (const read of [checkZkey, verificationKeyFromZkey]) {
          await read(changed).catch((error: unknown) => assert.ok(isZkonnxError(error) && error.code === 'ARTIFACT_MALFORMED', String(error)));
        }
      }
    });
  });
});

describe('a key belongs to a system', () => {
  const { r1cs } = randomSystem({ seed: 28, rows: 30 });

  /** The system with the first entry of a matrix changed to coefficient 1234. */
  function changed(which: 'a' | 'b' | 'c'): R1cs {
    const coefficients = Uint32Array.from(r1cs[which].coefficients);
    coefficients[0] = r1cs.pool.id(1234);
    return { ...r1cs, [which]: { ...r1cs[which], coefficients } };
  }

  it('and not to one that differs anywhere', async () => {
    await inFolder(async (folder) => {
      const zkeyPath = join(folder, 'key.zkey');
      await developmentKey({ r1cs, zkeyPath });
      assert.deepEqual(await verifyKeyBelongs({ r1cs, zkeyPath }), { c: 'recorded' });
      const others: Record<string, R1cs> = {
        'an entry of A': changed('a'),
        'an entry of B': changed('b'),
        'an entry of C': changed('c'),
        'one wire more': { ...r1cs, wireCount: r1cs.wireCount + 1 },
        'an input in place of an output': { ...r1cs, publicInputCount: r1cs.publicInputCount + 1, publicOutputCount: r1cs.publicOutputCount - 1 },
        'one public input more': { ...r1cs, publicInputCount: r1cs.publicInputCount + 1 },
        'other rows altogether': randomSystem({ seed: 29, rows: 30 }).r1cs,
      };
      for (const [name, other] of Object.entries(others)) await assert.rejects(verifyKeyBelongs({ r1cs: other, zkeyPath }), { code: 'KEY_MISMATCH' }, name);
    });
  });

  it('also when the system comes from its file', async () => {
    await inFolder(async (folder) => {
      const [path, zkeyPath] = [join(folder, 'system.r1cs'), join(folder, 'key.zkey')];
      await writeR1csFile({ r1cs, path });
      await developmentKey({ r1cs: path, zkeyPath });
      assert.deepEqual(await verifyKeyBelongs({ r1cs: await readR1csFile(path), zkeyPath }), { c: 'recorded' });
    });
  });

  it('unless a point of a wire was moved to another', async () => {
    await inFolder(async (folder) => {
      const zkeyPath = join(folder, 'key.zkey');
      await developmentKey({ r1cs, zkeyPath });
      const bytes = await readFile(zkeyPath);
      // Section 7 comes before the last one, which has 68 bytes and a head of 12: the last wire's point in G2.
      bytes.fill(0, bytes.length - 80 - 128 * r1cs.wireCount, bytes.length - 80);
      await writeFile(zkeyPath, bytes);
      await assert.rejects(verifyKeyBelongs({ r1cs, zkeyPath }), { code: 'KEY_MISMATCH' });
    });
  });
});
