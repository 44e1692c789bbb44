/** When the circuit and ONNX Runtime disagree nothing is proven, and the first node that differs is named. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { generateWitness, readPlanFile, type WitnessPlan } from '../../src/compile/index.js';
import type { Operation } from '../../src/program/program.js';
import { isZkonnxError, setupModel, type ErrorReport } from '../../src/index.js';
import type { Tensor } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { readModel } from '../../src/onnx/readModel.js';
import { runWithIntermediates } from '../../src/runtime/intermediates.js';
import { withSession, run } from '../../src/runtime/session.js';
import type { InferenceEngines } from '../../src/workflow/exactInference.js';
import { proveWithEngines } from '../../src/workflow/proveInputs.js';

const MODEL = 'examples/digits/cnn.int8.qoperator.onnx';
const INPUTS = ['examples/digits/inputs/digit-000.json'];

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkonnx-test-'));
  await setupModel({ model: MODEL, folder, key: 'development' });
});
after(() => rm(folder, { recursive: true, force: true }));

type Replace = (engines: InferenceEngines, plan: WitnessPlan) => InferenceEngines;

/** Proves with engines that `replace` may change. */
function attempt(replace: Replace): Promise<unknown> {
  return proveWithEngines({ model: MODEL, folder, inputs: INPUTS }, async ({ prepared }) => {
    const plan = await readPlanFile(prepared.planPath);
    const graph = async () => inferTypes(readModel(prepared.canonicalPath).graph);
    const engines: InferenceEngines = {
      generate: async (request) => generateWitness({ plan, ...request }),
      native: (inputs) => withSession({ path: prepared.canonicalPath }, (session) => run(session, inputs)),
      nativeIntermediates: (inputs) => graph().then((typed) => runWithIntermediates({ graph: typed, inputs })),
      graph,
    };
    return { engines: replace(engines, plan), close: async () => undefined };
  });
}

/** The error of an attempt that must fail, with nothing proven. */
async function refusal(replace: Replace): Promise<ErrorReport> {
  const outcome = await attempt(replace).then(() => undefined, (error: unknown) => error);
  assert.ok(isZkonnxError(outcome), `not refused: ${String(outcome)}`);
  assert.ok(!existsSync(join(folder, 'proofs')));
  return outcome.toJSON();
}

/** The plan in which the step functions of an ONNX node yield one more: what follows from it is computed honestly. */
function corrupted(plan: WitnessPlan, node: string): WitnessPlan {
  const { tensors, operations } = plan.program;
  const target = tensors.findLastIndex((tensor, id) => tensor.node === node && operations[id]?.kind === 'step');
  assert.ok(target >= 0, `no step of ${node}`);
  const changed = operations.map((operation, id): Operation => {
    if (id !== target || operation.kind !== 'step') return operation;
    return { ...operation, functions: operation.functions.map((step) => ({ ...step, lo: step.lo + 1 })) };
  });
  return { ...plan, program: { ...plan.program, operations: changed } };
}

describe('a computation that goes wrong in one node', () => {
  for (const node of ['gemm1_quant', 'maxpool1', 'maxpool2']) {
    it(`names ${node}, the element and both values`, async () => {
      const error = await refusal((engines, plan) => ({ ...engines, generate: async (request) => generateWitness({ plan: corrupted(plan, node), ...request }) }));
      assert.deepEqual([error.code, error.node], ['NATIVE_MISMATCH', node]);
      assert.match(error.message, /element \d+ of its output/);
      assert.match(error.expected ?? '', /^-?\d+ \(ONNX Runtime\)$/);
      assert.match(error.found ?? '', /^-?\d+ \(circuit\)$/);
    });
  }

  it('names the first of several, in the order of the graph, by values that one intermediate tensor has', async () => {
    const error = await refusal((engines) => ({
      ...engines,
      generate: async (request) => {
        const generated = await engines.generate(request);
        const values = new Map([...generated.values].map(([name, list]) => [name, Float64Array.from(list)]));
        const bump = (name: string, index: number): void => {
          const list = values.get(name);
          assert.ok(list !== undefined && index < list.length, name);
          list[index] = (list[index] as number) + 1;
        };
        bump('logits_quantized', 3);
        bump('maxpool2_out_quantized', 17);
        return { ...generated, values };
      },
    }));
    assert.deepEqual([error.code, error.node], ['NATIVE_MISMATCH', 'maxpool2']);
    assert.match(error.message, /element 17 /);
  });

  it('in ONNX Runtime, as on a processor without VNNI', async () => {
    const wrong = (tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> =>
      new Map([...tensors].map(([name, tensor]) => [name, name === 'logits_quantized' ? { ...tensor, data: Int8Array.from(tensor.data as Int8Array, (value, index) => (index === 9 ? value - 1 : value)) } : tensor]));
    const error = await refusal((engines) => ({ ...engines, native: async (inputs) => wrong(await engines.native(inputs)), nativeIntermediates: async (inputs) => wrong(await engines.nativeIntermediates(inputs)) }));
    assert.deepEqual([error.code, error.node], ['NATIVE_MISMATCH', 'gemm1_quant']);
    assert.match(error.message, /element 9 /);
  });

  it('only when ONNX Runtime runs the whole graph at once: the output is named', async () => {
    const error = await refusal((engines) => ({ ...engines, native: async (inputs) => new Map([...(await engines.native(inputs))].map(([name, tensor]) => [name, { ...tensor, data: Int8Array.from(tensor.data as Int8Array, (value) => value ^ 1) }])) }));
    assert.deepEqual([error.code, error.node], ['NATIVE_MISMATCH', undefined]);
    assert.match(error.message, /element 0 of the output "logits_quantized"/);
  });

  it('a computation that fails is reported as it is', async () => {
    const gone = new Error('the session is gone');
    await assert.rejects(attempt((engines) => ({ ...engines, native: () => Promise.reject(gone) })), gone);
    assert.ok(!existsSync(join(folder, 'proofs')));
  });

  it('and the same engines prove when nothing is wrong', async () => {
    await attempt((engines) => engines);
    assert.ok(existsSync(join(folder, 'proofs', 'digit-000.json')));
  });
});
