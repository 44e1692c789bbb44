import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readProofFile } from '../../src/artifacts/index.js';
import { proveInputs, setupModel } from '../../src/index.js';
import type { Groth16Proof } from '../../src/verify/index.js';

describe('two proofs of one witness', { timeout: 120_000 }, () => {
  const model = 'examples/digits/mlp.int8.qoperator.onnx';
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zkonnx-blinding-'));
    await setupModel({ model, folder, key: 'development' });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const backend of ['auto', 'snarkjs'] as const) {
    it(`share no coordinate, and their statement is the same (backend ${backend})`, async () => {
      const coordinates = new Set<string>();
      const statements = new Set<string>();
      const times = 4;
      for (let i = 0; i < times; i++) {
        const { proofs } = await proveInputs({ model, folder, backend, inputs: ['examples/digits/inputs/digit-000.json'], context: 5n });
        const { proof: made, publicSignals } = await readProofFile(proofs[0]?.path as string);
        const proof = made as Groth16Proof;
        statements.add(publicSignals.join());
        for (const coordinate of [...proof.pi_a.slice(0, 2), ...proof.pi_b.slice(0, 2).flat(), ...proof.pi_c.slice(0, 2)]) coordinates.add(coordinate);
      }
      assert.equal(statements.size, 1);
      assert.equal(coordinates.size, 8 * times);
    });
  }
});
