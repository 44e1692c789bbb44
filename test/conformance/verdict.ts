/** What becomes of one case: proven, refused by zkonnx, or failed. */
import { compileProgram } from '../../src/compile/compile.js';
import { generateWitness } from '../../src/compile/witness.js';
import { ZkonnxError, isZkonnxError } from '../../src/errors/index.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { Tensor } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise, type CanonicalGraph } from '../../src/onnx/normalise.js';
import { integers } from '../../src/onnx/testing/graphBuilder.js';
import { isRangedType, TYPE_RANGE } from '../../src/program/program.js';
import { run, withSession } from '../../src/runtime/session.js';
import { firstViolatedRow, wireValues } from '../support/checkR1cs.js';
import { kindOf, readCase, type CaseEntry, type CaseKind, type ConformanceCase } from './cases.js';
import { parameterInputs, secondFactors } from './parameters.js';
import { wrapCase, type WrappedCase } from './wrap.js';

export interface CaseOutcome {
  readonly name: string;
  readonly ops: readonly string[];
  readonly kind: CaseKind;
  readonly verdict: 'proven' | 'refused' | 'failed';
  /** Of a refusal, the error code. */
  readonly code?: string;
  /** Of a refusal, why, as refusals list it. */
  readonly reason?: string;
  /** Of a refusal or failure, what was said. */
  readonly message?: string;
  /** Of a proven case. */
  readonly proof?: ProvenCase;
}

export interface ProvenCase {
  readonly rows: number;
  /** Output elements compared. */
  readonly outputs: number;
  /** Graph inputs of the case that are constants of the circuit. */
  readonly constants: readonly string[];
  /** Operators of the canonical graph, each once, those of other domains with the domain. */
  readonly operators: readonly string[];
  /** What the outputs equal: the tensors of the case, ONNX Runtime on the wrapped model, or on its integer operators. */
  readonly oracle: 'case' | 'wrapped model' | 'integer operators';
}

/** Thrown when a case neither proves nor is refused. */
class Failure extends Error {}

/** Distinct levels that a wrapped output must have, unless the case has fewer. */
const LEVELS = 32;

/** Most inputs that a case is run on. */
const ROUNDS = 8;

/** Runs a case. Never throws: everything that goes wrong is a failure of the case. */
export async function runCase(folder: string, entry: CaseEntry): Promise<CaseOutcome> {
  const about = { name: entry.name, ops: entry.ops, kind: kindOf(entry) };
  try {
    return { ...about, verdict: 'proven', proof: await prove(readCase(folder, entry)) };
  } catch (error) {
    if (isZkonnxError(error) && error.code !== 'INTERNAL') return { ...about, verdict: 'refused', code: error.code, message: error.message };
    return { ...about, verdict: 'failed', message: error instanceof Failure ? error.message : `${error instanceof Error ? (error.stack ?? error.message) : String(error)}` };
  }
}

/** Proves a case with its parameters bound; where that is refused, with the second factors of products bound too. */
export async function prove(conformanceCase: ConformanceCase): Promise<ProvenCase> {
  const parameters = [...new Set([conformanceCase.graph, conformanceCase.compact ?? conformanceCase.graph].flatMap(parameterInputs))];
  const factors = secondFactors(conformanceCase.graph);
  try {
    return await proveWith(conformanceCase, parameters);
  } catch (error) {
    if (!isZkonnxError(error) || factors.length === 0) throw error;
    return await proveWith(conformanceCase, [...parameters, ...factors]);
  }
}

async function proveWith(conformanceCase: ConformanceCase, constants: readonly string[]): Promise<ProvenCase> {
  const wrapped = wrapCase(conformanceCase, new Set(constants));
  const canonical = normalise(inferTypes(wrapped.graph));
  if (canonical.entries.length > 0 || canonical.exits.length > 0) throw new Failure('a float tensor is left at the border of the proof');
  const { r1cs, plan } = compileProgram({ program: lowerGraph(canonical.graph) });
  const { oracle, model } = oracleOf(wrapped, canonical);
  const levels = new Levels(wrapped);
  let outputs = 0;
  // The inputs of the case, and random ones as long as they show too few levels.
  for (let round = 0; round === 0 || (levels.missing() !== undefined && round < ROUNDS); round++) {
    const inputs = round === 0 ? wrapped.inputs : randomInputs(wrapped.inputs, round);
    const { witness, values } = generateWitness({ plan, inputs: canonical.graph.inputs.map(({ name }) => circuitInput(name, inputs.get(name) as Tensor)), context: BigInt(round) });
    const expected = model === undefined ? wrapped.expected : await withSession({ bytes: model }, (session) => run(session, inputs));
    for (const { name } of wrapped.graph.outputs) {
      const found = values.get(name);
      if (found === undefined) throw new Failure(`the circuit has no output '${name}'`);
      compare(name, found, expected.get(name) as Tensor, oracle);
      levels.add(name, found);
      outputs += found.length;
    }
    const violated = firstViolatedRow(r1cs, wireValues(witness, r1cs.prime));
    if (violated !== undefined) throw new Failure(`the witness violates row ${violated}`);
  }
  const missing = levels.missing();
  if (missing !== undefined) throw new Failure(missing);
  const operators = [...new Set(canonical.graph.nodes.map(({ domain, opType }) => (domain === '' ? opType : `${domain}.${opType}`)))].sort();
  return { rows: r1cs.rowCount, outputs, constants, operators, oracle };
}

/** @throws ZkonnxError INPUT_RANGE for a value that the circuit does not take */
function circuitInput(name: string, { type, data }: Tensor): Float64Array {
  const values = Float64Array.from(data as ArrayLike<number | bigint>, Number);
  const range = isRangedType(type) ? TYPE_RANGE[type] : { lo: -Infinity, hi: Infinity };
  const bad = values.find((value) => value < range.lo || value > range.hi);
  if (bad !== undefined) throw new ZkonnxError('INPUT_RANGE', { message: `The input '${name}' holds ${bad}, and ${type} inputs go from ${range.lo} to ${range.hi}.` });
  return values;
}

/** Operators with a quantization of their own, which say exactly what the result is. */
const EXPLICIT = /^(QLinear|QGemm$|ConvInteger$|MatMulInteger$)/;

/**
 * What the outputs must equal. A case without floats says so itself. A wrapped case says what ONNX Runtime makes of it without
 * optimisation: of its integer operators where the canonical graph has any, else of the wrapped model.
 */
function oracleOf(wrapped: WrappedCase, canonical: CanonicalGraph): { oracle: ProvenCase['oracle']; model?: Uint8Array } {
  if (!wrapped.wrapped) return { oracle: 'case' };
  const explicit = canonical.graph.nodes.some(({ opType }) => EXPLICIT.test(opType));
  return { oracle: explicit ? 'integer operators' : 'wrapped model', model: encodeModel(explicit ? canonical.graph : wrapped.graph) };
}

/** Other values for the uint8 inputs, all levels alike; the rest as it is. */
function randomInputs(inputs: ReadonlyMap<string, Tensor>, seed: number): Map<string, Tensor> {
  return new Map([...inputs].map(([name, tensor]) => [name, tensor.type === 'uint8' ? { ...tensor, data: Uint8Array.from(integers({ count: tensor.data.length, lo: 0, hi: 255, seed })) } : tensor]));
}

function compare(name: string, found: Float64Array, expected: Tensor, oracle: string): void {
  if (found.length !== expected.data.length) throw new Failure(`the output '${name}' has ${found.length} elements instead of ${expected.data.length}`);
  let differing = 0;
  let first = '';
  found.forEach((value, index) => {
    if (value === Number(expected.data[index])) return;
    if (differing++ === 0) first = `element ${index} is ${value} instead of ${expected.data[index]}`;
  });
  if (differing > 0) throw new Failure(`the output '${name}' differs from the ${oracle} in ${differing} of ${found.length} elements: ${first}`);
}

/** Distinct levels of the wrapped outputs. A case that collapses to a few would show little. */
class Levels {
  readonly #found: ReadonlyMap<string, Set<number>>;
  readonly #own: ReadonlyMap<string, Tensor>;

  constructor({ quantizedOutputs, expected }: WrappedCase) {
    this.#found = new Map(quantizedOutputs.map((name) => [name, new Set()]));
    this.#own = expected;
  }

  add(name: string, values: Float64Array): void {
    const found = this.#found.get(name);
    if (found !== undefined) for (const value of values) found.add(value);
  }

  /** What is missing, in words. */
  missing(): string | undefined {
    for (const [name, { size }] of this.#found) {
      const least = Math.min(LEVELS, new Set(this.#own.get(name)?.data as Uint8Array).size);
      if (size < least) return `the output '${name}' has ${size} distinct levels, and the case has ${least}`;
    }
    return undefined;
  }
}
