/** A block of a float transformer, from the file to a proof that is verified: normalisations, products of activations and the softmax between them too. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { encodeModel, encodeTensor } from '../../src/onnx/encode.js';
import { tensor } from '../../src/onnx/testing/graphBuilder.js';
import { readCore } from '../../src/workflow/readCore.js';
import { runModel } from '../../src/workflow/runModel.js';
import { ATTENTION_SHAPE, transformerBlock } from '../quantize/attention.js';
import { weights } from '../quantize/portableTwin.js';
import { inFolder } from '../support/files.js';

it('a block of a float transformer is quantized, proven and verified', (t) =>
  inFolder(async (folder) => {
    const model = join(folder, 'block.onnx');
    writeFileSync(model, encodeModel(transformerBlock()));
    const files = Array.from({ length: 24 }, (_, index) => {
      const path = join(folder, `${index}.pb`);
      const values = weights(ATTENTION_SHAPE.reduce((product, size) => product * size, 1), 1, 40 + index);
      writeFileSync(path, encodeTensor(tensor('float32', ATTENTION_SHAPE, values), 'x'));
      return path;
    });
    const { quantize, setup, prove, verify } = await runModel({ model, folder: join(folder, 'out'), inputs: files.slice(0, 1), calibration: files, onChain: false });
    t.diagnostic(`${setup.rows} rows, drift ${quantize?.drift}`);
    assert.ok(quantize !== undefined && quantize.drift < 0.05, `drift ${quantize?.drift}`);
    assert.deepEqual([prove.proofs.length, verify.length], [1, 1]);

    const { canonical } = readCore({ model: quantize.model.path, batch: 1 });
    const operators = canonical.graph.nodes.map(({ opType }) => opType);
    assert.equal(operators.filter((opType) => opType === 'QLinearMatMul').length, 2);
    assert.ok(operators.includes('Div') && !operators.includes('QLinearSoftmax'));
  }));
