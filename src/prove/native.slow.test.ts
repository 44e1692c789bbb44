/** Millions of random values through every instruction set, against big integers and against one another. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { writeCircuit } from '../../bench/prover/circuit.js';
import { inFolder } from '../../test/support/files.js';
import { snarkjs, terminateSnarkjs } from '../../test/support/snarkjs.js';
import { FIELD_PRIME } from '../r1cs/field.js';
import { loadNativeEngine, type NativeEngine } from './native.js';

const BASE_PRIME = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
const BATCH = 1 << 16;
const BATCHES = 32; // two million pairs for each field
const found = loadNativeEngine();
after(terminateSnarkjs);
const skip = found === undefined ? 'the native engine was not built' : false;

function word(bytes: Uint8Array, index: number): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset + 32 * index, 32);
  let value = 0n;
  for (let at = 24; at >= 0; at -= 8) value = (value << 64n) | view.getBigUint64(at, true);
  return value;
}
/** Random canonical elements; every fourth has runs of ones and zeros, where carries go far. */
function elements(prime: bigint): Uint8Array {
  const bytes = new Uint8Array(randomBytes(32 * BATCH));
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < BATCH; index++) {
    if (index % 4 === 0) for (let at = 0; at < 32; at += 4) view.setInt32(32 * index + at, -(view.getUint8(32 * index + at) & 1), true);
    if (index % 8 === 0) view.setUint8(32 * index + (index % 31), index & 255);
    bytes[32 * index + 31] = (bytes[32 * index + 31] as number) & 0x3f;
    let value = word(bytes, index);
    if (value < prime) continue;
    value %= prime;
    for (let at = 0; at < 32; at += 8, value >>= 64n) view.setBigUint64(32 * index + at, value & 0xffffffffffffffffn, true);
  }
  return bytes;
}

describe('native field arithmetic, millions of values', { skip }, () => {
  const engine = found as NativeEngine;
  for (const [name, prime] of [['fr', FIELD_PRIME], ['fq', BASE_PRIME]] as const) {
    it(`${name}: ${BATCH * BATCHES} pairs`, () => {
      for (let batch = 0; batch < BATCHES; batch++) {
        const [a, b] = [elements(prime), elements(prime)];
        for (const op of ['Mul', 'Add', 'Sub']) {
          const results = engine.info().available.flatMap((isa) => (op === 'Mul' ? ['Mul', 'MulVec'] : [op]).map((each) => engine.primitive({ isa, op: name + each, a, b })));
          const first = results[0] as Uint8Array;
          for (const result of results) assert.equal(Buffer.compare(result, first), 0, op);
          for (let index = 0; index < BATCH; index++) {
            const [x, y, z] = [word(a, index), word(b, index), word(first, index)];
            assert.ok(z < prime);
            // z = x·y/2^256 means z·2^256 − x·y is a multiple of the prime
            const difference = op === 'Mul' ? (z << 256n) - x * y : op === 'Add' ? z - x - y : z - x + y;
            if (difference % prime !== 0n) assert.fail(`${name}${op} of ${x} and ${y} gave ${z}`);
          }
        }
      }
    });
  }
  it('transforms of all sizes agree between instruction sets', () => {
    for (let log = 1; log <= 20; log++) {
      const a = elements(FIELD_PRIME).slice(0, 32 * Math.min(2 ** log, BATCH));
      const full = new Uint8Array(32 * 2 ** log);
      for (let at = 0; at < full.length; at += a.length) full.set(a, at);
      const results = engine.info().available.map((isa) => engine.primitive({ isa, op: 'coset', a: full, b: new Uint8Array(0) }));
      for (const result of results) assert.equal(Buffer.compare(result, results[0] as Uint8Array), 0, `2^${log}`);
    }
  });
});

describe('native keys from powers of tau', { skip }, () => {
  const engine = found as NativeEngine;
  // Above 2^14 rows snarkjs hashes one point more than there are, and when the file has just the circuit's power it takes for that
  // point what follows its section. Keys are compared with those of snarkjs all the same.
  for (const power of [15, 16])
    it(`have the bytes of snarkjs's: 2^15 rows, powers of tau up to 2^${power}`, async () => {
      await inFolder(async (folder) => {
        const path = (name: string): string => join(folder, name);
        writeCircuit({ r1cs: path('system.r1cs'), wtns: path('w.wtns'), log2: 15 });
        await engine.makeDevPtau({ power, ptauPath: path('tau.ptau') });
        await engine.setupFromPtau({ r1csPath: path('system.r1cs'), ptauPath: path('tau.ptau'), zkeyPath: path('ours.zkey') });
        await snarkjs.zKey.newZKey(path('system.r1cs'), path('tau.ptau'), path('theirs.zkey'));
        assert.equal(Buffer.compare(await readFile(path('ours.zkey')), await readFile(path('theirs.zkey'))), 0);
      });
    });
});
