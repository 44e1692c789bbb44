/** Hidden weights: one circuit and one key for all models of an architecture, and everything hashed on a chain. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readOpeningFile } from '../../src/artifacts/index.js';
import { proveInputs, setupModel, verifyKey, verifyProofFile, verifyProofOnChain, type ProofFile } from '../../src/index.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { Tensor } from '../../src/onnx/graph.js';
import { readModel } from '../../src/onnx/readModel.js';
import { GraphBuilder, integers } from '../../src/onnx/testing/graphBuilder.js';

const MODEL = 'examples/digits/mlp.uint8.qoperator.onnx';
const INPUT = 'examples/digits/inputs/digit-000.json';
const ALL_HASHED = { inputs: 'hashed', outputs: 'hashed', weights: 'hashed' } as const;

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'zkonnx-test-'));
});
after(() => rm(root, { recursive: true, force: true }));

const readProof = async (path: string): Promise<ProofFile> => JSON.parse(await readFile(path, 'utf8')) as ProofFile;

/** The model with other weights: every element of the initializers whose names say so moves a little. */
async function fineTuned(model: string, target: string): Promise<void> {
  const { graph } = readModel(model);
  const initializers = new Map(
    [...graph.initializers].map(([name, tensor]): [string, Tensor] => {
      if (!/_(weight|bias)_quantized$/.test(name)) return [name, tensor];
      const moves = integers({ count: tensor.data.length, lo: -3, hi: 3, seed: name.length });
      const data = (tensor.data as Uint8Array).slice();
      const [lo, hi] = tensor.type === 'uint8' ? [0, 255] : tensor.type === 'int8' ? [-128, 127] : [-(2 ** 20), 2 ** 20];
      moves.forEach((move, i) => (data[i] = Math.min(hi, Math.max(lo, (data[i] as number) + move))));
      return [name, { ...tensor, data }];
    }),
  );
  await writeFile(target, encodeModel({ ...graph, initializers }));
}

describe('hashed weights', () => {
  it('two models of one architecture have one circuit and one key; all hashed costs less than 245,000 gas', async (t) => {
    const [first, second] = [join(root, 'first.onnx'), join(root, 'second.onnx')];
    await copyFile(MODEL, first);
    await fineTuned(MODEL, second);
    const [a, b] = [join(root, 'first'), join(root, 'second')];
    const one = await setupModel({ model: first, folder: a, key: 'development', visibility: ALL_HASHED });
    const other = await setupModel({ model: second, folder: b, key: { zkeyPath: join(a, 'proving.zkey') }, visibility: ALL_HASHED });
    assert.equal(one.r1csSha256, other.r1csSha256);
    assert.notEqual(one.model.sha256, other.model.sha256);
    t.diagnostic(`${one.rows} rows`);

    const prove = async (model: string, folder: string) => (await proveInputs({ model, folder, inputs: [INPUT], context: 99n, salts: { inputs: 5n, outputs: 6n } })).proofs[0];
    const [p, q] = [await prove(first, a), await prove(second, b)];
    assert.ok(p !== undefined && q !== undefined);
    assert.notDeepEqual(p.outputs, q.outputs);
    assert.notEqual(p.commitments.weights, q.commitments.weights);
    assert.equal(p.commitments.inputs, q.commitments.inputs);
    // Both verify against the verification file of the first.
    const verification = join(a, 'verification.json');
    for (const { path, commitments } of [p, q]) {
      await verifyProofFile({ proof: path, verification, context: 99n, commitments });
      const { verification: result } = await verifyProofOnChain({ proof: path, verification });
      t.diagnostic(`inputs, outputs and weights hashed, with the context: ${result.gasUsed} gas`);
      assert.ok(result.gasUsed < 245_000n, String(result.gasUsed));
    }
    await assert.rejects(verifyProofFile({ proof: q.path, verification, commitments: { weights: p.commitments.weights } }), { code: 'PROOF_INVALID' });
    // The commitment of the other model in the file: neither script nor contract takes it.
    const file = await readProof(q.path);
    const forged = join(b, 'proofs', 'forged.json');
    const [from, to] = [q.commitments.weights, p.commitments.weights] as [string, string];
    await writeFile(forged, JSON.stringify({ ...file, commitments: { ...file.commitments, weights: to }, publicSignals: file.publicSignals.map((signal) => (BigInt(signal) === BigInt(from) ? String(BigInt(to)) : signal)) }));
    await assert.rejects(verifyProofFile({ proof: forged, verification }), { code: 'PROOF_INVALID' });
    await assert.rejects(verifyProofOnChain({ proof: forged, verification }), { code: 'CHAIN_REJECTED' });
    await verifyKey({ model: second, zkeyPath: join(a, 'proving.zkey'), verificationPath: join(b, 'verification.json') });
    // A model has one commitment, whatever is proven with it.
    const again = await prove(second, b);
    assert.equal(again?.commitments.weights, q.commitments.weights);
  });

  it('another architecture has another circuit', async () => {
    await assert.rejects(setupModel({ model: 'examples/digits/mlp.int8.qoperator.onnx', folder: join(root, 'stranger'), key: { zkeyPath: join(root, 'first', 'proving.zkey') }, visibility: ALL_HASHED }), { code: 'KEY_MISMATCH' });
  });
});

describe('a chain of two models', () => {
  /** y = requantize(x · w), 8-bit unsigned. */
  const layer = (input: number, output: number, seed: number): Uint8Array =>
    encodeModel(
      new GraphBuilder()
        .input('x', 'uint8', [1, input])
        .output('y', 'uint8', [1, output])
        .constant('scale', 'float32', [], [0.02])
        .constant('zero', 'uint8', [], [7])
        .constant('w', 'int8', [input, output], integers({ count: input * output, lo: -128, hi: 127, seed }))
        .constant('wScale', 'float32', [], [0.01])
        .constant('wZero', 'int8', [], [0])
        .node('QLinearMatMul', ['x', 'scale', 'zero', 'w', 'wScale', 'wZero', 'scale', 'zero'], 'y')
        .build(),
    );

  it('the commitment of the outputs of the first is that of the inputs of the second', async () => {
    const [first, second] = [join(root, 'layer1.onnx'), join(root, 'layer2.onnx')];
    await writeFile(first, layer(8, 5, 1));
    await writeFile(second, layer(5, 3, 2));
    const [a, b] = [join(root, 'layer1'), join(root, 'layer2')];
    await setupModel({ model: first, folder: a, key: 'development', visibility: { inputs: 'public', outputs: 'hashed', weights: 'hashed' } });
    await setupModel({ model: second, folder: b, key: 'development', visibility: { inputs: 'hashed', outputs: 'public' } });
    const [p] = (await proveInputs({ model: first, folder: a, inputs: [{ values: { x: [[1, 22, 133, 44, 255, 66, 0, 88]] } }] })).proofs;
    assert.ok(p?.openingPath !== undefined);
    const opening = await readOpeningFile(p.openingPath);
    const between = opening.outputs['y']?.data;
    const [q] = (await proveInputs({ model: second, folder: b, inputs: [{ values: { x: [between] } }], salts: { inputs: opening.salts.outputs } })).proofs;
    assert.ok(q !== undefined);
    assert.equal(q.commitments.inputs, p.commitments.outputs);
    await verifyProofFile({ proof: p.path });
    await verifyProofFile({ proof: q.path, commitments: { inputs: p.commitments.outputs } });
    // With another salt, or another value, the chain is broken.
    for (const [values, salt] of [[between, 1n], [(between as number[]).map((value) => value ^ 1), BigInt(opening.salts.outputs ?? 0)]] as const) {
      const [other] = (await proveInputs({ model: second, folder: b, inputs: [{ values: { x: [values] } }], salts: { inputs: salt } })).proofs;
      assert.notEqual(other?.commitments.inputs, p.commitments.outputs);
    }
  });
});
