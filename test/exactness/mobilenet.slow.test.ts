import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compileProgram } from '../../src/compile/compile.js';
import { isZkonnxError } from '../../src/errors/index.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { bindShapes } from '../../src/onnx/bindShapes.js';
import { decodeTensor } from '../../src/onnx/decodeTensor.js';
import type { Tensor } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import { readModel } from '../../src/onnx/readModel.js';
import { evaluateProgram } from '../../src/program/evaluate.js';
import { coreInputs } from '../../src/runtime/boundary.js';
import { runWithIntermediates } from '../../src/runtime/intermediates.js';
import { estimateModel } from '../../src/workflow/estimateModel.js';
import { sharedPath } from '../support/shared.js';

const folder = sharedPath('quantized-models', 'nxp-imx__onnxruntime-imx', 'csharp', 'tools', 'MauiModelTester', 'Resources', 'Raw', 'test_data');

describe('a real quantized MobileNet', { skip: folder === undefined ? 'the shared models are not here' : false }, () => {
  it('has the integer values of ONNX Runtime in every intermediate tensor, and is refused with an estimate', async (test) => {
    const path = folder as string;
    const canonical = normalise(inferTypes(bindShapes(readModel(join(path, 'model.onnx')).graph)));
    const program = lowerGraph(canonical.graph);
    const [entry] = canonical.entries;
    assert.ok(entry !== undefined);
    const image = decodeTensor({ bytes: readFileSync(join(path, 'test_data_set_0', 'input_0.pb')) });
    const quantized = coreInputs(canonical, new Map<string, Tensor>([[entry.input, image]]));
    const native = await runWithIntermediates({ graph: canonical.graph, inputs: quantized });
    const inputs = program.inputs.map((id) => Float64Array.from(quantized.get(program.tensors[id]?.name ?? '')?.data as Uint8Array));
    const values = evaluateProgram(program, inputs);
    let compared = 0;
    let differing = 0;
    program.tensors.forEach(({ name }, id) => {
      const expected = native.get(name)?.data;
      values[id]?.forEach((value, i) => {
        if (expected === undefined) return;
        compared++;
        if (value !== Number(expected[i])) differing++;
      });
    });
    test.diagnostic(`${compared.toLocaleString('en')} intermediate values compared, ${differing} differ`);
    assert.ok(compared > 8_000_000);
    assert.equal(differing, 0);

    const estimate = await estimateModel({ model: join(path, 'model.onnx'), calibration: false });
    test.diagnostic(`${estimate.rows.toLocaleString('en')} rows, a key of ${(estimate.files.provingKey / 1e9).toFixed(1)} GB`);
    assert.ok(estimate.rows > 150_000_000 && estimate.rows < 250_000_000);
    assert.equal(estimate.domain.fits, false);
    assert.throws(
      () => compileProgram({ program }),
      (error) => isZkonnxError(error) && error.code === 'MODEL_TOO_LARGE' && /rows/.test(error.message),
    );
  });
});
