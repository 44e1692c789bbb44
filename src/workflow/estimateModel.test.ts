import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compileProgram } from '../compile/index.js';
import { isZkonnxError } from '../errors/index.js';
import { goldenModels } from '../../test/support/digits.js';
import { inFolder } from '../../test/support/files.js';
import { estimateModel } from './estimateModel.js';
import { countGates } from '../setup/index.js';
import { readCore } from './readCore.js';
import { setupModel } from './setupModel.js';

describe('the estimate of a model', () => {
  for (const model of goldenModels().filter(isProvable)) {
    it(`${model}: rows, wires and files as compiled, non-zeros within 1%`, async () => {
      const estimate = await estimateModel({ model, calibration: false });
      const { r1cs } = compileProgram({ program: readCore({ model, batch: 1 }).program });
      assert.deepEqual([estimate.rows, estimate.wires, estimate.publicSignals], [r1cs.rowCount, r1cs.wireCount, r1cs.publicInputCount + r1cs.publicOutputCount]);
      for (const matrix of ['a', 'b', 'c'] as const) {
        const found = r1cs[matrix].wires.length;
        assert.ok(Math.abs(estimate.nonZeros[matrix] - found) <= found / 100, `${matrix}: ${estimate.nonZeros[matrix]}, compiled ${found}`);
      }
      const sum = (pick: (layer: (typeof estimate.layers)[number]) => number): number => estimate.layers.reduce((total, layer) => total + pick(layer), 0);
      assert.equal(sum(({ rows }) => rows), estimate.rows);
      assert.equal(sum(({ wires }) => wires) + 1 + estimate.publicSignals, estimate.wires);
      assert.equal(sum(({ nonZeros }) => nonZeros), estimate.nonZeros.a + estimate.nonZeros.b + estimate.nonZeros.c);
      assert.equal(estimate.time, undefined);
      const { gates } = countGates(r1cs, 'plonk');
      assert.ok(Math.abs(estimate.universal.gates - gates) <= gates / 20, `${estimate.universal.gates} gates, in truth ${gates}`);
      assert.equal(estimate.universal.plonk.ptauPower, estimate.universal.plonk.domainPower);
    });
  }

  it('holds for hidden inputs and outputs too', async () => {
    const model = 'examples/digits/mlp.int8.qoperator.onnx';
    for (const visibility of [{ inputs: 'hashed' }, { inputs: 'private', outputs: 'hashed' }] as const) {
      const estimate = await estimateModel({ model, visibility, calibration: false });
      const { r1cs } = compileProgram({ program: readCore({ model, batch: 1 }).program, visibility: estimate.visibility });
      assert.deepEqual([estimate.rows, estimate.wires, estimate.publicSignals], [r1cs.rowCount, r1cs.wireCount, r1cs.publicInputCount + r1cs.publicOutputCount]);
    }
  });

  it('has the sizes of the files that are then written', () =>
    inFolder(async (folder) => {
      const model = 'examples/digits/mlp.int8.qoperator.onnx';
      const { files, domain } = await estimateModel({ model, calibration: false });
      // The native engine's own keys have a section more.
      const { provingKey } = await setupModel({ model, folder, key: 'development', backend: 'snarkjs' });
      assert.deepEqual(files, { r1cs: statSync(join(folder, 'circuit.r1cs')).size, provingKey: provingKey.bytes });
      // The domain is in the header of the key: magic, version, two section headers, protocol, two primes, wires and public signals.
      assert.equal(readFileSync(join(folder, 'proving.zkey')).readUInt32LE(12 + 12 + 4 + 12 + 80), 2 ** domain.power);
    }));

  it('has times by a calibration on this machine', async () => {
    const { time, layers } = await estimateModel({ model: 'examples/digits/mlp.int8.qoperator.onnx' });
    assert.ok(time !== undefined && [time.compile, time.setup, time.prove].every((ms) => ms > 0 && Number.isFinite(ms)));
    assert.match(time.basis, /rows, compiled, set up and proven on this machine/);
    assert.ok(layers.every((layer) => layer.time !== undefined && layer.time.prove <= time.prove));
  });
});

function isProvable(model: string): boolean {
  try {
    readCore({ model, batch: 1 });
    return true;
  } catch (error) {
    if (isZkonnxError(error) && error.kind === 'model') return false;
    throw error;
  }
}
