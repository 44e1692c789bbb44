import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFile, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { writeCircuit } from '../../bench/prover/circuit.js';
import { damaged, flipped, inFolder } from '../../test/support/files.js';
import { randomSystem, toWitness } from '../../test/support/randomSystem.js';
import { POWERS_OF_TAU, silentLogger, snarkjs, terminateSnarkjs } from '../../test/support/snarkjs.js';
import { isZkonnxError, type ErrorCode } from '../errors/index.js';
import { R1csBuilder } from '../r1cs/builder.js';
import { FIELD_PRIME } from '../r1cs/field.js';
import { wire } from '../r1cs/linearCombination.js';
import { writeR1csFile } from '../r1cs/r1csFile.js';
import { witnessToBytes } from '../r1cs/wtnsFile.js';
import { verificationKeyFromZkey, verifyKeyBelongs } from '../setup/index.js';
import { verifyProof, type Groth16Proof } from '../verify/index.js';
import { loadNativeEngine, type InstructionSet, type NativeEngine } from './native.js';

const BASE_PRIME = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
const R = 1n << 256n;

const engine = loadNativeEngine();
after(terminateSnarkjs);

/** The engine; tests that use it are skipped where it was not built. */
function native(): NativeEngine {
  assert.ok(engine);
  return engine;
}
const skip = engine === undefined ? 'the native engine was not built' : false;
const sets: readonly InstructionSet[] = engine?.info().available ?? [];

function toBytes(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 32);
  values.forEach((value, index) => {
    for (let at = 0, rest = value; rest > 0n; at++, rest >>= 8n) bytes[32 * index + at] = Number(rest & 255n);
  });
  return bytes;
}
function fromBytes(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / 32 }, (_, index) => BigInt(`0x${Buffer.from(bytes.subarray(32 * index, 32 * index + 32)).reverse().toString('hex')}`));
}
function mod(value: bigint, prime: bigint): bigint {
  return ((value % prime) + prime) % prime;
}
function power(base: bigint, exponent: bigint, prime: bigint): bigint {
  let result = 1n;
  for (let b = mod(base, prime), e = exponent; e > 0n; e >>= 1n, b = (b * b) % prime) if (e & 1n) result = (result * b) % prime;
  return result;
}

/** Values where carries and limb borders are: 0, 1, p − 1, 2^(52k) ± 1, 2^(64k) ± 1, runs of ones, and their negatives. */
function edges(prime: bigint): bigint[] {
  const values = new Set<bigint>([0n, 1n, 2n, prime - 1n, prime - 2n, (prime - 1n) / 2n, (prime + 1n) / 2n, R % prime, (1n << 260n) % prime]);
  for (const width of [52n, 64n]) {
    for (let k = 1n; width * k < 254n; k++) {
      for (const d of [-1n, 0n, 1n]) values.add(mod((1n << (width * k)) + d, prime));
      values.add(mod(((1n << width) - 1n) << (width * (k - 1n)), prime));
    }
  }
  for (const value of [...values]) values.add(mod(-value, prime));
  return [...values];
}
function randomElements(count: number, prime: bigint): bigint[] {
  return fromBytes(randomBytes(32 * count)).map((value) => value % prime);
}

describe('native field arithmetic', { skip }, () => {
  for (const [name, prime] of [['fr', FIELD_PRIME], ['fq', BASE_PRIME]] as const) {
    const inverseR = power(R, prime - 2n, prime);
    const pairs: [bigint, bigint][] = edges(prime).flatMap((a) => edges(prime).map((b): [bigint, bigint] => [a, b]));
    const more = randomElements(20_000, prime);
    for (let index = 0; index + 1 < more.length; index += 2) pairs.push([more[index] as bigint, more[index + 1] as bigint]);
    const [a, b] = [toBytes(pairs.map(([x]) => x)), toBytes(pairs.map(([, y]) => y))];
    const expected: Record<string, Uint8Array> = {
      Mul: toBytes(pairs.map(([x, y]) => (((x * y) % prime) * inverseR) % prime)),
      Add: toBytes(pairs.map(([x, y]) => (x + y) % prime)),
      Sub: toBytes(pairs.map(([x, y]) => mod(x - y, prime))),
    };
    for (const isa of sets) {
      it(`${name} on ${isa}: products, sums and differences of ${pairs.length} pairs are those of big integers`, () => {
        for (const [op, result] of Object.entries({ ...expected, MulVec: expected['Mul'] as Uint8Array })) {
          assert.deepEqual(native().primitive({ isa, op: name + op, a, b }), result, op);
        }
      });
      it(`${name} on ${isa}: inverses`, () => {
        const values = [...edges(prime), ...randomElements(2_000, prime)];
        const inverses = fromBytes(native().primitive({ isa, op: `${name}Inv`, a: toBytes(values), b: new Uint8Array(0) }));
        // Both in Montgomery form: a·R⁻¹ times i·R⁻¹ is one.
        values.forEach((value, index) => assert.equal((value * (inverses[index] as bigint)) % prime, value === 0n ? 0n : (R * R) % prime));
      });
    }
  }
});

describe('native transforms', { skip }, () => {
  it('evaluates on the odd coset what is given on the domain', () => {
    for (const log of [1, 2, 3, 6, 7]) {
      const n = 2 ** log;
      const w2 = power(5n, (FIELD_PRIME - 1n) >> BigInt(log + 1), FIELD_PRIME);
      const w = (w2 * w2) % FIELD_PRIME;
      const coefficients = randomElements(n, FIELD_PRIME);
      const at = (x: bigint) => coefficients.reduceRight((sum, c) => (sum * x + c) % FIELD_PRIME, 0n);
      const values = Array.from({ length: n }, (_, i) => at(power(w, BigInt(i), FIELD_PRIME)));
      const shifted = Array.from({ length: n }, (_, i) => at(power(w2, BigInt(2 * i + 1), FIELD_PRIME)));
      for (const isa of sets) assert.deepEqual(fromBytes(native().primitive({ isa, op: 'coset', a: toBytes(values), b: new Uint8Array(0) })), shifted, `${isa} 2^${log}`);
    }
  });
  it('agrees between instruction sets at sizes with one and two passes', () => {
    for (const log of [8, 11, 12, 13, 15]) {
      // extreme values make the loose sums as large as they can be
      const a = toBytes(Array.from({ length: 2 ** log }, (_, i) => (i % 3 === 0 ? FIELD_PRIME - 1n : i % 7 === 0 ? 0n : (BigInt(i) << 230n) % FIELD_PRIME)));
      const results = sets.map((isa) => native().primitive({ isa, op: 'coset', a, b: new Uint8Array(0) }));
      for (const result of results) assert.deepEqual(result, results[0], `2^${log}`);
    }
  });
});

describe('native sums of points', { skip }, () => {
  const generator = [1n, 2n].map((x) => (x * R) % BASE_PRIME);
  it('agrees with multiples of the generator, with equal, opposite and infinite operands', () => {
    for (const isa of sets) {
      const multiple = (k: bigint) => native().primitive({ isa, op: 'mulG1', a: toBytes(generator), b: toBytes([k]) });
      const points = new Uint8Array(64 * 64);
      for (let k = 0; k < 64; k++) points.set(multiple(BigInt(k)), 64 * k); // point k is k·G, point 0 infinity
      const check = (indices: readonly number[]) => {
        const sum = indices.reduce((s, i) => s + (i < 0 ? -BigInt(-i) : BigInt(i)), 0n);
        const list = Uint32Array.from(indices, (i) => (i < 0 ? -i + 2 ** 31 : i));
        assert.deepEqual(native().primitive({ isa, op: 'sumG1', a: points, b: new Uint8Array(list.buffer) }), multiple(mod(sum, FIELD_PRIME)), `${isa}: ${indices.slice(0, 10).join(' ')}`);
      };
      check([]);
      check([5]);
      check([5, 5]);
      check([5, -5]);
      check([5, 5, -5, -5, 7, 7, 7, 9]);
      check(Array.from({ length: 1000 }, () => 3));
      check(Array.from({ length: 1001 }, (_, i) => (i % 2 ? 3 : -3)));
      check(Array.from({ length: 5000 }, (_, i) => 1 + ((i * 7919) % 63)));
      check(Array.from({ length: 20_000 }, (_, i) => (i % 5 ? 1 : -1) * (1 + ((i * 31) % 63))));
    }
  });
  it('agrees between instruction sets in G2', () => {
    // the generator of G2
    const g2 = [
      10857046999023057135944570762232829481370756359578518086990519993285655852781n, 11559732032986387107991004021392285783925812861821192530917403151452391805634n,
      8495653923123431417604973247489272438418190587263600148770280649306958101930n, 4082367875863433681332203403145435568316851327593401208105741076214120093531n,
    ].map((x) => (x * R) % BASE_PRIME);
    for (const isa of sets) {
      const multiple = (k: bigint) => native().primitive({ isa, op: 'mulG2', a: toBytes(g2), b: toBytes([k]) });
      const points = new Uint8Array(128 * 32);
      for (let k = 1; k < 32; k++) points.set(multiple(BigInt(k)), 128 * k);
      const indices = Array.from({ length: 9000 }, (_, i) => (i % 4 ? 1 : -1) * (1 + ((i * 17) % 31)));
      const list = Uint32Array.from(indices, (i) => (i < 0 ? -i + 2 ** 31 : i));
      const sum = indices.reduce((s, i) => s + BigInt(i), 0n);
      assert.deepEqual(native().primitive({ isa, op: 'sumG2', a: points, b: new Uint8Array(list.buffer) }), multiple(mod(sum, FIELD_PRIME)), isa);
    }
  });
});

/** A system, its witness and a development key in files. */
async function files(folder: string, parameters: Parameters<typeof randomSystem>[0]) {
  const { r1cs, witness } = randomSystem(parameters);
  const [r1csPath, wtnsPath, zkeyPath] = [join(folder, 'system.r1cs'), join(folder, 'w.wtns'), join(folder, 'key.zkey')];
  await writeR1csFile({ r1cs, path: r1csPath });
  await writeFile(wtnsPath, witnessToBytes(witness));
  await native().setupDev({ r1csPath, zkeyPath });
  return { r1cs, witness, r1csPath, wtnsPath, zkeyPath };
}

/** The section that our keys have besides those of the format. */
const SHORTCUTS = 0x006b7a01;

/** The last section of a file, with its head. */
function lastSection(bytes: Buffer): Buffer {
  let at = 12;
  for (let left = bytes.readUInt32LE(8); left > 1; left--) at += 12 + Number(bytes.readBigUInt64LE(at + 4));
  return bytes.subarray(at);
}

async function rejectsWith(code: ErrorCode | readonly ErrorCode[], promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => isZkonnxError(error) && (Array.isArray(code) ? code.includes(error.code) : error.code === code));
}

describe('native proofs', { skip }, () => {
  it('verify in snarkjs and here, for every instruction set, thread count and form of the witness', async () => {
    await inFolder(async (folder) => {
      for (const rows of [1, 5, 60, 900]) {
        const { witness, wtnsPath, zkeyPath, r1cs } = await files(folder, { seed: rows, rows: Math.max(rows, 3), outputs: rows === 1 ? 1 : 2 });
        assert.deepEqual(await verifyKeyBelongs({ r1cs, zkeyPath }), { c: 'recorded' });
        const verificationKey = await verificationKeyFromZkey(zkeyPath);
        for (const isa of sets) {
          const key = await native().loadKey({ zkeyPath, isa });
          for (const [threads, w] of [[1, wtnsPath], [2, await readFile(wtnsPath)], [3, witness]] as const) {
            const proof = await key.prove({ witness: w, threads, selfCheck: true });
            assert.ok(verifyProof({ verificationKey, ...proof }), `${rows} rows, ${isa}, ${threads} threads`);
          }
          const { proof, publicSignals } = await key.prove({ witness });
          assert.ok(await snarkjs.groth16.verify(verificationKey, publicSignals, proof));
          key.release();
          await rejectsWith('USAGE', key.prove({ witness }));
        }
      }
    });
  });

  it('are made for keys that snarkjs made, and snarkjs proves with ours', async () => {
    await inFolder(async (folder) => {
      const { r1csPath, wtnsPath, witness, zkeyPath } = await files(folder, { seed: 3, rows: 100 });
      const ours = await snarkjs.groth16.prove(zkeyPath, wtnsPath);
      assert.ok(verifyProof({ verificationKey: await verificationKeyFromZkey(zkeyPath), proof: ours.proof as never, publicSignals: ours.publicSignals }));

      const ptauPath = POWERS_OF_TAU;
      const [mine, theirs, contributed] = ['mine.zkey', 'theirs.zkey', 'contributed.zkey'].map((name) => join(folder, name)) as [string, string, string];
      await native().setupFromPtau({ r1csPath, ptauPath, zkeyPath: mine });
      await snarkjs.zKey.newZKey(r1csPath, ptauPath, theirs);
      assert.deepEqual(await readFile(mine), await readFile(theirs));
      await snarkjs.zKey.contribute(mine, contributed, 'test', 'entropy of a test');
      assert.ok(await snarkjs.zKey.verifyFromR1cs(r1csPath, ptauPath, contributed, silentLogger));
      const key = await native().loadKey({ zkeyPath: contributed });
      const proof = await key.prove({ witness });
      assert.ok(verifyProof({ verificationKey: await verificationKeyFromZkey(contributed), ...proof }));
    });
  });

  it('are made for development keys of circuits of bits, whose points are mostly sums of others, by every instruction set', async () => {
    await inFolder(async (folder) => {
      const [r1csPath, wtnsPath, zkeyPath] = [join(folder, 'bits.r1cs'), join(folder, 'bits.wtns'), join(folder, 'bits.zkey')];
      for (const [log2, wide] of [[9, false], [10, true], [11, false]] as const) {
        writeCircuit({ r1cs: r1csPath, wtns: wtnsPath, log2, wide, seed: log2, publics: 3 });
        for (const isa of sets) {
          await native().setupDev({ r1csPath, zkeyPath, isa, threads: 1 + (log2 % 3) });
          const verificationKey = await verificationKeyFromZkey(zkeyPath);
          // snarkjs takes the points of B in both groups and those of C, the native engine those of the section of shortcuts
          const theirs = await snarkjs.groth16.prove(zkeyPath, wtnsPath);
          assert.ok(verifyProof({ verificationKey, proof: theirs.proof as never, publicSignals: theirs.publicSignals }), `2^${log2}, ${isa}: snarkjs`);
          const key = await native().loadKey({ zkeyPath });
          assert.ok(verifyProof({ verificationKey, ...(await key.prove({ witness: wtnsPath })) }), `2^${log2}, ${isa}`);
          key.release();
        }
      }
    });
  });

  it('leave out the points at infinity of wires that are in one matrix only, whatever their values', async () => {
    await inFolder(async (folder) => {
      const builder = new R1csBuilder({ publicOutputCount: 1, publicInputCount: 0 });
      const values = [1n, 5n];
      const none = { wires: [], coefficients: [] };
      // Each size of value often enough for windows of its own. Sums by windows must never see infinity: they do not look for it.
      for (const value of [1n, -1n, 100n, -20_000n, 2n ** 30n, 1n << 200n]) {
        for (let copy = 0; copy < 40; copy++) {
          const first = builder.allocate(4);
          values.push(value, value, value, value);
          builder.enforce(wire(first), none, none);
          builder.enforce(none, wire(first + 1), none);
          builder.enforce(none, none, { wires: [first + 2, first + 3], coefficients: [1, -1] });
        }
      }
      builder.enforce(wire(1), wire(0), wire(1));
      const [r1csPath, zkeyPath, barePath] = [join(folder, 'system.r1cs'), join(folder, 'key.zkey'), join(folder, 'bare.zkey')];
      await writeR1csFile({ r1cs: builder.finish(), path: r1csPath });
      await native().setupDev({ r1csPath, zkeyPath });
      const bytes = await readFile(zkeyPath);
      const bare = Buffer.from(bytes.subarray(0, bytes.length - lastSection(bytes).length));
      bare.writeUInt32LE(10, 8);
      await writeFile(barePath, bare);
      const verificationKey = await verificationKeyFromZkey(zkeyPath);
      for (const path of [zkeyPath, barePath]) {
        for (const isa of sets) {
          const key = await native().loadKey({ zkeyPath: path, isa });
          assert.ok(verifyProof({ verificationKey, ...(await key.prove({ witness: toWitness(values) })) }), `${path}, ${isa}`);
          key.release();
        }
      }
    });
  });

  it('use the section of shortcuts, and ignore it in a key that was contributed to', async () => {
    await inFolder(async (folder) => {
      const { witness, zkeyPath } = await files(folder, { seed: 6, rows: 120 });
      const bytes = await readFile(zkeyPath);
      const section = lastSection(bytes);
      assert.equal(section.readUInt32LE(0), SHORTCUTS);
      // Points of other wires: where the section is used, no proof verifies.
      const shifted = Buffer.from(section);
      shifted.copyWithin(section.length - 64 * 100, section.length - 64 * 101, section.length - 64);
      const verifies = async (path: string) => {
        const key = await native().loadKey({ zkeyPath: path });
        try {
          return verifyProof({ verificationKey: await verificationKeyFromZkey(path), ...(await key.prove({ witness })) });
        } finally {
          key.release();
        }
      };
      const path = join(folder, 'other.zkey');
      const front = bytes.subarray(0, bytes.length - section.length);
      await writeFile(path, Buffer.concat([front, shifted]));
      assert.equal(await verifies(path), false);
      const without = Buffer.from(front);
      without.writeUInt32LE(10, 8);
      await writeFile(path, without);
      assert.ok(await verifies(path));

      const contributed = join(folder, 'contributed.zkey');
      await snarkjs.zKey.contribute(zkeyPath, contributed, 'test', 'entropy of a test');
      assert.ok(await verifies(contributed));
      const old = await readFile(contributed);
      assert.equal(old.readUInt32LE(8), 10, 'snarkjs writes the sections it knows');
      old.writeUInt32LE(11, 8);
      for (const added of [section, shifted]) {
        await writeFile(path, Buffer.concat([old, added]));
        assert.ok(await verifies(path));
      }
    });
  });

  it('differ each time, and side by side', async () => {
    await inFolder(async (folder) => {
      const { witness, zkeyPath } = await files(folder, { seed: 4, rows: 200 });
      const verificationKey = await verificationKeyFromZkey(zkeyPath);
      const proofs = await Promise.all(Array.from({ length: 12 }, () => native().prove({ zkeyPath, witness })));
      assert.equal(new Set(proofs.map(({ proof }) => (proof as Groth16Proof).pi_a[0])).size, proofs.length);
      assert.ok(proofs.every((proof) => verifyProof({ verificationKey, ...proof })));
      await native().close();
    });
  });

  it('are made in worker threads', async () => {
    await inFolder(async (folder) => {
      const { witness, zkeyPath } = await files(folder, { seed: 5, rows: 150 });
      const verificationKey = await verificationKeyFromZkey(zkeyPath);
      const source = `
        const { parentPort, workerData } = require('node:worker_threads');
        import(workerData.module).then(async ({ loadNativeEngine }) => {
          const key = await loadNativeEngine().loadKey({ zkeyPath: workerData.zkeyPath });
          parentPort.postMessage(await key.prove({ witness: workerData.witness }));
        });`;
      const workerData = { module: new URL('./native.js', import.meta.url).href, zkeyPath, witness };
      const proofs = await Promise.all(
        Array.from({ length: 3 }, () => new Promise<Parameters<typeof verifyProof>[0]>((resolve, reject) => {
          const worker = new Worker(source, { eval: true, workerData });
          worker.once('message', resolve);
          worker.once('error', reject);
        })),
      );
      for (const proof of proofs) assert.ok(verifyProof({ ...proof, verificationKey }));
    });
  });

  it('survive a worker that ends while one is under way', async () => {
    await inFolder(async (folder) => {
      const { witness, zkeyPath } = await files(folder, { seed: 6, rows: 3000 });
      const source = `
        const { parentPort, workerData } = require('node:worker_threads');
        import(workerData.module).then(async ({ loadNativeEngine }) => {
          const key = await loadNativeEngine().loadKey({ zkeyPath: workerData.zkeyPath });
          key.prove({ witness: workerData.witness }).catch(() => undefined);
          parentPort.postMessage('started');
        });`;
      const worker = new Worker(source, { eval: true, workerData: { module: new URL('./native.js', import.meta.url).href, zkeyPath, witness } });
      await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
      const key = await native().loadKey({ zkeyPath });
      await key.prove({ witness, selfCheck: true });
    });
  });

  it('take every size of witness value', async () => {
    await inFolder(async (folder) => {
      const { r1csPath, zkeyPath } = await files(folder, { seed: 7, rows: 40 });
      assert.ok(r1csPath);
      const key = await native().loadKey({ zkeyPath });
      // Values that do not satisfy the rows: the self-check notices, whatever their size.
      const wrong = toWitness([1n, ...Array.from({ length: key.wireCount - 1 }, (_, i) => [0n, 1n, -1n, 127n, -128n, 32767n, -32768n, 2n ** 31n - 1n, -(2n ** 31n), 1n << 200n][i % 10] as bigint)]);
      await rejectsWith('WITNESS_UNSATISFIED', key.prove({ witness: wrong, selfCheck: true }));
    });
  });

  it('report progress and can be cancelled', async () => {
    await inFolder(async (folder) => {
      const { witness, zkeyPath } = await files(folder, { seed: 8, rows: 20_000, terms: 2 });
      const key = await native().loadKey({ zkeyPath });
      const fractions: number[] = [];
      await key.prove({ witness, onProgress: (fraction) => fractions.push(fraction) });
      assert.equal(fractions.at(-1), 1);
      assert.deepEqual(fractions, [...fractions].sort((x, y) => x - y));
      const controller = new AbortController();
      const cancelled = key.prove({ witness, signal: controller.signal });
      controller.abort();
      await rejectsWith('CANCELLED', cancelled);
      await rejectsWith('CANCELLED', key.prove({ witness, signal: AbortSignal.abort() }));
      const setup = new AbortController();
      const key2 = join(folder, 'cancelled.zkey');
      const running = native().setupDev({ r1csPath: join(folder, 'system.r1cs'), zkeyPath: key2, signal: setup.signal });
      setup.abort();
      await rejectsWith('CANCELLED', running);
      assert.deepEqual((await readdir(folder)).filter((name) => name.startsWith('cancelled')), []);
    });
  });
});

describe('native errors', { skip }, () => {
  it('are typed for damaged, mismatched and missing files, and nothing crashes', async () => {
    await inFolder(async (folder) => {
      const { witness, wtnsPath, zkeyPath, r1csPath } = await files(folder, { seed: 9, rows: 30 });
      const key = await native().loadKey({ zkeyPath });
      const bytes = new Uint8Array(await readFile(wtnsPath));
      for (const { name, bytes: bad } of damaged(bytes).filter(({ name: n }) => n !== 'with a byte more')) {
        await rejectsWith(['ARTIFACT_MALFORMED', 'KEY_MISMATCH'], key.prove({ witness: bad })).catch((error: unknown) => assert.fail(`${name}: ${String(error)}`));
      }
      const keyBytes = new Uint8Array(await readFile(zkeyPath));
      const bad = join(folder, 'bad');
      for (const { name, bytes: broken } of damaged(keyBytes).filter(({ name: n }) => n !== 'with a byte more')) {
        await writeFile(bad, broken);
        await rejectsWith('ARTIFACT_MALFORMED', native().loadKey({ zkeyPath: bad })).catch((error: unknown) => assert.fail(`${name}: ${String(error)}`));
      }
      const systemBytes = new Uint8Array(await readFile(r1csPath));
      for (const { name, bytes: broken } of damaged(systemBytes).filter(({ name: n }) => n !== 'with a byte more')) {
        await writeFile(bad, broken);
        await rejectsWith('ARTIFACT_MALFORMED', native().setupDev({ r1csPath: bad, zkeyPath: join(folder, 'none.zkey') })).catch((error: unknown) => assert.fail(`${name}: ${String(error)}`));
      }
      await rejectsWith('FILE_NOT_FOUND', native().loadKey({ zkeyPath: join(folder, 'missing') }));
      await rejectsWith('FILE_NOT_FOUND', native().loadKey({ zkeyPath: folder }));
      await rejectsWith('FILE_NOT_WRITTEN', native().setupDev({ r1csPath, zkeyPath: join(folder, 'missing', 'key') }));
      await rejectsWith('ARTIFACT_MALFORMED', native().loadKey({ zkeyPath: wtnsPath }));
      await rejectsWith('KEY_MISMATCH', key.prove({ witness: { ...witness, values: witness.values.subarray(1) } }));
      await rejectsWith('USAGE', key.prove({ witness, threads: 0 }));
      await rejectsWith('WITNESS_UNSATISFIED', key.prove({ witness: { ...witness, values: witness.values.map((v, i) => (i === 0 ? 2 : v)) } }));
    });
  });

  it('or else a proof that does not verify, for every flipped byte of a key', async () => {
    await inFolder(async (folder) => {
      const { witness, zkeyPath } = await files(folder, { seed: 10, rows: 12 });
      const bad = join(folder, 'bad');
      for (const bytes of flipped(new Uint8Array(await readFile(zkeyPath)), 300)) {
        await writeFile(bad, bytes);
        try {
          const key = await native().loadKey({ zkeyPath: bad });
          await key.prove({ witness });
        } catch (error) {
          assert.ok(isZkonnxError(error) && error.code !== 'INTERNAL', String(error));
        }
        await copyFile(zkeyPath, bad);
      }
    });
  });
});

describe('native verification', { skip }, () => {
  it('accepts valid proofs together and names the invalid ones', async () => {
    await inFolder(async (folder) => {
      const { witness, zkeyPath } = await files(folder, { seed: 11, rows: 50 });
      const verificationKey = await verificationKeyFromZkey(zkeyPath);
      const key = await native().loadKey({ zkeyPath });
      const proofs = [];
      for (let index = 0; index < 70; index++) proofs.push(await key.prove({ witness }));
      assert.deepEqual(await native().verifyBatch({ verificationKey, proofs: [] }), []);
      assert.deepEqual(await native().verifyBatch({ verificationKey, proofs: proofs.slice(0, 1) }), [true]);
      assert.ok((await native().verifyBatch({ verificationKey, proofs })).every(Boolean));
      const first = proofs[0] as (typeof proofs)[number];
      const other = proofs[1] as (typeof proofs)[number];
      const forged = [
        first,
        { ...first, publicSignals: first.publicSignals.map((value, index) => (index === 0 ? String(mod(BigInt(value) + 1n, FIELD_PRIME)) : value)) },
        { ...first, publicSignals: first.publicSignals.map((value) => String(BigInt(value) + FIELD_PRIME)) },
        { ...first, proof: { ...first.proof, pi_a: other.proof.pi_a } },
        { ...first, proof: { ...first.proof, pi_c: ['1', '3', '1'] as [string, string, string] } },
        { ...first, proof: { ...first.proof, pi_a: [String(BigInt(first.proof.pi_a[0]) + BASE_PRIME), first.proof.pi_a[1], '1'] as [string, string, string] } },
        other,
      ];
      for (const threads of [1, 2]) assert.deepEqual(await native().verifyBatch({ verificationKey, proofs: forged, threads }), [true, false, false, false, false, false, true]);
      const broken = { ...verificationKey, vk_alpha_1: ['1', '3', '1'] as [string, string, string] };
      await rejectsWith('ARTIFACT_MALFORMED', native().verifyBatch({ verificationKey: broken, proofs: [first] }));
    });
  });
});
