import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isZkonnxError } from '../../src/errors/index.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { elementCount, type Tensor } from '../../src/onnx/graph.js';
import { integers, tensor } from '../../src/onnx/testing/graphBuilder.js';
import { evaluateProgram } from '../../src/program/evaluate.js';
import { TYPE_RANGE, type RangedType } from '../../src/program/program.js';
import { run, withSession } from '../../src/runtime/session.js';
import { unportableNodes } from '../../src/workflow/portability.js';
import { readCore, type ModelCore } from '../../src/workflow/readCore.js';
import { goldenModels } from '../support/digits.js';
import { runOnWeb } from '../support/webRuntime.js';

const RUNS = 8;

describe('portable models have the same bits in WebAssembly', () => {
  const portable = goldenModels().flatMap((model) => {
    const core = coreOf(model);
    return core === undefined || unportableNodes(core.canonical.graph).length > 0 ? [] : [{ model, core }];
  });

  it('examples of both forms are portable', () => {
    for (const form of ['qoperator', 'qdq']) assert.ok(portable.filter(({ model }) => model.includes(form)).length >= 2);
  });

  for (const { model, core } of portable) {
    it(model, async (test) => {
      const { graph } = core.canonical;
      const inputSets = Array.from({ length: RUNS }, (_, seed) => randomInputs(core, seed));
      const bytes = encodeModel(graph);
      const web = await runOnWeb(bytes, inputSets);
      let compared = 0;
      await withSession({ bytes }, async (session) => {
        for (const [index, inputs] of inputSets.entries()) {
          const native = await run(session, inputs);
          const values = evaluateProgram(core.program, graph.inputs.map(({ name }) => Float64Array.from((inputs.get(name) as Tensor).data as Uint8Array)));
          graph.outputs.forEach(({ name }, output) => {
            const found = web[index]?.get(name) as Tensor;
            assert.deepEqual(found, native.get(name));
            assert.deepEqual(Array.from(found.data as ArrayLike<number | bigint>, Number), Array.from(values[core.program.outputs[output] as number] as Float64Array));
            compared += found.data.length;
          });
        }
      });
      test.diagnostic(`${compared} outputs: circuit, ONNX Runtime and its WebAssembly agree`);
      assert.ok(compared >= 10 * RUNS);
    });
  }
});

/** Undefined for a model that cannot be proven. */
function coreOf(model: string): ModelCore | undefined {
  try {
    return readCore({ model, batch: 1 });
  } catch (error) {
    if (isZkonnxError(error)) return undefined;
    throw error;
  }
}

/** Inputs of the core: any integers of their types. */
function randomInputs({ canonical: { graph } }: ModelCore, seed: number): Map<string, Tensor> {
  return new Map(graph.inputs.map(({ name, type }, index) => {
    const { shape } = graph.types.get(name) as { readonly shape: readonly number[] };
    return [name, tensor(type, shape, integers({ count: elementCount(shape), ...TYPE_RANGE[type as RangedType], seed: 100 * index + seed }))];
  }));
}
