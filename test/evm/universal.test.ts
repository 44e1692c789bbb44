/** Contracts of PLONK and FFLONK on a local EVM node: the same verdicts as the verifiers in JavaScript, and the same packing as Groth16's. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Contract, JsonRpcProvider } from 'ethers';
import { MAX_UNIVERSAL_SIGNALS, compileVerifier, deployVerifier, exportAnyVerifier, proofWords, startLocalNode, verifyOnChain, type LocalNode } from '../../src/evm/index.js';
import { readVerificationFile, type VerificationFile } from '../../src/artifacts/index.js';
import { exportModelVerifier, isZkonnxError, proveInputs, setupModel, verifyProofOnChain, type ProofFile } from '../../src/index.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { GraphBuilder, integers } from '../../src/onnx/testing/graphBuilder.js';
import { FIELD_PRIME } from '../../src/r1cs/field.js';
import { contractBytes, publicLayout, verifyProof, type AnyProof } from '../../src/verify/index.js';
import { terminateSnarkjs } from '../support/snarkjs.js';

const CONTEXT = 0xc0ffeen;
const GAS_LIMIT = 2_000_000n;

let root: string;
let model: string;
let node: LocalNode;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'zkonnx-chain-'));
  model = join(root, 'layer.onnx');
  const graph = new GraphBuilder()
    .input('x', 'uint8', [1, 40])
    .output('y', 'uint8', [1, 2])
    .constant('scale', 'float32', [], [0.02])
    .constant('zero', 'uint8', [], [7])
    .constant('outZero', 'uint8', [], [3])
    .constant('w', 'int8', [40, 2], integers({ count: 80, lo: -128, hi: 127, seed: 4 }))
    .constant('wScale', 'float32', [], [0.003])
    .constant('wZero', 'int8', [], [0])
    .node('QLinearMatMul', ['x', 'scale', 'zero', 'w', 'wScale', 'wZero', 'scale', 'outZero'], 'y')
    .build();
  await writeFile(model, encodeModel(graph));
  node = await startLocalNode();
});
after(async () => {
  await node.close();
  await terminateSnarkjs();
  await rm(root, { recursive: true });
});

for (const system of ['plonk', 'fflonk'] as const) {
  describe(`a verifier contract of ${system}`, { timeout: 300_000 }, () => {
    const folder = (): string => join(root, system);
    let file: ProofFile;
    let verification: VerificationFile;
    let path: string;
    let address: string;
    let bytes: { inputs: Uint8Array; outputs: Uint8Array };

    before(async () => {
      await setupModel({ model, folder: folder(), system, key: 'development' });
      const [proof] = (await proveInputs({ model, folder: folder(), context: CONTEXT, inputs: [{ values: { x: [Array.from({ length: 40 }, (_, index) => 255 - 5 * index)] } }] })).proofs;
      path = proof?.path as string;
      file = JSON.parse(await readFile(path, 'utf8')) as ProofFile;
      verification = await readVerificationFile(join(folder(), 'verification.json'));
      const { layout, model: of, verificationKey } = verification;
      await assert.rejects(exportAnyVerifier({ verificationKey, layout, model: of, developmentKey: true }), { code: 'KEY_DEVELOPMENT' });
      const contract = await compileVerifier(await exportAnyVerifier({ verificationKey, layout, model: of, developmentKey: true, allowDevelopmentKey: true }));
      address = (await deployVerifier({ rpcUrl: node.rpcUrl, bytecode: contract.bytecode })).address;
      const data = (tensors: ProofFile['inputs']) => Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.data]));
      bytes = { inputs: contractBytes({ layout, side: 'inputs', values: data(file.inputs) }), outputs: contractBytes({ layout, side: 'outputs', values: data(file.outputs) }) };
    });

    const ask = (change: Partial<Parameters<typeof verifyOnChain>[0]> = {}) => verifyOnChain({ rpcUrl: node.rpcUrl, address, ...bytes, context: CONTEXT, proof: file.proof, gasLimit: GAS_LIMIT, ...change });
    const refused = (change: Parameters<typeof ask>[0], error: string) => assert.rejects(ask(change), (thrown) => isZkonnxError(thrown) && thrown.code === 'CHAIN_REJECTED' && thrown.details.found === error, error);

    it('accepts a proof of public tensors, by the command as well', async (t) => {
      const { gasUsed, developmentKey, modelHash } = await ask();
      assert.deepEqual([developmentKey, modelHash], [true, verification.model.sha256]);
      t.diagnostic(`${system}, ${verification.verificationKey.nPublic} public signals: ${gasUsed} gas`);
      const { verification: result, deployment } = await verifyProofOnChain({ proof: path });
      t.diagnostic(`deployment: ${deployment?.gasUsed} gas`);
      assert.equal(result.gasUsed, gasUsed);
    });

    it('refuses every other statement', async () => {
      await refused({ context: CONTEXT + 1n }, 'ProofInvalid');
      await refused({ context: FIELD_PRIME + CONTEXT }, `ContextNotInField(context ${FIELD_PRIME + CONTEXT})`);
      for (const side of ['inputs', 'outputs'] as const) {
        for (let index = 0; index < bytes[side].length; index += 7) {
          const changed = Uint8Array.from(bytes[side]);
          changed[index] = (changed[index] as number) ^ 1;
          await refused({ [side]: changed }, 'ProofInvalid');
        }
      }
      await refused({ inputs: bytes.inputs.slice(1) }, 'InputLength(expected 40, found 39)');
      await refused({ outputs: new Uint8Array([...bytes.outputs, 0]) }, 'OutputLength(expected 2, found 3)');
    });

    it('refuses a proof with any word changed, as the verifier in JavaScript does', async () => {
      const words = [...proofWords(file.proof)];
      assert.equal(words.length, 24);
      await ask({ proof: words });
      for (const [index, word] of words.entries()) {
        for (const changed of [word + 1n, 0n, (1n << 256n) - 1n]) await refused({ proof: words.map((old, place) => (place === index ? changed : old)) }, 'ProofInvalid');
        // An evaluation plus r would be the same number.
        if (word + FIELD_PRIME < 1n << 256n) await refused({ proof: words.map((old, place) => (place === index ? word + FIELD_PRIME : old)) }, 'ProofInvalid');
      }
      assert.equal(verifyProof({ verificationKey: verification.verificationKey, proof: file.proof, publicSignals: file.publicSignals }), true);
    });

    it('takes public signals below r only, at which the contract of snarkjs within it does not look', async () => {
      const provider = new JsonRpcProvider(node.rpcUrl, 31337, { staticNetwork: true, cacheTimeout: -1 });
      try {
        const signals = file.publicSignals.map(BigInt);
        const type = system === 'plonk' ? 'uint256[24]' : 'bytes32[24]';
        const ours = new Contract(address, [`function verifyProof(uint256[24], uint256[${signals.length}]) view`, 'function verifier() view returns (address)', 'error PublicSignalNotInField(uint256 index)', 'error ProofInvalid()'], provider);
        const words = [...proofWords(file.proof)];
        await ours.getFunction('verifyProof').staticCall(words, signals);
        const alias = signals.map((signal, index) => (index === 0 ? signal + FIELD_PRIME : signal));
        await assert.rejects(ours.getFunction('verifyProof').staticCall(words, alias), /PublicSignalNotInField/);
        const inner = new Contract((await ours.getFunction('verifier').staticCall()) as string, [`function verifyProof(${type}, uint256[${signals.length}]) view returns (bool)`], provider);
        const asked = system === 'plonk' ? words : words.map((word) => `0x${word.toString(16).padStart(64, '0')}`);
        assert.equal(await inner.getFunction('verifyProof').staticCall(asked, signals), true);
        // The hash of the transcript takes the signal as it is, so that this proof no longer fits; but nothing else refuses it.
        assert.equal(await inner.getFunction('verifyProof').staticCall(asked, alias), false);
      } finally {
        provider.destroy();
      }
    });

    it('says what it is under which licence, and stays within the size that chains accept', async () => {
      const { path: solidity, licence, developmentKey } = await exportModelVerifier({ model, folder: folder(), allowDevelopmentKey: true });
      assert.deepEqual([licence, developmentKey], ['GPL-3.0', true]);
      const text = await readFile(solidity, 'utf8');
      assert.equal(text.match(/SPDX-License-Identifier: GPL-3\.0\n/g)?.length, 1);
      assert.match(text, /generated by snarkjs and under the GNU General Public License/);
      assert.match(text, /Copyright 2021 0KIMS association/);
      await assert.rejects(exportModelVerifier({ model, folder: folder() }), { code: 'KEY_DEVELOPMENT' });
      const most = MAX_UNIVERSAL_SIGNALS[system];
      const { model: of, verificationKey } = verification;
      const ofSize = (signals: number) =>
        exportAnyVerifier({
          verificationKey: { ...verificationKey, nPublic: signals },
          layout: publicLayout({ inputs: [{ name: 'x', type: 'uint8', shape: [31 * (signals - 2)] }], outputs: [{ name: 'y', type: 'uint8', shape: [1] }] }),
          model: of,
          developmentKey: true,
          allowDevelopmentKey: true,
        });
      await compileVerifier(await ofSize(most));
      await assert.rejects(ofSize(most + 1), { code: 'CONTRACT_TOO_LARGE' });
    });

    it('is not one of Groth16, and says so', async (t) => {
      const groth16 = join(root, `${system}-groth16`);
      await setupModel({ model, folder: groth16, system: 'groth16', key: 'development' });
      const [proof] = (await proveInputs({ model, folder: groth16, context: CONTEXT, inputs: [{ values: { x: [new Array<number>(40).fill(1)] } }] })).proofs;
      const other = JSON.parse(await readFile(proof?.path as string, 'utf8')) as ProofFile;
      const { verification: onChain, deployment } = await verifyProofOnChain({ proof: proof?.path as string });
      t.diagnostic(`the same in Groth16: ${onChain.gasUsed} gas, deployment ${deployment?.gasUsed} gas`);
      await assert.rejects(ask({ proof: other.proof }), (error) => isZkonnxError(error) && error.code === 'KEY_MISMATCH' && error.details.found === system);
      await assert.rejects(verifyProofOnChain({ proof: proof?.path as string, verification: join(folder(), 'verification.json') }), { code: 'PROOF_MALFORMED' });
      await assert.rejects(verifyProofOnChain({ proof: path, verification: join(groth16, 'verification.json') }), { code: 'PROOF_MALFORMED' });
    });

    it('refuses words that are no proof', () => {
      assert.throws(() => proofWords({ ...file.proof, protocol: system === 'plonk' ? 'fflonk' : 'plonk' } as unknown as AnyProof), { code: 'PROOF_MALFORMED' });
    });
  });
}

describe('everything hashed in PLONK', () => {
  it('is verified on chain', async (t) => {
    const folder = join(root, 'hashed');
    await setupModel({ model, folder, system: 'plonk', key: 'development', visibility: { inputs: 'hashed', outputs: 'hashed', weights: 'hashed' } });
    const [proof] = (await proveInputs({ model, folder, context: CONTEXT, inputs: [{ values: { x: [new Array<number>(40).fill(9)] } }] })).proofs;
    const { verification } = await verifyProofOnChain({ proof: proof?.path as string });
    t.diagnostic(`${verification.gasUsed} gas`);
  });
});
