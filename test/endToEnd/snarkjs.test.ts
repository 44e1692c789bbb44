/** What we make of a model, in the hands of snarkjs: circuit, witness, key and proof are ordinary iden3 files. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { generateWitness, readPlanFile } from '../../src/compile/index.js';
import { proveInputs, setupModel } from '../../src/index.js';
import { witnessToBytes } from '../../src/r1cs/wtnsFile.js';
import { inFolder } from '../support/files.js';
import { silentLogger, snarkjs, terminateSnarkjs } from '../support/snarkjs.js';

after(terminateSnarkjs);

const MODEL = 'examples/digits/mlp.int8.qoperator.onnx';

it('snarkjs reads the circuit, accepts the witness, verifies our proof and proves with our key', async () => {
  await inFolder(async (folder) => {
    const { rows } = await setupModel({ model: MODEL, folder, key: 'development' });
    const circuit = join(folder, 'circuit.r1cs');
    const info = await snarkjs.r1cs.info(circuit);
    assert.equal(info.nConstraints, rows);

    const plan = await readPlanFile(join(folder, 'plan.zkplan'));
    const pixels = plan.program.tensors[plan.program.inputs[0] as number]?.shape.reduce((total, size) => total * size, 1) ?? 0;
    const { witness } = generateWitness({ plan, inputs: [Float64Array.from({ length: pixels }, (_, i) => (i * 7) % 100)], context: 5n });
    const wtns = { type: 'mem', data: witnessToBytes(witness) } as const;
    assert.equal(await snarkjs.wtns.check(circuit, wtns, silentLogger), true);

    const key = JSON.parse(await readFile(join(folder, 'verification_key.json'), 'utf8')) as object;
    const own = await snarkjs.groth16.prove(join(folder, 'proving.zkey'), wtns);
    assert.equal(await snarkjs.groth16.verify(key, own.publicSignals, own.proof), true);

    const { proofs } = await proveInputs({ model: MODEL, folder, inputs: ['examples/digits/inputs/digit-000.json'] });
    const { proof, publicSignals } = JSON.parse(await readFile(proofs[0]?.path ?? '', 'utf8')) as { proof: object; publicSignals: string[] };
    assert.equal(await snarkjs.groth16.verify(key, publicSignals, proof), true);
    const changed = [...publicSignals.slice(0, -1), String(BigInt(publicSignals.at(-1) ?? 0) + 1n)];
    assert.equal(await snarkjs.groth16.verify(key, changed, proof), false);
  });
});
