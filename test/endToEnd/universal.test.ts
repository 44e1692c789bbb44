/** PLONK and FFLONK from the model to the verified proof, and what does not apply to them. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { describeStatement, exportModelVerifier, isZkonnxError, proveInputs, setupModel, verifyKey, verifyProofFile, verifyProofOnChain, type ProofFile } from '../../src/index.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { GraphBuilder, integers } from '../../src/onnx/testing/graphBuilder.js';
import { zkonnx } from '../cli/zkonnx.js';
import { developmentPowers } from '../support/developmentPowers.js';
import { POWERS_OF_TAU, terminateSnarkjs } from '../support/snarkjs.js';

const INPUTS = [{ values: { x: [[1, 22, 133, 44]] } }];

let root: string;
let model: string;
let ptauPath: string;
const path = (...names: string[]): string => join(root, ...names);

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'zkonnx-universal-'));
  model = path('layer.onnx');
  await writeFile(
    model,
    encodeModel(
      new GraphBuilder()
        .input('x', 'uint8', [1, 4])
        .output('y', 'uint8', [1, 2])
        .constant('scale', 'float32', [], [0.02])
        .constant('zero', 'uint8', [], [7])
        .constant('w', 'int8', [4, 2], integers({ count: 8, lo: -128, hi: 127, seed: 4 }))
        .constant('wScale', 'float32', [], [0.01])
        .constant('wZero', 'int8', [], [0])
        .node('QLinearMatMul', ['x', 'scale', 'zero', 'w', 'wScale', 'wZero', 'scale', 'zero'], 'y')
        .build(),
    ),
  );
  ptauPath = await developmentPowers(12, root);
});
after(async () => {
  await terminateSnarkjs();
  await rm(root, { recursive: true });
});

const readProof = async (file: string): Promise<ProofFile> => JSON.parse(await readFile(file, 'utf8')) as ProofFile;

for (const system of ['plonk', 'fflonk'] as const) {
  describe(`a model in ${system}`, () => {
    it('is set up from powers of tau, proven and verified; two proofs of one input differ', async () => {
      const folder = path(system);
      const setup = await setupModel({ model, folder, system, key: { powersPath: ptauPath } });
      assert.deepEqual([setup.system, setup.key.kind, setup.key.ptauPublished], [system, 'development', undefined]);
      assert.match(setup.key.ptauDigest ?? '', /^[0-9a-f]{128}$/);
      const [first] = (await proveInputs({ model, folder, inputs: INPUTS, context: 5n })).proofs;
      const one = await readProof(first?.path as string);
      assert.equal(one.proof.protocol, system);
      const [second] = (await proveInputs({ model, folder, inputs: INPUTS, context: 5n })).proofs;
      const other = await readProof(second?.path as string);
      assert.deepEqual(one.publicSignals, other.publicSignals);
      assert.notDeepEqual(one.proof, other.proof);
      assert.deepEqual(first?.outputs, second?.outputs);
      assert.equal((await verifyProofFile({ proof: second?.path as string, context: 5n })).system, system);
      // Side by side, in one thread each.
      const { proofs } = await proveInputs({ model, folder, threads: 2, inputs: [1, 2].map((seed) => ({ name: `side-${seed}`, values: { x: [[seed, 2, 3, 4]] } })) });
      for (const { path: beside } of proofs) await verifyProofFile({ proof: beside, context: 0n });
      await assert.rejects(verifyProofFile({ proof: second?.path as string, context: 6n }), { code: 'PROOF_INVALID' });
      // The signals of another output, in the file and as a statement.
      const forged = path(system, 'proofs', 'forged.json');
      const data = (other.outputs['y'] as { data: number[] }).data;
      await writeFile(forged, JSON.stringify({ ...other, outputs: { y: { ...other.outputs['y'], data: data.map((value) => value ^ 1) } } }));
      await assert.rejects(verifyProofFile({ proof: forged }), { code: 'PROOF_INVALID' });
    });

    it('has one key, which is made again for whoever verifies it', async () => {
      const zkeyPath = path(system, 'proving.zkey');
      const result = await verifyKey({ model, zkeyPath, ptauPath, verificationPath: path(system, 'verification.json') });
      assert.deepEqual([result.system, result.c, result.provenance.provenance], [system, 'remade', 'development']);
      await assert.rejects(verifyKey({ model, zkeyPath }), { code: 'USAGE' });
      await assert.rejects(verifyKey({ model, zkeyPath, ptauPath: await developmentPowers(12, root) }), { code: 'KEY_MISMATCH' });
      await assert.rejects(verifyKey({ model, zkeyPath, ptauPath, visibility: { outputs: 'private' } }), { code: 'KEY_MISMATCH' });
      await assert.rejects(verifyKey({ model, zkeyPath, ptauPath: POWERS_OF_TAU }), { code: 'POWERS_TOO_FEW' });
    });

    it('keeps its key unless asked for another system; proofs of one do not pass for the other', async () => {
      const folder = path(system);
      const before = await readFile(path(system, 'proving.zkey'));
      assert.equal((await setupModel({ model, folder, key: 'development' })).system, system);
      await setupModel({ model, folder, system, key: { powersPath: ptauPath } });
      assert.ok(before.equals(await readFile(path(system, 'proving.zkey'))));
      const groth16 = path(`${system}-groth16`);
      const other = await setupModel({ model, folder: groth16, system: 'groth16', key: 'development' });
      assert.equal(other.system, 'groth16');
      const file = (await proveInputs({ model, folder: groth16, inputs: INPUTS })).proofs[0]?.path as string;
      const own = (await proveInputs({ model, folder, inputs: INPUTS })).proofs[0]?.path as string;
      for (const [foreign, verification] of [[file, path(system, 'verification.json')], [own, join(groth16, 'verification.json')]] as const) {
        await assert.rejects(verifyProofFile({ proof: foreign, verification }), (error) => isZkonnxError(error) && error.code === 'PROOF_MALFORMED' && /another kind than the key/.test(error.message));
      }
    });
  });
}

describe('a key of powers of tau with contributions', () => {
  for (const system of ['plonk', 'fflonk'] as const) {
    it(`counts as one of a ceremony only with their published digest: ${system}`, async () => {
      const small = path('not.onnx');
      await writeFile(small, encodeModel(new GraphBuilder().input('x', 'bool', [1, 2]).output('y', 'bool', [1, 2]).node('Not', ['x'], 'y').build()));
      const folder = path(`not-${system}`);
      const unknown = await setupModel({ model: small, folder, system, key: { powersPath: POWERS_OF_TAU } });
      assert.equal(unknown.key.kind, 'development');
      assert.match(unknown.key.reason, /--ptau-digest/);
      await assert.rejects(exportModelVerifier({ model: small, folder }), { code: 'KEY_DEVELOPMENT' });
      // As its makers would publish it.
      const powersDigest = createHash('blake2b512').update(await readFile(POWERS_OF_TAU)).digest('hex');
      const known = await setupModel({ model: small, folder, system, key: { powersPath: POWERS_OF_TAU, powersDigest } });
      assert.deepEqual([known.key.kind, known.key.ptauDigest], ['ceremony', powersDigest]);
      assert.equal(known.provingKey.sha256, unknown.provingKey.sha256);
      const { contractName, developmentKey } = await exportModelVerifier({ model: small, folder });
      assert.deepEqual([contractName, developmentKey], ['NotVerifier', false]);
      const [proof] = (await proveInputs({ model: small, folder, inputs: [{ values: { x: [[1, 0]] } }] })).proofs;
      assert.deepEqual(proof?.outputs['y']?.data, [0, 1]);
      const { verification } = await verifyProofOnChain({ proof: proof?.path as string });
      assert.equal(verification.developmentKey, false);
      const { provenance } = await verifyKey({ model: small, zkeyPath: join(folder, 'proving.zkey'), ptauPath: POWERS_OF_TAU, ptauDigest: powersDigest });
      assert.equal(provenance.provenance, 'ceremony');
      assert.match((await describeStatement({ source: small, folder })).words.join('\n'), new RegExp(powersDigest));
    });
  }
});

describe('PLONK', () => {
  it('of hashed inputs, outputs and weights', async () => {
    const folder = path('hashed');
    await setupModel({ model, folder, system: 'plonk', key: 'development', visibility: { inputs: 'hashed', outputs: 'private', weights: 'hashed' } });
    const [proof] = (await proveInputs({ model, folder, inputs: INPUTS, context: 7n })).proofs;
    assert.ok(proof !== undefined);
    const verified = await verifyProofFile({ proof: proof.path, commitments: { inputs: proof.commitments.inputs, weights: proof.commitments.weights } });
    assert.deepEqual([verified.inputs, verified.outputs], [{}, {}]);
    await assert.rejects(verifyProofFile({ proof: proof.path, commitments: { weights: 1n } }), { code: 'PROOF_INVALID' });
  });

  it('says what does not apply to it', async () => {
    const folder = path('plonk');
    await assert.rejects(setupModel({ model, folder: path('few'), system: 'plonk', key: { powersPath: POWERS_OF_TAU } }), (error) => isZkonnxError(error) && error.code === 'POWERS_TOO_FEW' && error.details.found === 'power 7');
    await assert.rejects(proveInputs({ model, folder, inputs: INPUTS, backend: 'native' }), { code: 'PROOF_SYSTEM' });
    await assert.rejects(setupModel({ model, folder: path('native'), system: 'plonk', key: 'development', backend: 'native' }), { code: 'PROOF_SYSTEM' });
    // A key of PLONK is not taken in, by whatever name.
    await assert.rejects(setupModel({ model, folder: path('taken'), key: { zkeyPath: path('plonk', 'proving.zkey'), ptauPath } }), { code: 'PROOF_SYSTEM' });
    await assert.rejects(setupModel({ model, folder: path('taken'), system: 'plonk', key: { zkeyPath: path('plonk', 'proving.zkey'), ptauPath } }), { code: 'USAGE' });
    await assert.rejects(setupModel({ model, folder: path('taken'), key: { powersPath: ptauPath } }), { code: 'USAGE' });
    await assert.rejects(setupModel({ model, folder: path('other'), system: 'plonk', key: { powersPath: ptauPath, powersDigest: '00' } }), { code: 'CEREMONY_INVALID' });
  });

  it('says of a statement which system and which powers of tau it rests on', async () => {
    const statement = await describeStatement({ source: path('plonk', 'verification.json') });
    assert.equal(statement.system, 'plonk');
    assert.match(statement.words.join('\n'), /PLONK/);
    assert.match(statement.words.join('\n'), /powers of tau/);
  });

  it('is made on the command line', async () => {
    const missing = await zkonnx(['setup', model, '--system', 'plonk'], { cwd: root });
    assert.equal(missing.status, 2);
    assert.match(missing.stderr, /powers of tau/);
    const { status, stdout, stderr } = await zkonnx(['setup', model, '--system', 'plonk', '--ptau', ptauPath, '--out', path('cli')], { cwd: root });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /PLONK, development key/);
    assert.match(stderr, /its powers of tau record no contributions/);
    const refused = await zkonnx(['setup', model, '--system', 'plonk', '--ptau', POWERS_OF_TAU, '--out', path('cli-few')], { cwd: root });
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /POWERS_TOO_FEW/);
  });
});
