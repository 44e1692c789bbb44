/** Circuit against ONNX Runtime, bit for bit, over images of the digits. */
import assert from 'node:assert/strict';
import { compileProgram } from '../../src/compile/compile.js';
import { generateWitness } from '../../src/compile/witness.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { bindShapes } from '../../src/onnx/bindShapes.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { Tensor } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import { readModel } from '../../src/onnx/readModel.js';
import { coreInputs, modelOutputs } from '../../src/runtime/boundary.js';
import { run, withSession } from '../../src/runtime/session.js';
import { firstViolatedRow, wireValues } from '../support/checkR1cs.js';

export interface ExactnessReport {
  readonly outputs: number;
  /** Outputs of the circuit that differ from the canonical graph in ONNX Runtime. */
  readonly circuit: number;
  /** Float outputs of the user's own file that differ from the circuit's, by optimisation level. */
  readonly original: { readonly disabled: number; readonly all: number };
}

/** Compares every output on every image; asserts that each witness satisfies the R1CS. */
export async function compareOnImages(model: string, images: readonly Float32Array[]): Promise<ExactnessReport> {
  const canonical = normalise(inferTypes(bindShapes(readModel(model).graph)));
  const { r1cs, plan } = compileProgram({ program: lowerGraph(canonical.graph) });
  const [entry] = canonical.entries;
  assert.ok(entry !== undefined);
  const report = { outputs: 0, circuit: 0, original: { disabled: 0, all: 0 } };
  await withSession({ bytes: encodeModel(canonical.graph) }, (core) =>
    withSession({ path: model, optimisation: 'disabled' }, (off) =>
      withSession({ path: model, optimisation: 'all' }, async (on) => {
        for (const [index, image] of images.entries()) {
          const input = new Map<string, Tensor>([[entry.input, { type: 'float32', shape: [1, 1, 8, 8], data: image }]]);
          const quantized = coreInputs(canonical, input);
          const native = await run(core, quantized);
          const inputs = canonical.graph.inputs.map(({ name }) => Float64Array.from((quantized.get(name) as Tensor).data as Uint8Array));
          const { witness, values } = generateWitness({ plan, inputs, context: BigInt(index) });
          assert.equal(firstViolatedRow(r1cs, wireValues(witness, r1cs.prime)), undefined);
          for (const { name } of canonical.graph.outputs) {
            const expected = (native.get(name) as Tensor).data;
            const found = values.get(name) as Float64Array;
            assert.equal(found.length, expected.length);
            report.outputs += found.length;
            report.circuit += differing(found, expected);
          }
          const floats = modelOutputs(canonical, native);
          for (const [name, tensor] of await run(off, input)) report.original.disabled += differing((floats.get(name) as Tensor).data, tensor.data);
          for (const [name, tensor] of await run(on, input)) report.original.all += differing((floats.get(name) as Tensor).data, tensor.data);
        }
      }),
    ),
  );
  return report;
}

function differing(left: ArrayLike<number | bigint>, right: ArrayLike<number | bigint>): number {
  let count = 0;
  for (let i = 0; i < left.length; i++) if (!Object.is(left[i], right[i])) count++;
  return count;
}

/** Whether a model file is in QOperator form, whose meaning does not depend on the optimisation level. */
export function isQOperator(model: string): boolean {
  return model.includes('.qoperator.');
}
