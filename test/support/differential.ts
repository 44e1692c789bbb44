/** A graph of explicit integer operators: the circuit against ONNX Runtime on the graph as it stands. */
import assert from 'node:assert/strict';
import { compileProgram, generateWitness } from '../../src/compile/index.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { Graph, Tensor } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { run, withSession } from '../../src/runtime/session.js';
import { firstViolatedRow, wireValues } from './checkR1cs.js';

export interface DifferentialReport {
  /** Rows of the circuit without the public words and the range checks of the inputs. */
  readonly rows: number;
  /** Output elements that were compared. */
  readonly outputs: number;
}

/**
 * Asserts that for each list of inputs the witness satisfies the R1CS and every output element equals ONNX Runtime's.
 * @param inputs the values of each graph input, for each run
 */
export async function assertEqualsRuntime(graph: Graph, inputs: readonly (readonly Tensor[])[]): Promise<DifferentialReport> {
  const typed = inferTypes(graph);
  const { r1cs, plan, cost } = compileProgram({ program: lowerGraph(typed) });
  let outputs = 0;
  await withSession({ bytes: encodeModel(graph) }, async (session) => {
    for (const tensors of inputs) {
      // The witness first: what has none can end ONNX Runtime's process, such as a division by zero.
      const { witness, values } = generateWitness({ plan, inputs: tensors.map(({ data }) => Float64Array.from(data as ArrayLike<number>, Number)), context: 0n });
      const native = await run(session, new Map(graph.inputs.map(({ name }, i) => [name, tensors[i] as Tensor])));
      assert.equal(firstViolatedRow(r1cs, wireValues(witness, r1cs.prime)), undefined, 'a row is violated');
      for (const { name, type, shape } of typed.outputs) {
        const expected = native.get(name) as Tensor;
        const found = values.get(name) as Float64Array;
        assert.equal(expected.type, type);
        assert.deepEqual(expected.shape, shape);
        expected.data.forEach((value: number | bigint, i: number) => {
          assert.ok(Object.is(found[i], Number(value)), `element ${i} of ${name}: circuit ${found[i]}, ONNX Runtime ${value}; inputs ${tensors.map(({ data }) => [...data].join(' ')).join(' | ')}`);
        });
        outputs += expected.data.length;
      }
    }
  });
  return { rows: cost.operations.reduce((total, { kind, rows }) => total + (kind === 'input' ? 0 : rows), 0), outputs };
}
