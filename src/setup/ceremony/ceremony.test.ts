import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isZkonnxError } from '../../errors/index.js';
import { loadNativeEngine } from '../../prove/native.js';
import { BinFileReader } from '../../r1cs/binFile.js';
import { FIELD_PRIME } from '../../r1cs/field.js';
import type { R1cs } from '../../r1cs/r1cs.js';
import { writeR1csFile } from '../../r1cs/r1csFile.js';
import { verifyProof } from '../../verify/index.js';
import { witnessToBytes } from '../../r1cs/wtnsFile.js';
import { randomSystem } from '../../../test/support/randomSystem.js';
import { silentLogger, smallPowersOfTau, snarkjs, terminateSnarkjs } from '../../../test/support/snarkjs.js';
import { verificationKeyFromZkey } from '../verificationKey.js';
import { readZkeyHeader } from '../zkey.js';
import { ZKEY, ZKEY_FORMAT } from '../zkeyFile.js';
import { scriptArithmetic, type CeremonyArithmetic } from './arithmetic.js';
import { applyBeacon, contribute } from './contribute.js';
import { scriptEngine } from './engine.js';
import { HERMEZ_DIGESTS } from './hermezDigests.js';
import { readPowersOfTau } from './powersOfTau.js';
import { contributionHash } from './transcript.js';
import { ceremonyFault, phaseFault } from './verifyCeremony.js';

const native = loadNativeEngine();
const BEACON = '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20';
const beacon = { value: Buffer.from(BEACON, 'hex'), iterationsExponent: 10 };
const { r1cs, witness } = randomSystem({ seed: 71, rows: 25 });

let folder: string;
let ptauPath: string;
const path = (name: string): string => join(folder, name);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkonnx-ceremony-'));
  ptauPath = await smallPowersOfTau(6, folder);
  await writeR1csFile({ r1cs, path: path('system.r1cs') });
  await snarkjs.zKey.newZKey(path('system.r1cs'), ptauPath, path('0.zkey'));
});
after(async () => {
  await terminateSnarkjs();
  await rm(folder, { recursive: true });
});

const snarkjsAccepts = (key: string): Promise<boolean> => snarkjs.zKey.verifyFromR1cs(path('system.r1cs'), ptauPath, path(key), silentLogger);
const fault = (key: string, arithmetic: CeremonyArithmetic = scriptArithmetic): Promise<string | undefined> => phaseFault({ initialPath: path('0.zkey'), zkeyPath: path(key), arithmetic });

for (const [by, arithmetic] of [
  ['JavaScript', scriptArithmetic],
  ['the native engine', native],
] as const) {
  describe(`a ceremony with ${by}`, { skip: arithmetic === undefined && 'no native engine' }, () => {
    it('of two contributors of ours and one of snarkjs passes its verification and ours', async () => {
      assert.ok(arithmetic !== undefined);
      const progress: number[] = [];
      const first = await contribute({ zkeyPath: path('0.zkey'), targetPath: path('1.zkey'), name: 'first', arithmetic, onProgress: (fraction) => progress.push(fraction) });
      assert.deepEqual([first.number, progress.at(-1)], [1, 1]);
      const theirs = await snarkjs.zKey.contribute(path('1.zkey'), path('2.zkey'), 'second, with snarkjs', 'entropy of a test');
      const third = await contribute({ zkeyPath: path('2.zkey'), targetPath: path('3.zkey'), name: 'third', entropy: 'dice: 1 5 2', arithmetic });
      await applyBeacon({ zkeyPath: path('3.zkey'), targetPath: path('4.zkey'), name: 'a beacon', beacon, arithmetic });
      for (const key of ['1.zkey', '2.zkey', '3.zkey', '4.zkey']) {
        assert.equal(await fault(key, arithmetic), undefined, key);
        assert.ok(await snarkjsAccepts(key), key);
      }
      const { contributions, ...header } = await readZkeyHeader(path('4.zkey'));
      assert.deepEqual(contributions.map(({ kind, name }) => [kind, name]), [['contribution', 'first'], ['contribution', 'second, with snarkjs'], ['contribution', 'third'], ['beacon', 'a beacon']]);
      assert.deepEqual(contributions.slice(0, 3).map((contribution) => Buffer.from(contributionHash(contribution)).toString('hex')), [first.hash, theirs, third.hash].map((hash) => Buffer.from(hash).toString('hex')));
      assert.equal(ceremonyFault({ contributions, ...header }), undefined);
      assert.match(ceremonyFault({ ...header, contributions: contributions.slice(0, 3) }) ?? '', /do not end with a beacon/);

      // What comes out proves, and in the files are all points in their places.
      const { proof, publicSignals } = await snarkjs.groth16.prove(path('4.zkey'), { type: 'mem', data: witnessToBytes(witness) });
      assert.ok(verifyProof({ verificationKey: await verificationKeyFromZkey(path('4.zkey')), proof: proof as never, publicSignals }));
    });

    it('gives the file that snarkjs gives for the same beacon, byte for byte', async () => {
      assert.ok(arithmetic !== undefined);
      await applyBeacon({ zkeyPath: path('0.zkey'), targetPath: path('ours.zkey'), name: 'beacon', beacon, arithmetic });
      const theirs = await snarkjs.zKey.beacon(path('0.zkey'), path('theirs.zkey'), 'beacon', BEACON, 10);
      assert.deepEqual(await readFile(path('ours.zkey')), await readFile(path('theirs.zkey')));
      const [contribution] = (await readZkeyHeader(path('ours.zkey'))).contributions;
      assert.ok(contribution !== undefined);
      assert.deepEqual(Buffer.from(contributionHash(contribution)), Buffer.from(theirs));
    });
  });
}

describe('a key that was tampered with', () => {
  const cases: readonly (readonly [name: string, section: number, offset: number | 'replace', says: RegExp])[] = [
    ['a point of C', ZKEY.c, 'replace', /points of C are not/],
    ['a point of H', ZKEY.h, 'replace', /points of H are not/],
    ['a point of A', ZKEY.a, 'replace', /points of A are not/],
    ['a row', ZKEY.coefficients, 12, /rows are not/],
    ['a public signal', ZKEY.ic, 'replace', /public signals are not/],
    ['the transcript of a contribution', ZKEY.contributions, 68 + 3 * 64 + 128 + 5, /does not follow from/],
    ['the circuit hash', ZKEY.contributions, 3, /circuit hash/],
  ];

  it('is refused, and the message says what is wrong', async () => {
    await contribute({ zkeyPath: path('0.zkey'), targetPath: path('good.zkey'), arithmetic: scriptArithmetic });
    const bytes = new Uint8Array(await readFile(path('good.zkey')));
    const sections = sectionStarts(bytes);
    for (const [name, section, offset, says] of cases) {
      const changed = Uint8Array.from(bytes);
      const start = sections.get(section) as number;
      // A point is exchanged for another one that is on the curve as well; α of the header.
      if (offset === 'replace') changed.copyWithin(start + 64, (sections.get(ZKEY.header) as number) + 84, (sections.get(ZKEY.header) as number) + 84 + 64);
      else changed[start + offset] = (bytes[start + offset] as number) ^ 1;
      await writeFile(path('bad.zkey'), changed);
      assert.match((await fault('bad.zkey')) ?? 'accepted', says, name);
    }
    for (const [name, change] of [
      ['a proof of knowledge of another factor', (to: Uint8Array, record: number) => to.copyWithin(record + 2 * 64, record + 64, record + 2 * 64)],
      ['a point that is not on the curve', (to: Uint8Array, record: number) => to.fill(1, record + 64, record + 64 + 32)],
      ['a point at infinity', (to: Uint8Array, record: number) => to.fill(0, record + 64, record + 128)],
    ] as const) {
      const changed = Uint8Array.from(bytes);
      change(changed, (sections.get(ZKEY.contributions) as number) + 68);
      await writeFile(path('bad.zkey'), changed);
      assert.match((await fault('bad.zkey')) ?? 'accepted', /contribution 1 /, name);
      await assert.rejects(contribute({ zkeyPath: path('bad.zkey'), targetPath: path('more.zkey'), arithmetic: scriptArithmetic }), { code: 'CEREMONY_INVALID' }, name);
    }
  });

  it('by a proof of knowledge that signs the right transcript, for a factor that its maker does not use, is refused', async () => {
    // Two contributions to the same key; the second's δ and points under the first's proof.
    await contribute({ zkeyPath: path('0.zkey'), targetPath: path('a.zkey'), arithmetic: scriptArithmetic });
    await contribute({ zkeyPath: path('0.zkey'), targetPath: path('b.zkey'), arithmetic: scriptArithmetic });
    const [a, b] = [new Uint8Array(await readFile(path('a.zkey'))), new Uint8Array(await readFile(path('b.zkey')))];
    const at = (sectionStarts(a).get(ZKEY.contributions) as number) + 68;
    b.set(a.subarray(at + 64, at + 3 * 64 + 128 + 64), at + 64);
    await writeFile(path('bad.zkey'), b);
    assert.match((await fault('bad.zkey')) ?? 'accepted', /by another factor/);
    assert.equal(await snarkjsAccepts('bad.zkey'), false);
  });

  it('by a beacon that is not what its value yields is refused', async () => {
    await applyBeacon({ zkeyPath: path('0.zkey'), targetPath: path('c.zkey'), beacon, arithmetic: scriptArithmetic });
    const bytes = new Uint8Array(await readFile(path('c.zkey')));
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    await writeFile(path('bad.zkey'), bytes);
    assert.match((await fault('bad.zkey')) ?? 'accepted', /not what its beacon yields/);
    assert.equal(await snarkjsAccepts('bad.zkey'), false);
  });

  it('by a beacon that would take years to verify is refused at once', async () => {
    await applyBeacon({ zkeyPath: path('0.zkey'), targetPath: path('c.zkey'), beacon, arithmetic: scriptArithmetic });
    const bytes = new Uint8Array(await readFile(path('c.zkey')));
    // The file ends with the tag and value of the exponent, the tag, length and bytes of the value.
    const exponent = bytes.length - beacon.value.length - 3;
    assert.equal(bytes[exponent], beacon.iterationsExponent);
    for (const wrong of [0, 9, 31, 255]) {
      bytes[exponent] = wrong;
      await writeFile(path('bad.zkey'), bytes);
      assert.match((await fault('bad.zkey')) ?? 'accepted', new RegExp(`a beacon hashed 2\\^${wrong} times`));
    }
  });

  it('was made for another system is refused', async () => {
    const other: R1cs = randomSystem({ seed: 72, rows: 25 }).r1cs;
    await writeR1csFile({ r1cs: other, path: path('other.r1cs') });
    await scriptEngine.initialKey({ r1csPath: path('other.r1cs'), ptauPath, zkeyPath: path('other.zkey') });
    assert.notEqual(await phaseFault({ initialPath: path('other.zkey'), zkeyPath: path('good.zkey'), arithmetic: scriptArithmetic }), undefined);
  });
});

describe('contributing', () => {
  it('refuses impossible names and beacons, stops when cancelled, and leaves no half-written key', async () => {
    const step = { zkeyPath: path('0.zkey'), targetPath: path('never.zkey'), arithmetic: scriptArithmetic };
    await assert.rejects(contribute({ ...step, name: 'n'.repeat(65) }), { code: 'USAGE' });
    for (const wrong of [{ value: new Uint8Array(0), iterationsExponent: 10 }, { value: new Uint8Array(256), iterationsExponent: 10 }, { value: beacon.value, iterationsExponent: 9 }, { value: beacon.value, iterationsExponent: 31 }]) {
      await assert.rejects(applyBeacon({ ...step, beacon: wrong }), { code: 'USAGE' });
    }
    await assert.rejects(contribute({ ...step, signal: AbortSignal.abort() }), { code: 'CANCELLED' });
    const controller = new AbortController();
    await assert.rejects(contribute({ ...step, signal: controller.signal, onProgress: () => controller.abort() }), { code: 'CANCELLED' });
    const hashing = new AbortController();
    setTimeout(() => hashing.abort(), 0);
    await assert.rejects(applyBeacon({ ...step, beacon: { value: beacon.value, iterationsExponent: 30 }, signal: hashing.signal }), { code: 'CANCELLED' });
    assert.deepEqual((await readdir(folder)).filter((file) => file.startsWith('never')), []);
  });

  it('draws another factor each time, with the same entropy too', async () => {
    const made = [];
    for (const target of ['x.zkey', 'y.zkey']) made.push(await contribute({ zkeyPath: path('0.zkey'), targetPath: path(target), entropy: 'same', arithmetic: scriptArithmetic }));
    assert.notDeepEqual(made[0]?.hash, made[1]?.hash);
    const [x, y] = [await readZkeyHeader(path('x.zkey')), await readZkeyHeader(path('y.zkey'))];
    assert.notDeepEqual(x.delta1, y.delta1);
  });
});

describe('powers of tau', () => {
  it('of our own are unknown, and the published ones are those of the README of snarkjs', async () => {
    const own = await readPowersOfTau(ptauPath);
    assert.deepEqual([own.power, own.published], [6, undefined]);
    assert.match(own.digest, /^[0-9a-f]{128}$/);
    const readme = await readFile('node_modules/snarkjs/README.md', 'utf8');
    assert.equal(Object.keys(HERMEZ_DIGESTS).length, 21);
    for (const [power, digest] of Object.entries(HERMEZ_DIGESTS)) {
      const row = readme.split('\n').find((line) => line.includes(digest));
      assert.match(row ?? 'absent', new RegExp(`^\\|\\s*${power}\\s*\\|`));
    }
  });

  it('that are none, or not prepared for phase 2, are refused', async () => {
    await assert.rejects(readPowersOfTau(path('system.r1cs')), { code: 'ARTIFACT_MALFORMED' });
    await assert.rejects(readPowersOfTau(path('pot1.ptau')), (error: unknown) => isZkonnxError(error) && error.code === 'ARTIFACT_MALFORMED' && error.message.includes('not prepared'));
    await assert.rejects(readPowersOfTau(path('absent.ptau')), { code: 'FILE_NOT_FOUND' });
  });
});

/** Where the bytes of each section begin. */
function sectionStarts(bytes: Uint8Array): Map<number, number> {
  const data = new DataView(bytes.buffer, bytes.byteOffset);
  const starts = new Map<number, number>();
  for (let position = 12; position < bytes.length; ) {
    starts.set(data.getUint32(position, true), position + 12);
    position += 12 + Number(data.getBigUint64(position + 4, true));
  }
  return starts;
}

describe('arithmetic', { skip: native === undefined && 'no native engine' }, () => {
  it('of the native engine, on every instruction set, is that of JavaScript', async () => {
    assert.ok(native !== undefined);
    const file = await BinFileReader.open(path('0.zkey'), ZKEY_FORMAT);
    const points = (await file.read(ZKEY.a)).slice();
    await file.close();
    // With the point at infinity, and equal neighbours.
    points.fill(0, 0, 64);
    points.copyWithin(128, 64, 128);
    const scalars = [1n, 2n, 3n, 2n ** 64n - 1n, 2n ** 253n + 12345n, FIELD_PRIME - 1n, 0n].map((value) => littleEndian(value));
    for (const isa of native.info().available) {
      for (const scalar of scalars) assert.deepEqual(await native.scalePoints({ points, scalar, isa }), await scriptArithmetic.scalePoints({ points, scalar }), isa);
      const weights = Buffer.concat(Array.from({ length: points.length / 64 }, (_, index) => littleEndian(BigInt(index + 1) ** 30n % FIELD_PRIME)));
      assert.deepEqual(await native.sumOfMultiples({ points, scalars: weights, isa }), await scriptArithmetic.sumOfMultiples({ points, scalars: weights }), isa);
      const off = Uint8Array.from(points);
      off[64] = (points[64] as number) ^ 1;
      await assert.rejects(native.scalePoints({ points: off, scalar: littleEndian(5n), isa }), { code: 'ARTIFACT_MALFORMED' });
      await assert.rejects(native.sumOfMultiples({ points: off, scalars: weights, isa }), { code: 'ARTIFACT_MALFORMED' });
      await assert.rejects(native.scalePoints({ points, scalar: new Uint8Array(32).fill(255), isa }), { code: 'USAGE' });
    }
  });

  it('refuses points that are not on the curve in JavaScript too', async () => {
    const points = new Uint8Array(64).fill(1);
    await assert.rejects(scriptArithmetic.scalePoints({ points, scalar: littleEndian(5n) }), { code: 'ARTIFACT_MALFORMED' });
  });
});

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 255n));
}
