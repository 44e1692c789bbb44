import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isZkonnxError } from '../errors/index.js';
import { damaged, flipped, inFolder } from '../../test/support/files.js';
import { randomSystem, toWitness } from '../../test/support/randomSystem.js';
import { silentLogger, snarkjs, terminateSnarkjs } from '../../test/support/snarkjs.js';
import { FIELD_PRIME, modulo } from './field.js';
import type { R1cs, SparseMatrix } from './r1cs.js';
import { r1csDigest, readR1csFile, writeR1csFile } from './r1csFile.js';
import { readWitness, witnessToBytes } from './wtnsFile.js';

after(terminateSnarkjs);

/** Rows with coefficients as field elements, whatever their ids. */
function rows(matrix: SparseMatrix, { pool, prime, rowCount }: R1cs): [number, bigint][][] {
  return Array.from({ length: rowCount }, (_, row) =>
    Array.from(matrix.wires.subarray(matrix.rowStart[row], matrix.rowStart[row + 1]), (wire, index): [number, bigint] => [
      wire,
      modulo(BigInt(pool.value(matrix.coefficients[(matrix.rowStart[row] as number) + index] as number)), prime),
    ]),
  );
}

async function r1csBytes(r1cs: R1cs): Promise<Uint8Array> {
  return inFolder(async (folder) => {
    const path = join(folder, 'system.r1cs');
    await writeR1csFile({ r1cs, path });
    assert.deepEqual(await readdir(folder), ['system.r1cs']);
    return new Uint8Array(await readFile(path));
  });
}

describe('.r1cs files', () => {
  it('come back as they were, and are written again with the same bytes', async () => {
    const { r1cs } = randomSystem({ seed: 5, rows: 200 });
    const bytes = await r1csBytes(r1cs);
    const back = await readR1csFile(bytes);
    for (const key of ['prime', 'wireCount', 'rowCount', 'publicOutputCount', 'publicInputCount', 'privateInputCount'] as const) assert.equal(back[key], r1cs[key]);
    for (const key of ['a', 'b', 'c'] as const) assert.deepEqual(rows(back[key], back), rows(r1cs[key], r1cs));
    assert.deepEqual(await r1csBytes(back), bytes);
    assert.deepEqual(r1csDigest(back), r1csDigest(r1cs));
  });

  it('are read from a Buffer, wherever it lies in its memory', async () => {
    const { r1cs } = randomSystem({ seed: 5, rows: 200 });
    const bytes = await r1csBytes(r1cs);
    const back = await readR1csFile(Buffer.concat([Uint8Array.of(1, 2, 3), bytes]).subarray(3));
    assert.deepEqual(r1csDigest(back), r1csDigest(r1cs));
  });

  it('have the same bytes for the same system, today and tomorrow', async () => {
    const bytes = await r1csBytes(randomSystem({ seed: 5, rows: 200 }).r1cs);
    assert.equal(createHash('sha256').update(bytes).digest('hex'), 'd9bbb90d35d3bc6e7c05eab4b1e7f475a5bf62cc44868f33721f7a6987fa1e34');
  });

  it('keep coefficients of every size and sign', async () => {
    const { r1cs } = randomSystem({ seed: 6, rows: 3 });
    const half = FIELD_PRIME / 2n;
    const integers = [1n, -1n, 2n ** 31n, -(2n ** 32n), 2n ** 52n, -(2n ** 53n) + 1n, 2n ** 53n, -(2n ** 64n), half, -half, 2n ** 200n + 5n];
    const ids = Uint32Array.from(integers, (integer) => r1cs.pool.id(Number.isSafeInteger(Number(integer)) ? Number(integer) : integer));
    const wires = Uint32Array.from(integers, () => 1);
    const c: SparseMatrix = { rowStart: Uint32Array.of(0, 0, 0, ids.length), wires, coefficients: ids };
    const back = await readR1csFile(await r1csBytes({ ...r1cs, c }));
    assert.deepEqual(Array.from(back.c.coefficients, (id) => BigInt(back.pool.value(id))), integers);
  });

  it('are what snarkjs reads', async () => {
    const { r1cs } = randomSystem({ seed: 7, rows: 100 });
    const data = await r1csBytes(r1cs);
    const info = await snarkjs.r1cs.info({ type: 'mem', data });
    assert.deepEqual(
      [info.nVars, info.nConstraints, info.nOutputs, info.nPubInputs, info.nPrvInputs, info.prime],
      [r1cs.wireCount, r1cs.rowCount, r1cs.publicOutputCount, r1cs.publicInputCount, r1cs.privateInputCount, r1cs.prime],
    );
    const { constraints } = await snarkjs.r1cs.exportJson({ type: 'mem', data });
    const theirs = constraints.map((row) => row.map((side) => Object.entries(side).map(([wire, value]) => [Number(wire), BigInt(value)])));
    const [a, b, c] = [rows(r1cs.a, r1cs), rows(r1cs.b, r1cs), rows(r1cs.c, r1cs)];
    assert.deepEqual(theirs, a.map((left, row) => [left, b[row], c[row]]));
  });

  it('are refused when they are damaged', async () => {
    const bytes = await r1csBytes(randomSystem({ seed: 8, rows: 40 }).r1cs);
    for (const { name, bytes: bad } of damaged(bytes)) await assert.rejects(readR1csFile(bad), { code: 'ARTIFACT_MALFORMED' }, name);
    await inFolder(async (folder) => {
      const path = join(folder, 'cut.r1cs');
      await writeFile(path, bytes.subarray(0, 100));
      await assert.rejects(readR1csFile(path), { code: 'ARTIFACT_MALFORMED' });
      await assert.rejects(readR1csFile(join(folder, 'absent.r1cs')), { code: 'FILE_NOT_FOUND' });
      await assert.rejects(readR1csFile(folder), { code: 'FILE_NOT_FOUND' });
    });
  });

  it('never make the reader crash: with any byte changed they are read or refused', async () => {
    const bytes = await r1csBytes(randomSystem({ seed: 9, rows: 20 }).r1cs);
    let refused = 0;
    for (const changed of flipped(bytes, 400)) {
      try {
        const { a, b, c, wireCount } = await readR1csFile(changed);
        for (const { wires } of [a, b, c]) assert.ok(wires.every((wire) => wire < wireCount));
      } catch (error) {
        assert.ok(isZkonnxError(error) && error.code === 'ARTIFACT_MALFORMED', String(error));
        refused++;
      }
    }
    assert.ok(refused > 20);
  });

  it('leave nothing behind when they cannot be written or are cancelled', async () => {
    const { r1cs } = randomSystem({ seed: 10, rows: 20 });
    await inFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      await assert.rejects(writeR1csFile({ r1cs, path: join(folder, 'file', 'system.r1cs') }), { code: 'FILE_NOT_WRITTEN' });
      await assert.rejects(writeR1csFile({ r1cs, path: join(folder, 'system.r1cs'), signal: AbortSignal.abort() }), { code: 'CANCELLED' });
      assert.deepEqual(await readdir(folder), ['file']);
    });
  });
});

describe('.wtns files', () => {
  const edges = [1n, 0n, -1n, 2n ** 31n - 1n, -(2n ** 31n), 2n ** 31n, -(2n ** 31n) - 1n, FIELD_PRIME / 2n, 2n ** 253n];

  it('come back as they were', async () => {
    const witness = toWitness(edges);
    assert.deepEqual(await readWitness(witnessToBytes(witness)), witness);
    assert.equal(witness.wideWires.length, 4);
  });

  it('are what snarkjs checks', async () => {
    const { r1cs, witness } = randomSystem({ seed: 11, rows: 60 });
    const system = await r1csBytes(r1cs);
    assert.ok(await snarkjs.wtns.check({ type: 'mem', data: system }, { type: 'mem', data: witnessToBytes(witness) }));
    const values = Int32Array.from(witness.values);
    values[3] = (values[3] as number) + 1;
    assert.equal(await snarkjs.wtns.check({ type: 'mem', data: system }, { type: 'mem', data: witnessToBytes({ ...witness, values }) }, silentLogger), false);
  });

  it('are refused when they are damaged', async () => {
    const bytes = witnessToBytes(toWitness(edges));
    for (const { name, bytes: bad } of damaged(bytes)) await assert.rejects(readWitness(bad), { code: 'ARTIFACT_MALFORMED' }, name);
    const unreduced = Uint8Array.from(bytes);
    unreduced.fill(255, 76 + 32, 76 + 64);
    await assert.rejects(readWitness(unreduced), { code: 'ARTIFACT_MALFORMED' });
    const withoutOne = Uint8Array.from(bytes);
    withoutOne[76] = 2;
    await assert.rejects(readWitness(withoutOne), { code: 'ARTIFACT_MALFORMED' });
  });

  it('are refused before they are made when a wide value is not reduced', () => {
    assert.throws(() => witnessToBytes({ values: Int32Array.of(1, 0), wideWires: Uint32Array.of(1), wideValues: [FIELD_PRIME] }), { code: 'INTERNAL' });
  });
});
