import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileProgram } from '../../src/compile/compile.js';
import { generateWitness } from '../../src/compile/witness.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { Tensor } from '../../src/onnx/graph.js';
import { coreInputs } from '../../src/runtime/boundary.js';
import { run, withSession } from '../../src/runtime/session.js';
import { unportableNodes } from '../../src/workflow/portability.js';
import { readCore } from '../../src/workflow/readCore.js';
import { quantizedModels, readDigits } from '../support/digits.js';
import { runOnWeb } from '../support/webRuntime.js';

describe('portable models have the same bits in WebAssembly', () => {
  const { images, heldOut } = readDigits();
  const some = heldOut.slice(0, 12).map((index) => images[index] as Float32Array);
  const portable = quantizedModels().map((model) => ({ model, core: readCore({ model, batch: 1 }) })).filter(({ core }) => unportableNodes(core.canonical.graph).length === 0);

  it('some examples are portable', () => {
    assert.ok(portable.length >= 4);
  });

  for (const { model, core: { canonical, program } } of portable) {
    it(model, async (test) => {
      const [entry] = canonical.entries;
      assert.ok(entry !== undefined);
      const { plan } = compileProgram({ program });
      const bytes = encodeModel(canonical.graph);
      const inputSets = some.map((data) => coreInputs(canonical, new Map<string, Tensor>([[entry.input, { type: 'float32', shape: [1, 1, 8, 8], data }]])));
      const web = await runOnWeb(bytes, inputSets);
      let compared = 0;
      await withSession({ bytes }, async (session) => {
        for (const [index, inputs] of inputSets.entries()) {
          const native = await run(session, inputs);
          const values = canonical.graph.inputs.map(({ name }) => Float64Array.from((inputs.get(name) as Tensor).data as Uint8Array));
          const circuit = generateWitness({ plan, inputs: values, context: 0n }).values;
          for (const { name } of canonical.graph.outputs) {
            const found = web[index]?.get(name) as Tensor;
            assert.deepEqual(found, native.get(name));
            assert.deepEqual(Array.from(found.data as ArrayLike<number | bigint>, Number), Array.from(circuit.get(name) as Float64Array));
            compared += found.data.length;
          }
        }
      });
      assert.equal(compared, 120);
      test.diagnostic(`${compared} outputs: circuit, ONNX Runtime and its WebAssembly agree`);
    });
  }
});
