/** One graph in the circuit, in ONNX Runtime, and where it is portable in ONNX Runtime's WebAssembly too. */
import { compileProgram } from '../../src/compile/compile.js';
import { generateWitness, type GeneratedWitness } from '../../src/compile/witness.js';
import { isZkonnxError } from '../../src/errors/index.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { Graph, Tensor } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import { run, withSession } from '../../src/runtime/session.js';
import { unportableNodes } from '../../src/workflow/portability.js';
import { firstViolatedRow, wireValues } from '../support/checkR1cs.js';
import { runOnWeb } from '../support/webRuntime.js';

export type Inputs = ReadonlyMap<string, Tensor>;

export interface OutputComparison {
  readonly name: string;
  readonly elements: number;
  /** Elements of 8-bit types, and those of them that are neither end. */
  readonly narrow: number;
  readonly unsaturated: number;
  /** Elements that differ from an oracle: on the canonical graph, on the graph as it is, or on the web. */
  readonly differing: number;
  /** Elements that differ from the graph as it is because of a library function. */
  readonly drifting: number;
  /** Elements that were compared on the web too. */
  readonly onWeb: number;
}

export interface Compared {
  readonly verdict: 'compared';
  readonly outputs: readonly OutputComparison[];
  readonly rows: number;
  /** Witnesses that were checked, all of them. */
  readonly witnesses: number;
  /** The first row that a witness violates. */
  readonly violatedRow: number | undefined;
  readonly asGenerated: boolean;
  readonly portable: boolean;
}

export interface Refused {
  readonly verdict: 'refused';
  readonly by: 'zkonnx' | 'ONNX Runtime' | 'ONNX Runtime Web';
  readonly code: string;
  readonly message: string;
}

/** The compiler or the witness generator broke down: a defect. */
export interface Crashed {
  readonly verdict: 'crashed';
  readonly message: string;
}

export type Comparison = Compared | Refused | Crashed;

/** Float functions that are not correctly rounded: ONNX Runtime's results depend on the processor, ours are tables of the exact function. */
const LIBRARY: ReadonlySet<string> = new Set([
  'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Celu', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Gelu', 'Log', 'Mish', 'Pow', 'Selu', 'Sigmoid', 'Sin', 'Sinh', 'Softplus', 'Swish', 'Tan', 'Tanh',
]);

/** Operators with a quantization of their own: a graph that has them under float names too is changed by normalising. */
const EXPLICIT = /^(QLinear|QGemm$)/;

/** What a circuit is compared with: the canonical graph, the graph as it is, the canonical graph in WebAssembly. */
type Oracle = 'canonical' | 'generated' | 'web';

/**
 * Compares every graph output, with graph optimisation off, on the canonical graph; on the graph itself where that has one meaning:
 * where it is made of integer operators, or where normalising leaves its float operators in place (where one of those is a library
 * function, a difference there is counted apart); and on the canonical graph in WebAssembly where we call it portable.
 *
 * Every witness must satisfy every row, as an independent checker finds. Inputs without a proof do not count, unless none has one.
 * @param inputSets integer tensors, by name, for each run
 * @param lower the lowering; a test gives a wrong one
 */
export async function compareGraph(graph: Graph, inputSets: readonly Inputs[], lower = lowerGraph): Promise<Comparison> {
  const circuit = attempt(() => {
    const canonical = normalise(inferTypes(graph)).graph;
    return { canonical, ...compileProgram({ program: lower(canonical) }) };
  });
  if ('verdict' in circuit) return circuit;
  const { canonical, r1cs, plan } = circuit;
  const runs: { readonly inputs: Inputs; readonly generated: GeneratedWitness }[] = [];
  let refusal: Refused | undefined;
  for (const inputs of inputSets) {
    const values = canonical.inputs.map(({ name }) => Float64Array.from((inputs.get(name) as Tensor).data as ArrayLike<number | bigint>, Number));
    const generated = attempt(() => generateWitness({ plan, inputs: values, context: 3n }));
    if (!('verdict' in generated)) runs.push({ inputs, generated });
    else if (generated.verdict === 'crashed') return generated;
    else refusal = generated;
  }
  if (runs.length === 0) return refusal as Refused;

  const integerOnly = !graph.nodes.some(({ opType }) => opType === 'DequantizeLinear');
  const asGenerated = integerOnly || !canonical.nodes.some(({ opType }) => EXPLICIT.test(opType));
  const portable = unportableNodes(canonical).length === 0;
  const oracles: Partial<Record<Oracle, readonly Map<string, Tensor>[]>> = {};
  const [bytes, sets] = [encodeModel(canonical), runs.map(({ inputs }) => inputs)];
  try {
    oracles.canonical = await native(bytes, sets);
    const own = asGenerated ? encodeModel(graph) : bytes;
    if (Buffer.compare(own, bytes) !== 0) oracles.generated = await native(own, sets);
  } catch (error) {
    if (isZkonnxError(error)) return { verdict: 'refused', by: 'ONNX Runtime', code: error.code, message: error.message };
    throw error;
  }
  try {
    if (portable) oracles.web = await runOnWeb(bytes, sets);
  } catch (error) {
    return { verdict: 'refused', by: 'ONNX Runtime Web', code: 'FAILED', message: (error as Error).message };
  }

  const library = afterLibrary(graph);
  const outputs = graph.outputs.map(({ name }) => sumOf(name, runs.map(({ generated }, index) => compareOutput(generated.values.get(name) as Float64Array, {
    canonical: oracles.canonical?.[index]?.get(name),
    generated: oracles.generated?.[index]?.get(name),
    web: oracles.web?.[index]?.get(name),
  }, library.has(name)))));
  const violatedRow = runs.map(({ generated }) => firstViolatedRow(r1cs, wireValues(generated.witness, r1cs.prime))).find((row) => row !== undefined);
  return { verdict: 'compared', outputs, rows: r1cs.rowCount, witnesses: runs.length, violatedRow, asGenerated, portable };
}

function native(bytes: Uint8Array, sets: readonly Inputs[]): Promise<Map<string, Tensor>[]> {
  return withSession({ bytes }, async (session) => {
    const runs: Map<string, Tensor>[] = [];
    for (const inputs of sets) runs.push(await run(session, inputs));
    return runs;
  });
}

type Counts = Omit<OutputComparison, 'name'>;

function compareOutput(found: Float64Array, oracles: Readonly<Record<Oracle, Tensor | undefined>>, isAfterLibrary: boolean): Counts {
  const { canonical, generated, web } = oracles;
  const { type } = canonical as Tensor;
  const ends: readonly number[] | undefined = type === 'uint8' ? [0, 255] : type === 'int8' ? [-128, 127] : undefined;
  const count = { narrow: ends === undefined ? 0 : found.length, unsaturated: 0, differing: 0, drifting: 0 };
  const present = [canonical, generated, web].filter((tensor) => tensor !== undefined);
  const differs = (tensor: Tensor | undefined, index: number, value: number): boolean => tensor !== undefined && Number(tensor.data[index]) !== value;
  found.forEach((value, index) => {
    const fromOwn = differs(generated, index, value);
    if (differs(canonical, index, value) || differs(web, index, value) || (fromOwn && !isAfterLibrary)) count.differing++;
    else if (fromOwn) count.drifting++;
    if (ends?.includes(value) === false) count.unsaturated++;
  });
  if (present.some(({ data }) => data.length !== found.length)) count.differing = found.length;
  return { elements: found.length, onWeb: web === undefined ? 0 : found.length, ...count };
}

function sumOf(name: string, parts: readonly Counts[]): OutputComparison {
  const total = { name, elements: 0, narrow: 0, unsaturated: 0, differing: 0, drifting: 0, onWeb: 0 };
  for (const part of parts) for (const key of ['elements', 'narrow', 'unsaturated', 'differing', 'drifting', 'onWeb'] as const) total[key] += part[key];
  return total;
}

function attempt<T extends object>(action: () => T): T | Refused | Crashed {
  try {
    return action();
  } catch (error) {
    if (isZkonnxError(error) && error.code !== 'INTERNAL') return { verdict: 'refused', by: 'zkonnx', code: error.code, message: error.message };
    return { verdict: 'crashed', message: (error as Error).stack ?? String(error) };
  }
}

/** The tensors that depend on a library function. */
function afterLibrary({ nodes }: Graph): ReadonlySet<string> {
  const found = new Set<string>();
  // The nodes of a generated graph are in the order in which they can run.
  for (const { opType, inputs, outputs } of nodes) if (LIBRARY.has(opType) || inputs.some((name) => found.has(name))) outputs.forEach((name) => found.add(name));
  return found;
}

/** Whether a comparison shows a defect. */
export function isWrong(comparison: Comparison): boolean {
  if (comparison.verdict !== 'compared') return comparison.verdict === 'crashed';
  return comparison.violatedRow !== undefined || comparison.outputs.some(({ differing }) => differing > 0);
}
