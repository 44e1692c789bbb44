/** The whole road through the API, on the smallest committed model: once in good order, then with every link tampered with. */
import assert from 'node:assert/strict';
import { appendFile, copyFile, mkdtemp, readFile, readdir, rm, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  compileModel,
  exportModelVerifier,
  proveInputs,
  setupModel,
  verifyKey,
  verifyProofFile,
  verifyProofOnChain,
  type Progress,
  type ProofFile,
} from '../../src/index.js';
import { FIELD_PRIME } from '../../src/r1cs/field.js';
import type { Groth16Proof } from '../../src/verify/index.js';

const SOURCE = 'examples/digits/mlp.int8.qdq.onnx';
const INPUTS = ['000', '001', '002'].map((number) => `examples/digits/inputs/digit-${number}.json`);

let root: string;
let model: string;
let folder: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'zkonnx-test-'));
  model = join(root, 'model.onnx');
  folder = join(root, 'files');
  await copyFile(SOURCE, model);
});
after(() => rm(root, { recursive: true, force: true }));

describe('the road', () => {
  it('goes from a model to verified proofs, and skips what is done', async () => {
    const progress: Progress[] = [];
    const first = await setupModel({ model, folder, key: 'development', onProgress: (step) => progress.push(step) });
    assert.equal(first.skipped, false);
    assert.deepEqual([...new Set(progress.map(({ stage }) => stage))], ['compile', 'setup']);
    assert.ok(progress.every(({ fraction }) => fraction >= 0 && fraction <= 1));
    const before = await state();
    const again = await setupModel({ model, folder, key: 'development' });
    assert.deepEqual({ ...again, skipped: false }, first);
    assert.equal(again.skipped, true);
    assert.deepEqual(await state(), before);

    const proven: string[] = [];
    const { proofs, context } = await proveInputs({ model, folder, inputs: INPUTS, context: 42n, onProof: ({ name }) => proven.push(name) });
    assert.equal(context, '0x2a');
    assert.deepEqual(proofs.map(({ name }) => name), ['digit-000', 'digit-001', 'digit-002']);
    assert.deepEqual(proven.sort(), ['digit-000', 'digit-001', 'digit-002']);
    const labels = JSON.parse(await readFile('examples/digits/labels.json', 'utf8')) as { label: number }[];
    for (const [index, { path, outputs, floats }] of proofs.entries()) {
      const result = await verifyProofFile({ proof: path, context: '0x2a' });
      assert.deepEqual([result.outputs, result.floats, result.key.kind], [outputs, floats, 'development']);
      const logits = floats['logits']?.data ?? [];
      assert.equal(logits.indexOf(Math.max(...logits)), labels[index]?.label);
      await verifyProofFile({ proof: path, model, folder });
    }
  });

  it('names every input once: names of proofs are unique in a batch, values may be given in place of files', async () => {
    const image = JSON.parse(await readFile(INPUTS[0] as string, 'utf8')) as object;
    const { proofs } = await proveInputs({ model, folder, inputs: [{ values: image, name: 'mine' }, { values: image, name: 'mine' }] });
    assert.deepEqual(proofs.map(({ name }) => name), ['mine', 'mine-2']);
    assert.deepEqual(proofs[0]?.outputs, proofs[1]?.outputs);
  });

  it('the key belongs to the model, and to no other', async () => {
    const zkeyPath = join(folder, 'proving.zkey');
    const result = await verifyKey({ model, zkeyPath, verificationPath: join(folder, 'verification.json') });
    assert.deepEqual([result.c, result.provenance.provenance], ['recorded', 'development']);
    await assert.rejects(verifyKey({ model: 'examples/digits/mlp.uint8.qdq.onnx', zkeyPath }), { code: 'KEY_MISMATCH' });
  });

  it('a key from elsewhere is taken in if it belongs to the model, and is a development key unless its transcript verifies', async () => {
    const other = join(root, 'elsewhere');
    const zkeyPath = join(folder, 'proving.zkey');
    const { key, provingKey } = await setupModel({ model, folder: other, key: { zkeyPath } });
    assert.deepEqual([key.kind, key.reason], ['development', 'it records no contributions']);
    assert.deepEqual(await readFile(provingKey.path), await readFile(zkeyPath));
    // A key that fits is not replaced by a new one.
    const kept = await setupModel({ model, folder: other, key: 'development' });
    assert.equal(kept.provingKey.sha256, provingKey.sha256);
    const { proofs } = await proveInputs({ model, folder: other, inputs: INPUTS.slice(0, 1) });
    await verifyProofFile({ proof: proofs[0]?.path ?? '', verification: join(folder, 'verification.json') });
    const stranger = join(root, 'stranger');
    await assert.rejects(setupModel({ model: 'examples/digits/mlp.uint8.qdq.onnx', folder: stranger, key: { zkeyPath } }), { code: 'KEY_MISMATCH' });
    assert.ok(!(await readdir(stranger)).includes('proving.zkey'));
  });

  it('a contract of a development key is written only when that is allowed, and says so', async () => {
    await assert.rejects(exportModelVerifier({ model, folder }), { code: 'KEY_DEVELOPMENT' });
    const { path, contractName } = await exportModelVerifier({ model, folder, allowDevelopmentKey: true });
    assert.match(contractName, /DevelopmentKey$/);
    assert.match(await readFile(path, 'utf8'), new RegExp(`contract ${contractName}\\b`));
  });

  it('a local chain accepts the proof, and rejects one for another context', async () => {
    const proof = join(folder, 'proofs', 'digit-000.json');
    const { verification, localNode } = await verifyProofOnChain({ proof });
    assert.ok(localNode && verification.developmentKey && verification.gasUsed > 100_000n);
    const forged = await changed(proof, 'on-chain', (file) => ({ ...file, context: '0x2b', publicSignals: file.publicSignals.map((signal) => (signal === '42' ? '43' : signal)) }));
    await assert.rejects(verifyProofOnChain({ proof: forged }), { code: 'CHAIN_REJECTED' });
    await assert.rejects(verifyProofOnChain({ proof, rpcUrl: 'http://127.0.0.1:9' }), { code: 'KEY_DEVELOPMENT' });
    await assert.rejects(verifyProofOnChain({ proof, rpcUrl: 'http://127.0.0.1:9', allowDevelopmentKey: true }), { code: 'CHAIN_UNREACHABLE' });
  });
});

describe('proofs that were changed', () => {
  const proof = (): string => join(folder, 'proofs', 'digit-000.json');
  const cases: readonly (readonly [name: string, code: string, change: (file: ProofFile) => object])[] = [
    ['another output', 'PROOF_INVALID', (file) => ({ ...file, outputs: bump(file.outputs) })],
    ['another output, with its signals', 'PROOF_INVALID', (file) => ({ ...file, outputs: bump(file.outputs), publicSignals: file.publicSignals.map((signal, index) => (index === 0 ? String(BigInt(signal) + (1n << 72n)) : signal)) })],
    ['an output that its type cannot hold', 'PROOF_MALFORMED', (file) => ({ ...file, outputs: bump(file.outputs, 1000) })],
    ['another input', 'PROOF_INVALID', (file) => ({ ...file, inputs: bump(file.inputs) })],
    ['another context', 'PROOF_INVALID', (file) => ({ ...file, context: '0x1' })],
    ['a context that is not a number', 'PROOF_MALFORMED', (file) => ({ ...file, context: 'mine' })],
    ['a signal plus r', 'PROOF_INVALID', (file) => ({ ...file, publicSignals: file.publicSignals.map((signal, index) => (index === 1 ? String(BigInt(signal) + FIELD_PRIME) : signal)) })],
    ['a signal too few', 'PROOF_INVALID', (file) => ({ ...file, publicSignals: file.publicSignals.slice(1) })],
    ['another point', 'PROOF_INVALID', (file) => ({ ...file, proof: { ...file.proof, pi_a: (file.proof as Groth16Proof).pi_c } })],
    ['a point off the curve', 'PROOF_MALFORMED', (file) => ({ ...file, proof: { ...file.proof, pi_a: ['1', '3', '1'] } })],
    ['another model', 'PROOF_INVALID', (file) => ({ ...file, model: { ...file.model, sha256: '0'.repeat(64) } })],
    ['another type', 'PROOF_MALFORMED', (file) => ({ ...file, outputs: Object.fromEntries(Object.entries(file.outputs).map(([name, tensor]) => [name, { ...tensor, type: 'uint8' }])) })],
    ['an output that the model does not have', 'PROOF_MALFORMED', (file) => ({ ...file, outputs: { ...file.outputs, more: { type: 'int8', shape: [1], data: [1] } } })],
    ['no proof', 'PROOF_MALFORMED', (file) => ({ ...file, proof: undefined })],
  ];
  for (const [name, code, change] of cases) {
    it(name, async () => {
      const path = await changed(proof(), 'changed', change);
      await assert.rejects(verifyProofFile({ proof: path }), { code });
    });
  }

  it('another key', async () => {
    const other = join(root, 'other');
    await setupModel({ model, folder: other, key: 'development' });
    await assert.rejects(verifyProofFile({ proof: proof(), verification: join(other, 'verification.json') }), { code: 'PROOF_INVALID' });
  });

  it('a proof beside no key', async () => {
    await copyFile(proof(), join(root, 'lonely.json'));
    await assert.rejects(verifyProofFile({ proof: join(root, 'lonely.json') }), { code: 'ARTIFACT_MISSING' });
  });
});

describe('folders that were changed', () => {
  for (const file of ['canonical.onnx', 'plan.zkplan', 'proving.zkey', 'verification.json']) {
    it(`a byte more in ${file}: nothing is proven, and setup mends it`, async () => {
      await appendFile(join(folder, file), '\n');
      await assert.rejects(proveInputs({ model, folder, inputs: INPUTS.slice(0, 1) }), { code: 'ARTIFACT_STALE' });
      await setupModel({ model, folder, key: 'development' });
      const { proofs } = await proveInputs({ model, folder, inputs: INPUTS.slice(0, 1) });
      await verifyProofFile({ proof: proofs[0]?.path ?? '', model, folder });
    });
  }

  it('a file that is gone', async () => {
    await unlink(join(folder, 'plan.zkplan'));
    await assert.rejects(proveInputs({ model, folder, inputs: INPUTS.slice(0, 1) }), { code: 'ARTIFACT_MISSING' });
    const { skipped } = await compileModel({ model, folder });
    assert.equal(skipped, false);
    await proveInputs({ model, folder, inputs: INPUTS.slice(0, 1) });
  });

  it('a manifest cut in half', async () => {
    const manifest = join(folder, 'manifest.json');
    await truncate(manifest, Math.floor((await stat(manifest)).size / 2));
    await assert.rejects(proveInputs({ model, folder, inputs: INPUTS.slice(0, 1) }), { code: 'ARTIFACT_MALFORMED' });
    await setupModel({ model, folder, key: 'development' });
    await proveInputs({ model, folder, inputs: INPUTS.slice(0, 1) });
  });

  it('another model in the place of the first', async () => {
    await copyFile('examples/digits/mlp.uint8.qdq.onnx', model);
    await assert.rejects(proveInputs({ model, folder, inputs: INPUTS.slice(0, 1) }), { code: 'ARTIFACT_STALE' });
    await compileModel({ model, folder });
    await assert.rejects(proveInputs({ model, folder, inputs: INPUTS.slice(0, 1) }), { code: 'ARTIFACT_STALE' });
    await setupModel({ model, folder, key: 'development' });
    const { proofs } = await proveInputs({ model, folder, inputs: INPUTS.slice(0, 1) });
    await verifyProofFile({ proof: proofs[0]?.path ?? '', model, folder });
    await assert.rejects(verifyProofFile({ proof: join(folder, 'proofs', 'digit-002.json'), model, folder }), { code: 'PROOF_INVALID' });
  });

  it('the same model compiles to the same bytes', async () => {
    const other = join(root, 'again');
    await compileModel({ model, folder: other });
    for (const file of ['canonical.onnx', 'plan.zkplan', 'circuit.r1cs', 'cost.json']) assert.deepEqual(await readFile(join(other, file)), await readFile(join(folder, file)), file);
  });
});

describe('cancelling', () => {
  it('stops before and during the work, and leaves nothing half-written', async () => {
    const other = join(root, 'cancelled');
    await assert.rejects(setupModel({ model, folder: other, key: 'development', signal: AbortSignal.abort() }), { code: 'CANCELLED' });
    for (const stage of ['compile', 'setup'] as const) {
      const controller = new AbortController();
      const stop = ({ stage: now }: Progress): void => (now === stage ? controller.abort() : undefined);
      await assert.rejects(setupModel({ model, folder: other, key: 'development', signal: controller.signal, onProgress: stop }), { code: 'CANCELLED' });
      const files = await readdir(other, { recursive: true }).catch(() => []);
      assert.ok(!files.some((file) => file.endsWith('.tmp')), files.join(', '));
    }
    const controller = new AbortController();
    await assert.rejects(proveInputs({ model, folder, inputs: INPUTS, signal: controller.signal, onProgress: () => controller.abort() }), { code: 'CANCELLED' });
  });
});

/** Times and sizes of all files. */
async function state(): Promise<[string, number, number][]> {
  const files = (await readdir(folder)).sort();
  return Promise.all(files.map(async (file): Promise<[string, number, number]> => [file, (await stat(join(folder, file))).mtimeMs, (await stat(join(folder, file))).size]));
}

/** A changed copy of a proof, beside it. */
async function changed(path: string, name: string, change: (file: ProofFile) => object): Promise<string> {
  const target = join(folder, 'proofs', `${name}.json`);
  await writeFile(target, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')) as ProofFile)));
  return target;
}

/** The same tensors with one more in the first element of each. */
function bump(tensors: ProofFile['outputs'], by = 1): ProofFile['outputs'] {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.map((value, index) => (index === 0 ? value + by : value)) }]));
}
