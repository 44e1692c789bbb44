/** One graph in the circuit and in ONNX Runtime. */
import { compileProgram } from '../../src/compile/compile.js';
import { generateWitness } from '../../src/compile/witness.js';
import { isZkonnxError, type ZkonnxError } from '../../src/errors/index.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { Graph, Tensor } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import { run, withSession } from '../../src/runtime/session.js';
import { firstViolatedRow, wireValues } from '../support/checkR1cs.js';

export interface OutputComparison {
  readonly name: string;
  readonly elements: number;
  /** Elements that are neither end of an 8-bit type. */
  readonly unsaturated: number;
  /** Elements that differ from ONNX Runtime, on the canonical graph or on the graph as it is. */
  readonly differing: number;
  /** Elements that differ from the graph as it is because of a library function. */
  readonly drifting: number;
}

export type Comparison =
  | { readonly verdict: 'compared'; readonly outputs: readonly OutputComparison[]; readonly rows: number; readonly violatedRow: number | undefined; readonly asGenerated: boolean }
  | { readonly verdict: 'refused'; readonly by: 'zkonnx' | 'ONNX Runtime'; readonly code: string; readonly message: string };

/** Float functions that are not correctly rounded: ONNX Runtime's results depend on the processor, ours are tables of the exact function. */
const LIBRARY: ReadonlySet<string> = new Set([
  'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Celu', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Gelu', 'Log', 'Mish', 'Pow', 'Selu', 'Sigmoid', 'Sin', 'Sinh', 'Softplus', 'Swish', 'Tan', 'Tanh',
]);

/** Operators with a quantization of their own: a graph that has them under float names too is changed by normalising. */
const EXPLICIT = /^(QLinear|QGemm$)/;

/**
 * Compares every graph output, with graph optimisation off, on the canonical graph; and on the graph itself where that has one
 * meaning: where it is made of integer operators, or where normalising leaves its float operators in place. Where one of those is a
 * library function, a difference there is counted apart.
 * @param inputs integer tensors, by name
 * @param lower the lowering; a test gives a wrong one
 */
export async function compareGraph(graph: Graph, inputs: ReadonlyMap<string, Tensor>, lower = lowerGraph): Promise<Comparison> {
  const circuit = attempt(() => {
    const canonical = normalise(inferTypes(graph));
    const { r1cs, plan } = compileProgram({ program: lower(canonical.graph) });
    const generated = generateWitness({ plan, inputs: canonical.graph.inputs.map(({ name }) => Float64Array.from((inputs.get(name) as Tensor).data as ArrayLike<number | bigint>, Number)), context: 3n });
    return { canonical, r1cs, ...generated };
  });
  if ('refusal' in circuit) return { verdict: 'refused', by: 'zkonnx', code: circuit.refusal.code, message: circuit.refusal.message };
  const { canonical, r1cs, values, witness } = circuit;
  const integerOnly = !graph.nodes.some(({ opType }) => opType === 'DequantizeLinear');
  const asGenerated = integerOnly || !canonical.graph.nodes.some(({ opType }) => EXPLICIT.test(opType));
  const oracles: Map<string, Tensor>[] = [];
  try {
    for (const model of asGenerated ? [canonical.graph, graph] : [canonical.graph]) oracles.push(await withSession({ bytes: encodeModel(model) }, (session) => run(session, inputs)));
  } catch (error) {
    if (isZkonnxError(error)) return { verdict: 'refused', by: 'ONNX Runtime', code: error.code, message: error.message };
    throw error;
  }
  const hasLibrary = graph.nodes.some(({ opType }) => LIBRARY.has(opType));
  const outputs = graph.outputs.map(({ name }) => compareOutput(name, values.get(name) as Float64Array, oracles.map((oracle) => oracle.get(name) as Tensor), hasLibrary));
  return { verdict: 'compared', outputs, rows: r1cs.rowCount, violatedRow: firstViolatedRow(r1cs, wireValues(witness, r1cs.prime)), asGenerated };
}

function compareOutput(name: string, found: Float64Array, [canonical, original]: readonly Tensor[], hasLibrary: boolean): OutputComparison {
  const { type, data } = canonical as Tensor;
  const ends: readonly number[] = type === 'uint8' ? [0, 255] : type === 'int8' ? [-128, 127] : [];
  const count = { unsaturated: 0, differing: 0, drifting: 0 };
  found.forEach((value, index) => {
    const differs = original !== undefined && Number(original.data[index]) !== value;
    if (Number(data[index]) !== value || (differs && !hasLibrary)) count.differing++;
    else if (differs) count.drifting++;
    if (!ends.includes(value)) count.unsaturated++;
  });
  if (data.length !== found.length || (original !== undefined && original.data.length !== found.length)) count.differing = found.length;
  return { name, elements: found.length, ...count };
}

function attempt<T extends object>(action: () => T): T | { refusal: ZkonnxError } {
  try {
    return action();
  } catch (error) {
    if (isZkonnxError(error) && error.code !== 'INTERNAL') return { refusal: error };
    throw error;
  }
}

/** Whether a comparison shows a defect. */
export function isWrong(comparison: Comparison): boolean {
  return comparison.verdict === 'compared' && (comparison.violatedRow !== undefined || comparison.outputs.some(({ differing }) => differing > 0));
}
