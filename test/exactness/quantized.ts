/** One quantized model five ways: ONNX Runtime with optimisation off and on, its WebAssembly with both, and the circuit's witness. */
import assert from 'node:assert/strict';
import { compileProgram } from '../../src/compile/compile.js';
import { generateWitness } from '../../src/compile/witness.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { bindShapes } from '../../src/onnx/bindShapes.js';
import { decodeModel } from '../../src/onnx/decode.js';
import type { Tensor } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import { coreInputs, modelOutputs } from '../../src/runtime/boundary.js';
import { run, withSession } from '../../src/runtime/session.js';
import { unportableNodes } from '../../src/workflow/portability.js';
import { firstViolatedRow, wireValues } from '../support/checkR1cs.js';
import { readDigits } from '../support/digits.js';
import { seeded } from '../support/seeded.js';
import { runOnWeb } from '../support/webRuntime.js';

const PIXELS = 64;
/** Images that the runtimes take at a time. */
const BATCH = 90;

/**
 * Asserts that every output bit is the same, and that some of the witnesses satisfy the R1CS.
 * @param model takes `input`, float32 [batch, 1, 8, 8], and has one float output
 * @param checkEvery of so many witnesses one is checked against the rows, which takes longer than all else
 * @returns how many output elements were compared
 */
export async function assertSameEverywhere({ model, images, checkEvery }: { model: Uint8Array; images: readonly Float32Array[]; checkEvery: number }): Promise<number> {
  const canonical = normalise(inferTypes(bindShapes(decodeModel({ bytes: model }))));
  assert.deepEqual(unportableNodes(canonical.graph), []);
  const expected = await inCircuit(canonical, images, checkEvery);
  const batches = Array.from({ length: Math.ceil(images.length / BATCH) }, (_, index) => batchOf(images.slice(index * BATCH, (index + 1) * BATCH)));
  for (const optimisation of ['disabled', 'all'] as const) {
    const native = await withSession({ bytes: model, optimisation }, async (session) => {
      const results: Map<string, Tensor>[] = [];
      for (const batch of batches) results.push(await run(session, batch));
      return results;
    });
    assertBits(native, expected, `ONNX Runtime, optimisation ${optimisation}`);
    assertBits(await runOnWeb(model, batches, optimisation), expected, `WebAssembly, optimisation ${optimisation}`);
  }
  return expected.length;
}

/** The float outputs that follow from the integers of each witness. */
async function inCircuit(canonical: ReturnType<typeof normalise>, images: readonly Float32Array[], checkEvery: number): Promise<Float32Array> {
  const { r1cs, plan } = compileProgram({ program: lowerGraph(canonical.graph) });
  const outputs: number[] = [];
  for (const [index, image] of images.entries()) {
    const quantized = coreInputs(canonical, batchOf([image]));
    const inputs = canonical.graph.inputs.map(({ name }) => Float64Array.from((quantized.get(name) as Tensor).data as Int8Array));
    const { witness, values } = generateWitness({ plan, inputs, context: BigInt(index) });
    if (index % checkEvery === 0) assert.equal(firstViolatedRow(r1cs, wireValues(witness, r1cs.prime)), undefined, `image ${index}`);
    const integers = new Map(canonical.graph.outputs.map(({ name }): [string, Tensor] => {
      const type = canonical.graph.types.get(name) as Pick<Tensor, 'type' | 'shape'>;
      return [name, { ...type, data: Int8Array.from(values.get(name) as Float64Array) }];
    }));
    const [floats] = [...modelOutputs(canonical, integers).values()];
    for (const value of floats?.data as Float32Array) outputs.push(value);
  }
  return Float32Array.from(outputs);
}

function batchOf(images: readonly Float32Array[]): Map<string, Tensor> {
  const data = new Float32Array(images.length * PIXELS);
  images.forEach((image, index) => data.set(image, index * PIXELS));
  return new Map([['input', { type: 'float32', shape: [images.length, 1, 8, 8], data }]]);
}

function assertBits(found: readonly ReadonlyMap<string, Tensor>[], expected: Float32Array, where: string): void {
  let at = 0;
  for (const outputs of found) {
    for (const { data } of outputs.values()) {
      for (const value of data as Float32Array) {
        if (!Object.is(value, expected[at])) assert.fail(`${where}: element ${at} is ${value}, in the circuit ${expected[at]}`);
        at++;
      }
    }
  }
  assert.equal(at, expected.length);
}

/** Images of noise: in range, far out of it, on the boundaries of the 8-bit steps, and of few colours. */
export function randomImages(count: number, seed: number): Float32Array[] {
  const random = seeded(seed);
  const kinds: readonly (() => number)[] = [
    () => random(),
    () => 6 * random() - 3,
    () => (Math.floor(random() * 511) + 0.5) / 510,
    () => Math.round(random()),
  ];
  return Array.from({ length: count }, (_, index) => Float32Array.from({ length: PIXELS }, kinds[index % kinds.length] as () => number));
}

/** What quantization is calibrated with: images that training saw. */
export function calibration(count: number): Record<string, Tensor>[] {
  const { images, heldOut } = readDigits();
  const unseen = new Set(heldOut);
  return images.filter((_, index) => !unseen.has(index)).slice(0, count).map((image) => Object.fromEntries(batchOf([image])));
}

export const FLOAT_EXAMPLES = ['mlp', 'cnn', 'resnet', 'separable', 'autoencoder'] as const;
