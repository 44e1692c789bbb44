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

/** Its products are of uint8 and int8, which not every processor computes alike. */
const UNPORTABLE = 'examples/digits/cnn.uint8.qoperator.onnx';

let folder: string;
let unportableFolder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkonnx-test-'));
  unportableFolder = await mkdtemp(join(tmpdir(), 'zkonnx-test-'));
  await setupModel({ model: MODEL, folder, key: 'development' });
  await setupModel({ model: UNPORTABLE, folder: unportableFolder, key: 'development' });
});
after(() => Promise.all([folder, unportableFolder].map((each) => rm(each, { recursive: true, force: true }))));

type Replace = (engines: InferenceEngines, plan: WitnessPlan) => InferenceEngines;

/** Proves with engines that `replace` may change. */
function attempt(replace: Replace, model = MODEL): Promise<unknown> {
  return proveWithEngines({ model, folder: model === MODEL ? folder : unportableFolder, inputs: INPUTS }, async ({ prepared }) => {
    const plan = await readPlanFile(prepared.planPath);
    const graph = async () => inferTypes(readModel(prepared.canonicalPath).graph);
    const engines: InferenceEngines = {
      generate: async (request) => generateWitness({ plan, ...request }),
      native: (inputs) => withSession({ path: prepared.canonicalPath }, (session) => run(session, inputs)),
      probe: async () => [],
      nativeIntermediates: (inputs) => graph().then((typed) => runWithIntermediates({ graph: typed, inputs })),
      graph,
    };
    return { engines: replace(engines, plan), close: async () => undefined };
  });
}

/** The error of an attempt that must fail, with nothing proven. */
async function refusal(replace: Replace, model = MODEL): Promise<ErrorReport> {
  const outcome = await attempt(replace, model).then(() => undefined, (error: unknown) => error);
  assert.ok(isZkonnxError(outcome), `not refused: ${String(outcome)}`);
  assert.ok(!existsSync(join(model === MODEL ? folder : unportableFolder, 'proofs')));
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

  describe('and the probe of the local arithmetic says why', () => {
    /** ONNX Runtime gives other values of one tensor, and the probe other results of some operators. */
    const wrongIn = (tensor: string, operators: readonly string[], model: string): Promise<ErrorReport> => {
      const wrong = (tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> =>
        new Map([...tensors].map(([name, value]) => [name, [tensor, 'logits_quantized'].includes(name) ? { ...value, data: (value.data as Int8Array).map((each) => each ^ 1) } : value]));
      const replace: Replace = (engines) => ({
        ...engines,
        native: async (inputs) => wrong(await engines.native(inputs)),
        nativeIntermediates: async (inputs) => wrong(await engines.nativeIntermediates(inputs)),
        probe: async () => [{ operators, what: 'sums of two products saturate', expected: 104, found: 52, fix: 'Prove on another processor.' }],
      });
      return refusal(replace, model);
    };

    it('the processor is named as the cause, with the way out', async () => {
      const error = await wrongIn('logits_quantized', ['QLinearMatMul', 'QGemm'], UNPORTABLE);
      assert.deepEqual([error.code, error.node, error.fix], ['NATIVE_MISMATCH', 'gemm1_quant', 'Prove on another processor.']);
      assert.match(error.message, /The ONNX Runtime of this processor computes QLinearMatMul and QGemm differently: sums of two products saturate \(a probe gives 52 instead of 104\)\.$/);
    });

    it('also where the node at fault has no values in the circuit, and the maximum behind it is the first that differs', async () => {
      const error = await wrongIn('maxpool1_out_quantized', ['QLinearConv'], UNPORTABLE);
      assert.equal(error.node, 'maxpool1');
      assert.match(error.message, /computes QLinearConv differently/);
    });

    it('not where another operator differs, nor where the products are of int8 and int8', async () => {
      for (const error of [await wrongIn('logits_quantized', ['QLinearAdd'], UNPORTABLE), await wrongIn('logits_quantized', ['QGemm'], MODEL)]) {
        assert.equal(error.node, 'gemm1_quant');
        assert.doesNotMatch(error.message, /differently/);
      }
    });
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
