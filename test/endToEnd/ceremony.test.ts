/** A ceremony from its beginning to a contract, with contributors who use zkonnx and one who uses snarkjs; and the keys that are refused. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { applyCeremonyBeacon, contributeToCeremony, exportModelVerifier, finalizeCeremony, initCeremony, proveInputs, setupModel, verifyCeremony, verifyKey, verifyProofFile, verifyProofOnChain } from '../../src/index.js';
import { loadNativeEngine } from '../../src/prove/native.js';
import { readZkeyHeader } from '../../src/setup/index.js';
import { zkonnx } from '../cli/zkonnx.js';
import { silentLogger, smallPowersOfTau, snarkjs, terminateSnarkjs } from '../support/snarkjs.js';

const MODEL = 'examples/digits/mlp.int8.qoperator.onnx';
const INPUT = 'examples/digits/inputs/digit-000.json';
const BEACON = 'a1b2c3d4e5f60718293a4b5c6d7e8f901122334455667788990011223344556677';
/** 2^11 rows hold the circuit of the model. */
const POWER = 11;

let root: string;
let ptauPath: string;
let model: string;
const path = (...names: string[]): string => join(root, ...names);
const ceremony = (): string => path('ceremony');

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'zkonnx-ceremony-'));
  model = path('model.onnx');
  await copyFile(MODEL, model);
  ptauPath = await ownPowers(POWER);
});

/** A powers-of-tau file of our own making. */
async function ownPowers(power: number): Promise<string> {
  const folder = await mkdtemp(path('ptau-'));
  const native = loadNativeEngine();
  if (native === undefined) return smallPowersOfTau(power, folder);
  await native.makeDevPtau({ power, ptauPath: join(folder, 'own.ptau') });
  return join(folder, 'own.ptau');
}

after(async () => {
  await terminateSnarkjs();
  await rm(root, { recursive: true });
});

const key = (number: number): string => join(ceremony(), `key-000${number}.zkey`);

describe('a ceremony', () => {
  it('with two contributors of zkonnx and one of snarkjs passes its verification and ours', async () => {
    const started = await initCeremony({ model, ptauPath, folder: ceremony() });
    assert.deepEqual([started.powersOfTau.power, started.powersOfTau.published], [POWER, undefined]);
    const first = await contributeToCeremony({ folder: ceremony(), name: 'first' });
    const second = await snarkjs.zKey.contribute(key(1), key(2), 'second', 'entropy of a test');
    // The third on the command line.
    const { status, stdout, stderr } = await zkonnx(['ceremony', 'contribute', ceremony(), '--name', 'third', '--entropy', 'of the third', '--json'], { cwd: root });
    assert.equal(status, 0, stderr);
    const { command, result: third } = JSON.parse(stdout) as { command: string; result: { number: number; hash: string } };
    assert.deepEqual([command, third.number], ['ceremony contribute', 3]);

    const halfway = await verifyCeremony({ folder: ceremony(), ptauPath });
    assert.match(halfway.transcript.missing ?? '', /do not end with a beacon/);
    await assert.rejects(finalizeCeremony({ folder: ceremony(), ptauPath }), { code: 'CEREMONY_INVALID' });

    const last = await applyCeremonyBeacon({ folder: ceremony(), value: `0x${BEACON}`, name: 'beacon' });
    await assert.rejects(contributeToCeremony({ folder: ceremony() }), { code: 'CEREMONY_INVALID' });
    const { transcript, finalKeyPath, setup, modelChecked } = await finalizeCeremony({ folder: ceremony(), ptauPath, model, modelFolder: path('files') });
    assert.deepEqual([modelChecked, transcript.missing, setup?.key.kind], [true, undefined, 'ceremony']);
    assert.deepEqual(
      transcript.contributions.map(({ number, kind, name, hash }) => [number, kind, name, hash]),
      [
        [1, 'contribution', 'first', first.hash],
        [2, 'contribution', 'second', Buffer.from(second).toString('hex')],
        [3, 'contribution', 'third', third.hash],
        [4, 'beacon', 'beacon', last.hash],
      ],
    );
    assert.ok(await snarkjs.zKey.verifyFromR1cs(join(ceremony(), 'circuit.r1cs'), ptauPath, finalKeyPath, silentLogger));
    const { provenance } = await verifyKey({ model, zkeyPath: finalKeyPath, ptauPath });
    assert.equal(provenance.provenance, 'ceremony', provenance.reason);
    const text = await readFile(join(ceremony(), 'transcript.txt'), 'utf8');
    for (const { hash } of transcript.contributions) assert.ok(text.includes(hash.slice(0, 8)));
    assert.match(text, /compare its digest/);
    assert.deepEqual(JSON.parse(await readFile(join(ceremony(), 'transcript.json'), 'utf8')), JSON.parse(JSON.stringify(transcript)));
  });

  it('gives a key that proves, and a verifier that is exported unmarked', async () => {
    const { proofs } = await proveInputs({ model, folder: path('files'), inputs: [INPUT] });
    const { key: origin } = await verifyProofFile({ proof: proofs[0]?.path ?? '', model, folder: path('files') });
    assert.equal(origin.kind, 'ceremony');
    const { path: contract, developmentKey } = await exportModelVerifier({ model, folder: path('files') });
    assert.equal(developmentKey, false);
    assert.match(await readFile(contract, 'utf8'), /isDevelopmentKey = false/);
  });

  it('begins again with the same bytes, and refuses another circuit in its folder', async () => {
    const again = await initCeremony({ model, ptauPath, folder: path('again') });
    assert.deepEqual(await readFile(again.keyPath), await readFile(key(0)));
    await assert.rejects(initCeremony({ model: 'examples/digits/mlp.uint8.qoperator.onnx', ptauPath, folder: ceremony() }), { code: 'USAGE' });
  });

  it('needs powers of tau of the size of the circuit', async () => {
    const small = await ownPowers(6);
    await assert.rejects(initCeremony({ model, ptauPath: small, folder: path('none') }), { code: 'USAGE' });
    assert.deepEqual(await readdir(path('none')).catch(() => []), []);
    await assert.rejects(verifyCeremony({ folder: ceremony(), ptauPath: small }), { code: 'CEREMONY_INVALID' });
  });

  it('with a key in the wrong place, or one that was tampered with, goes no further', async () => {
    const other = path('tampered');
    await initCeremony({ model, ptauPath, folder: other });
    await copyFile(key(2), join(other, 'key-0003.zkey'));
    await assert.rejects(contributeToCeremony({ folder: other }), { code: 'CEREMONY_INVALID' });
    await rm(join(other, 'key-0003.zkey'));
    const bytes = await readFile(key(2));
    bytes[bytes.length - 300] = (bytes[bytes.length - 300] as number) ^ 1;
    await writeFile(join(other, 'key-0002.zkey'), bytes);
    for (const attempt of [() => contributeToCeremony({ folder: other }), () => verifyCeremony({ folder: other, ptauPath })]) {
      await assert.rejects(attempt(), (error: { code?: string }) => error.code === 'CEREMONY_INVALID' || error.code === 'ARTIFACT_MALFORMED');
    }
    await assert.rejects(contributeToCeremony({ folder: path('files') }), { code: 'ARTIFACT_MISSING' });
  });
});

describe('a verifier is neither exported nor deployed, unless told otherwise and marked, for', () => {
  /** Sets the model up with a key and asks for its verifier. */
  async function refused(zkeyPath: string, ptau: string | undefined, says: RegExp): Promise<void> {
    const folder = await mkdtemp(path('refused-'));
    const { key: origin } = await setupModel({ model, folder, key: { zkeyPath, ptauPath: ptau } });
    assert.equal(origin.kind, 'development');
    assert.match(origin.reason, says);
    await assert.rejects(exportModelVerifier({ model, folder }), { code: 'KEY_DEVELOPMENT' });
    const { proofs } = await proveInputs({ model, folder, inputs: [INPUT] });
    // Port 9 discards: nothing is asked of the chain before the key is looked at.
    await assert.rejects(verifyProofOnChain({ proof: proofs[0]?.path ?? '', rpcUrl: 'http://127.0.0.1:9' }), { code: 'KEY_DEVELOPMENT' });
    const { path: contract, developmentKey } = await exportModelVerifier({ model, folder, allowDevelopmentKey: true });
    assert.ok(developmentKey);
    const source = await readFile(contract, 'utf8');
    assert.match(source, /contract \w+DevelopmentKey\b/);
    assert.match(source, /isDevelopmentKey = true/);
  }

  it('a key with γ = δ and no contribution, which is not even taken in', async () => {
    const header = await readZkeyHeader(key(0));
    assert.deepEqual(header.gamma2, header.delta2);
    for (const ptau of [undefined, ptauPath]) await assert.rejects(setupModel({ model, folder: path('never'), key: { zkeyPath: key(0), ptauPath: ptau } }), { code: 'KEY_MISMATCH' });
  });

  it('a key without a beacon', () => refused(key(3), ptauPath, /do not end with a beacon/));

  it('a key with a beacon and no contribution', async () => {
    const folder = path('beaconOnly');
    await initCeremony({ model, ptauPath, folder });
    const { keyPath } = await applyCeremonyBeacon({ folder, value: BEACON });
    await assert.rejects(finalizeCeremony({ folder, ptauPath }), { code: 'CEREMONY_INVALID' });
    await refused(keyPath, ptauPath, /a beacon but no contributions/);
  });

  it('a key whose powers of tau were not given, or are others', async () => {
    await refused(key(4), undefined, /no powers-of-tau file/);
    await refused(key(4), await ownPowers(POWER), /does not verify/);
  });

  it('a key with a proof of knowledge that fails', async () => {
    const bytes = new Uint8Array(await readFile(key(4)));
    const { contributions } = await readZkeyHeader(key(4));
    assert.equal(contributions.length, 4);
    // s·d of the first contribution, put where its s is: on the curve, but no proof.
    const records = bytes.length - sizeOfContributions(bytes);
    bytes.copyWithin(records + 68 + 64, records + 68 + 128, records + 68 + 192);
    await writeFile(path('noProof.zkey'), bytes);
    await refused(path('noProof.zkey'), ptauPath, /contribution 1/);
  });

  it('a development key', async () => {
    await setupModel({ model, folder: path('development'), key: 'development' });
    await refused(path('development', 'proving.zkey'), ptauPath, /no contributions/);
  });
});

/** Bytes of the section of contributions, which is the last. */
function sizeOfContributions(bytes: Uint8Array): number {
  const data = new DataView(bytes.buffer);
  let size = 0;
  for (let position = 12; position < bytes.length; position += 12 + size) size = Number(data.getBigUint64(position + 4, true));
  return size;
}
