/** A float graph and what the quantizer makes of it: how far apart, how portable, and whether the circuit agrees. */
import assert from 'node:assert/strict';
import { compileProgram } from '../../src/compile/compile.js';
import { generateWitness } from '../../src/compile/witness.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { bindShapes } from '../../src/onnx/bindShapes.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { newTensorData } from '../../src/onnx/elementType.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { elementCount, type Graph, type Tensor } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import type { QuantizeOptions } from '../../src/quantize/options.js';
import { quantizeModel, type QuantizeModelReturnType } from '../../src/quantize/quantizeModel.js';
import { coreInputs } from '../../src/runtime/boundary.js';
import { countDifferences } from '../../src/runtime/compare.js';
import { run, withSession } from '../../src/runtime/session.js';
import { unportableNodes } from '../../src/workflow/portability.js';
import { firstViolatedRow, wireValues } from '../support/checkR1cs.js';
import { seeded } from '../support/seeded.js';
import { runOnWeb } from '../support/webRuntime.js';

export interface Twin extends QuantizeModelReturnType {
  readonly rows: number;
  /** Signal to noise of all float outputs over inputs that calibration never saw, in decibels. */
  readonly decibels: number;
}

/** Values of a bell curve around `centre`, or whole numbers from 0 to `below`. */
export interface InputShape {
  readonly shape: readonly number[];
  readonly centre?: number;
  readonly spread?: number;
  readonly below?: number;
}

function randomTensor({ type, shape, centre = 0, spread = 1, below }: InputShape & { type: Tensor['type'] }, random: () => number): Tensor {
  const data = newTensorData(type, elementCount(shape));
  for (let index = 0; index < data.length; index++) {
    const bell = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const value = below === undefined ? centre + spread * bell : Math.floor(random() * below);
    data[index] = (typeof data[index] === 'bigint' ? BigInt(value) : value) as never;
  }
  return { type, shape, data };
}

/**
 * Quantizes a float graph and asserts that the result is portable, gives the same bits with graph optimisation off and on, and that
 * ONNX Runtime in WebAssembly and the circuit's witness have the same integers.
 */
export async function portableTwin({ graph, shapes, options = {}, seed = 1, samples = 200 }: {
  graph: Graph;
  /** Of the inputs, by name. */
  shapes?: Readonly<Record<string, InputShape>>;
  options?: QuantizeOptions;
  seed?: number;
  samples?: number;
}): Promise<Twin> {
  const random = seeded(seed);
  const set = (): Map<string, Tensor> => new Map(graph.inputs.map(({ name, type, shape }) => [name, randomTensor({ type, ...(shapes?.[name] ?? { shape: shape as readonly number[] }) }, random)]));
  const model = encodeModel(graph);
  const quantized = await quantizeModel({ model, calibration: Array.from({ length: samples }, () => Object.fromEntries(set())), options });
  const typed = inferTypes(bindShapes(decodeModel({ bytes: quantized.model })));
  const canonical = normalise(typed);
  assert.deepEqual(unportableNodes(canonical.graph), []);
  const { r1cs, plan } = compileProgram({ program: lowerGraph(canonical.graph) });
  const power = { signal: 0, noise: 0 };
  await withSession({ bytes: model }, (float) =>
    withSession({ bytes: quantized.model }, (off) =>
      withSession({ bytes: quantized.model, optimisation: 'all' }, (on) =>
        withSession({ bytes: encodeModel(canonical.graph) }, async (core) => {
          for (let round = 0; round < 12; round++) {
            const inputs = set();
            const [expected, found, optimised] = [await run(float, inputs), await run(off, inputs), await run(on, inputs)];
            for (const [name, tensor] of found) {
              const original = expected.get(name) as Tensor;
              assert.deepEqual(tensor.shape, original.shape);
              assert.equal(countDifferences(tensor, optimised.get(name) as Tensor), 0, `output '${name}' with optimisation`);
              for (let index = 0; index < tensor.data.length; index++) {
                power.signal += Number(original.data[index]) ** 2;
                power.noise += (Number(original.data[index]) - Number(tensor.data[index])) ** 2;
              }
            }
            if (round < 3) {
              const integers = coreInputs(canonical, inputs);
              const native = await run(core, integers);
              const values = canonical.graph.inputs.map(({ name }) => Float64Array.from((integers.get(name) as Tensor).data as ArrayLike<number | bigint>, Number));
              const generated = generateWitness({ plan, inputs: values, context: BigInt(round) });
              assert.equal(firstViolatedRow(r1cs, wireValues(generated.witness, r1cs.prime)), undefined);
              const [web] = await runOnWeb(encodeModel(canonical.graph), [integers]);
              for (const [name, tensor] of native) assert.equal(countDifferences(tensor, web?.get(name) as Tensor), 0, `core output '${name}' in WebAssembly`);
              for (const [name, { data }] of native) assert.deepEqual(Array.from(generated.values.get(name) as Float64Array), Array.from(data as ArrayLike<number | bigint>, Number), `core output '${name}'`);
            }
          }
        }))));
  return { ...quantized, rows: r1cs.rowCount, decibels: power.noise === 0 ? Infinity : 10 * Math.log10(power.signal / power.noise) };
}

/** Deterministic weights of a bell curve. */
export function weights(count: number, spread: number, seed: number): number[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => spread * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}
