/** One graph, run by the circuit and by ONNX Runtime. */
import assert from 'node:assert/strict';
import { compileProgram } from '../../src/compile/compile.js';
import { generateWitness } from '../../src/compile/witness.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { bindShapes } from '../../src/onnx/bindShapes.js';
import { newTensorData } from '../../src/onnx/elementType.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { elementCount, type Graph, type Tensor, type TypedGraph } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import { run, withSession } from '../../src/runtime/session.js';
import { firstViolatedRow, wireValues } from './checkR1cs.js';

export interface CompareParameters {
  /** Its inputs and outputs are integer tensors. */
  readonly graph: Graph;
  /** How many random inputs to try. */
  readonly runs?: number;
  /** A source of numbers in [0, 1). */
  readonly random: () => number;
}

/**
 * Asserts that on random inputs the witness satisfies the R1CS and every output equals ONNX Runtime's, on the canonical graph and,
 * with optimisation off, on the graph as it is. Returns the number of rows.
 */
export async function assertEqualsRuntime({ graph, runs = 4, random }: CompareParameters): Promise<number> {
  const typed = inferTypes(bindShapes(graph));
  const canonical = normalise(typed).graph;
  const { r1cs, plan } = compileProgram({ program: lowerGraph(canonical) });
  await withSession({ bytes: encodeModel(canonical) }, (core) =>
    withSession({ bytes: encodeModel(graph) }, async (own) => {
      for (let i = 0; i < runs; i++) {
        const inputs = randomInputs(canonical, random);
        const values = canonical.inputs.map(({ name }) => Float64Array.from((inputs.get(name) as Tensor).data as ArrayLike<number>, Number));
        const generated = generateWitness({ plan, inputs: values, context: 7n });
        assert.equal(firstViolatedRow(r1cs, wireValues(generated.witness, r1cs.prime)), undefined);
        for (const session of [core, own]) {
          for (const [name, { data }] of await run(session, inputs)) {
            assert.deepEqual(Array.from(generated.values.get(name) as Float64Array), Array.from(data as ArrayLike<number>, Number), `output "${name}"`);
          }
        }
      }
    }),
  );
  return r1cs.rowCount;
}

function randomInputs(graph: TypedGraph, random: () => number): Map<string, Tensor> {
  return new Map(
    graph.inputs.map(({ name, type }) => {
      const { shape } = graph.types.get(name) as { shape: readonly number[] };
      const data = newTensorData(type, elementCount(shape));
      const [lo, hi] = { uint8: [0, 255], int8: [-128, 127], bool: [0, 1] }[type as string] ?? [-1000, 1000];
      for (let i = 0; i < data.length; i++) {
        const value = (lo as number) + Math.floor(random() * ((hi as number) - (lo as number) + 1));
        data[i] = (typeof data[i] === 'bigint' ? BigInt(value) : value) as never;
      }
      return [name, { type, shape, data }];
    }),
  );
}
