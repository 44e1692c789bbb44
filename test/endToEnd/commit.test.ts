/** `commit` and `statement`: what a verifier has beside a proof. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readOpeningFile } from '../../src/artifacts/index.js';
import { commitModel, describeStatement, estimateModel, proveInputs, setupModel, verifyProofFile, type WrittenProof } from '../../src/index.js';
import { zkonnx } from '../cli/zkonnx.js';

const MODEL = 'examples/digits/mlp.uint8.qoperator.onnx';
const HERE = { cwd: process.cwd() };
const INPUT = 'examples/digits/inputs/digit-000.json';

let root: string;
let folder: string;
let proof: WrittenProof;
let rows: number;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'zkonnx-test-'));
  folder = join(root, 'files');
  // Before the circuit is there: the salt of the weights is the owner's to choose.
  await commitModel({ model: MODEL, folder, of: 'weights', salt: '0x1234' });
  ({ rows } = await setupModel({ model: MODEL, folder, key: 'development', visibility: { inputs: 'hashed', outputs: 'hashed', weights: 'hashed' } }));
  const { proofs } = await proveInputs({ model: MODEL, folder, inputs: [INPUT] });
  proof = proofs[0] as WrittenProof;
});
after(() => rm(root, { recursive: true, force: true }));

describe('commit', () => {
  it('gives the commitments of a proof, which the verifier compares', async () => {
    const { salts } = await readOpeningFile(proof.openingPath ?? '');
    const input = await commitModel({ model: MODEL, of: { input: INPUT }, salt: salts.inputs });
    const output = await commitModel({ model: MODEL, of: { outputFile: proof.openingPath ?? '' }, salt: salts.outputs });
    const weights = await commitModel({ model: MODEL, folder, of: 'weights' });
    assert.equal(BigInt(weights.salt), 0x1234n);
    assert.deepEqual({ inputs: input.commitment, outputs: output.commitment, weights: weights.commitment }, proof.commitments);
    assert.deepEqual(input.tensors.map(({ type, shape }) => [type, shape]), [['uint8', [1, 1, 8, 8]]]);
    await verifyProofFile({ proof: proof.path, commitments: { inputs: input.commitment, outputs: output.commitment, weights: weights.commitment } });
    const other = await commitModel({ model: MODEL, of: { input: 'examples/digits/inputs/digit-001.json' }, salt: salts.inputs });
    await assert.rejects(verifyProofFile({ proof: proof.path, commitments: { inputs: other.commitment } }), { code: 'PROOF_INVALID' });
  });

  it('takes a new salt unless one is given', async () => {
    const [a, b] = [await commitModel({ model: MODEL, of: { input: INPUT } }), await commitModel({ model: MODEL, of: { input: INPUT } })];
    assert.notEqual(a.salt, b.salt);
    assert.notEqual(a.commitment, b.commitment);
    const again = await commitModel({ model: MODEL, of: { input: INPUT }, salt: a.salt });
    assert.equal(again.commitment, a.commitment);
  });

  it('refuses what is no salt, and outputs that are not the model’s', async () => {
    await assert.rejects(commitModel({ model: MODEL, of: { input: INPUT }, salt: 'pepper' }), { code: 'PROOF_MALFORMED' });
    await assert.rejects(commitModel({ model: 'examples/digits/mlp.int8.qoperator.onnx', of: { outputFile: proof.openingPath ?? '' } }), { code: 'INPUT_SHAPE' });
    await assert.rejects(commitModel({ model: MODEL, of: { outputFile: INPUT } }), { code: 'ARTIFACT_MALFORMED' });
  });

  it('on the command line, as the flags of verify take it', async () => {
    const { salts } = await readOpeningFile(proof.openingPath ?? '');
    const { status, stdout } = await zkonnx(['commit', MODEL, '--input', INPUT, '--salt', String(salts.inputs), '--json'], HERE);
    assert.equal(status, 0);
    const { result } = JSON.parse(stdout) as { result: { commitment: string } };
    const verified = await zkonnx(['verify', proof.path, '--input-commitment', result.commitment, '--output-commitment', String(proof.commitments.outputs), '--model-commitment', String(proof.commitments.weights), '--json'], HERE);
    assert.equal(verified.status, 0);
    assert.equal((await zkonnx(['verify', proof.path, '--input-commitment', '1', '--json'], HERE)).status, 6);
    assert.equal((await zkonnx(['commit', MODEL, '--json'], HERE)).status, 2);
    assert.equal((await zkonnx(['commit', MODEL, '--weights', '--input', INPUT, '--json'], HERE)).status, 2);
  });
});

describe('estimate', () => {
  it('says the price of hashed weights, row by row, before anyone pays it', async () => {
    const estimate = await estimateModel({ model: MODEL, calibration: false, visibility: { inputs: 'hashed', outputs: 'hashed', weights: 'hashed' } });
    assert.equal(estimate.rows, rows);
    assert.equal(estimate.publicSignals, 4);
  });
});

describe('statement', () => {
  it('says what the key proves: model, visibility, commitments, operators, packing, key', async () => {
    const statement = await describeStatement({ source: MODEL, folder });
    const fromFile = await describeStatement({ source: join(folder, 'verification.json') });
    assert.deepEqual(fromFile, { ...statement, verificationPath: fromFile.verificationPath });
    assert.deepEqual(statement.visibility, { inputs: 'hashed', outputs: 'hashed', weights: 'hashed' });
    assert.deepEqual(statement.commitments.map(({ of, signal }) => [of, signal]), [['outputs', 0], ['inputs', 2], ['weights', 3]]);
    assert.deepEqual(statement.signals.map(({ first, count, holds }) => [first, count, holds]), [[0, 1, 'commitment'], [1, 1, 'context'], [2, 1, 'commitment'], [3, 1, 'commitment']]);
    assert.ok(Object.values(statement.operators).reduce((sum, count) => sum + count, 0) >= 2);
    assert.equal(statement.key.kind, 'development');
    const text = statement.words.join(' ');
    for (const part of [statement.model.sha256, 'whoever made it can forge proofs', 'Poseidon commitment of the weights', 'Scales, zero points', 'uint8 [1, 1, 8, 8]', 'QGemm']) assert.ok(text.includes(part), part);
  });

  it('of a public model: which signals hold which elements', async () => {
    const plain = join(root, 'plain');
    await setupModel({ model: MODEL, folder: plain, key: 'development' });
    const { signals, words, weights } = await describeStatement({ source: join(plain, 'verification.json') });
    assert.deepEqual(weights, []);
    assert.deepEqual(signals.map(({ first, count, holds, tensor }) => [first, count, holds, tensor?.elementsPerSignal]), [[0, 1, 'elements', 31], [1, 1, 'context', undefined], [2, 3, 'elements', 31]]);
    assert.ok(words.some((sentence) => sentence.includes('constants of the circuit')));
    const { status, stdout } = await zkonnx(['statement', join(plain, 'verification.json')], HERE);
    assert.equal(status, 0);
    assert.ok(stdout.includes('SHA-256') && stdout.includes('The inputs are public'));
  });
});
