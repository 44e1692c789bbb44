/** Hashed and private inputs and outputs, from the model to the chain. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readOpeningFile } from '../../src/artifacts/index.js';
import { proveInputs, setupModel, verifyKey, verifyProofFile, verifyProofOnChain, type ProofFile, type Visibility } from '../../src/index.js';
import type { Groth16Proof } from '../../src/verify/index.js';
import { FIELD_PRIME } from '../../src/r1cs/field.js';
import { referencePoseidon } from '../support/referencePoseidon.js';

const MODEL = 'examples/digits/mlp.uint8.qoperator.onnx';
const INPUT = 'examples/digits/inputs/digit-000.json';

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'zkonnx-test-'));
});
after(() => rm(root, { recursive: true, force: true }));

const readProof = async (path: string): Promise<ProofFile<Groth16Proof>> => JSON.parse(await readFile(path, 'utf8')) as ProofFile<Groth16Proof>;

/** The commitment of one uint8 tensor by its description in docs/artifacts.md, with circomlibjs's hash. */
async function referenceCommitment(values: readonly number[], salt: bigint): Promise<bigint> {
  const hash = await referencePoseidon();
  const words: bigint[] = [];
  for (let first = 0; first < values.length; first += 31) words.push(BigInt(`0x${Buffer.from(values.slice(first, first + 31)).toString('hex')}`));
  const hex = (value: number, bytes: number): string => value.toString(16).padStart(2 * bytes, '0');
  const tag = BigInt(`0x${Buffer.from('zkonnx').toString('hex')}0101${hex(1, 4)}${hex(words.length, 8)}`);
  const description = BigInt(`0x01${hex(values.length, 6)}`);
  return hash([tag, description, salt, ...words]);
}

describe('hashed inputs and outputs', () => {
  let folder: string;
  before(async () => {
    folder = join(root, 'hashed');
    const { visibility, publicSignals } = await setupModel({ model: MODEL, folder, key: 'development', visibility: { inputs: 'hashed', outputs: 'hashed' } });
    assert.deepEqual([visibility, publicSignals], [{ inputs: 'hashed', outputs: 'hashed', weights: 'fixed' }, 3]);
  });

  it('are proven by their commitments, which are those of circomlibjs; a contract checks them', async (t) => {
    const { proofs } = await proveInputs({ model: MODEL, folder, inputs: [INPUT], context: 42n });
    const [proof] = proofs;
    assert.ok(proof?.openingPath !== undefined);
    const file = await readProof(proof.path);
    assert.deepEqual([file.inputs, file.outputs, file.publicSignals.length], [{}, {}, 3]);
    const opening = await readOpeningFile(proof.openingPath);
    for (const side of ['inputs', 'outputs'] as const) {
      const [tensor] = Object.values(opening[side]);
      assert.ok(tensor !== undefined);
      assert.equal(BigInt(file.commitments[side] as string), await referenceCommitment(tensor.data, BigInt(opening.salts[side] as string)));
    }
    assert.deepEqual([file.commitments.outputs, file.context, file.commitments.inputs].map((text) => BigInt(text as string)), file.publicSignals.map(BigInt));
    const { inputs, outputs } = file.commitments;
    await verifyProofFile({ proof: proof.path, context: 42n, commitments: { inputs, outputs } });
    await assert.rejects(verifyProofFile({ proof: proof.path, commitments: { inputs: outputs } }), { code: 'PROOF_INVALID' });
    await assert.rejects(verifyProofFile({ proof: proof.path, commitments: { weights: 1n } }), { code: 'USAGE' });
    const { verification } = await verifyProofOnChain({ proof: proof.path });
    t.diagnostic(`3 public signals: ${verification.gasUsed} gas`);
    assert.ok(verification.gasUsed < 240_000n, String(verification.gasUsed));
  });

  it('another commitment is refused in the script and by the contract', async () => {
    const { proofs } = await proveInputs({ model: MODEL, folder, inputs: [INPUT] });
    const path = proofs[0]?.path ?? '';
    const file = await readProof(path);
    for (const side of ['inputs', 'outputs'] as const) {
      const commitment = BigInt(file.commitments[side] as string);
      for (const [value, code, chain] of [
        [commitment ^ 1n, 'PROOF_INVALID', 'CHAIN_REJECTED'],
        // The same residue: the precompiles would take it.
        [commitment + FIELD_PRIME, 'PROOF_MALFORMED', 'PROOF_MALFORMED'],
      ] as const) {
        const changed = join(folder, 'proofs', 'changed.json');
        const publicSignals = file.publicSignals.map((signal) => (BigInt(signal) === commitment ? String(value) : signal));
        await writeFile(changed, JSON.stringify({ ...file, publicSignals, commitments: { ...file.commitments, [side]: `0x${value.toString(16)}` } }));
        await assert.rejects(verifyProofFile({ proof: changed }), { code });
        await assert.rejects(verifyProofOnChain({ proof: changed }), { code: chain });
      }
    }
  });

  it('two proofs of one witness share no element, and with salts nothing at all', async () => {
    const elements = ({ proof }: ProofFile<Groth16Proof>): string[] => [proof.pi_a.slice(0, 2), proof.pi_b.slice(0, 2), proof.pi_c.slice(0, 2)].flat(2);
    const once = async (name: string, salts: { inputs?: bigint; outputs?: bigint }) => {
      const values: unknown = JSON.parse(await readFile(INPUT, 'utf8'));
      const { proofs } = await proveInputs({ model: MODEL, folder, inputs: [{ values, name }], salts });
      return readProof(proofs[0]?.path ?? '');
    };
    const same = [await once('a', { inputs: 0n, outputs: 0n }), await once('b', { inputs: 0n, outputs: 0n })] as const;
    assert.deepEqual(same[0].commitments, same[1].commitments);
    assert.ok(elements(same[0]).every((element) => !elements(same[1]).includes(element)));
    const salted = [await once('c', {}), await once('d', {})] as const;
    const all = salted.map((file) => [...elements(file), ...Object.values(file.commitments)]);
    assert.equal(new Set(all.flat()).size, 2 * (8 + 2));
    assert.ok(!Object.values(salted[0].commitments).includes(same[0].commitments.inputs ?? ''));
  });

  it('the key belongs to the model with this visibility, and to no other', async () => {
    const zkeyPath = join(folder, 'proving.zkey');
    await verifyKey({ model: MODEL, zkeyPath, verificationPath: join(folder, 'verification.json') });
    await verifyKey({ model: MODEL, zkeyPath, visibility: { inputs: 'hashed', outputs: 'hashed' } });
    await assert.rejects(verifyKey({ model: MODEL, zkeyPath }), { code: 'KEY_MISMATCH' });
  });
});

describe('private inputs and outputs', () => {
  for (const [inputs, outputs, signals] of [
    ['private', 'public', 2],
    ['public', 'private', 4],
    ['hashed', 'private', 2],
    ['private', 'hashed', 2],
  ] as const satisfies readonly (readonly [Visibility['inputs'], Visibility['outputs'], number])[]) {
    it(`inputs ${inputs}, outputs ${outputs}: ${signals} public signals, nothing of what is private in the proof file`, async () => {
      const folder = join(root, `${inputs}-${outputs}`);
      const { publicSignals } = await setupModel({ model: MODEL, folder, key: 'development', visibility: { inputs, outputs } });
      assert.equal(publicSignals, signals);
      const { proofs } = await proveInputs({ model: MODEL, folder, inputs: [INPUT], context: 7n });
      const path = proofs[0]?.path ?? '';
      const file = await readProof(path);
      assert.equal(Object.keys(file.inputs).length, Number(inputs === 'public'));
      assert.equal(Object.keys(file.outputs).length, Number((outputs as string) === 'public'));
      assert.deepEqual(Object.keys(file.commitments).sort(), [...(inputs === 'hashed' ? ['inputs'] : []), ...(outputs === 'hashed' ? ['outputs'] : [])]);
      await verifyProofFile({ proof: path, context: 7n });
      await verifyProofOnChain({ proof: path });
    });
  }
});
