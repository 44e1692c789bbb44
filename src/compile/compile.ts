/**
 * From the integer program to an R1CS and the plan of its witness. Deterministic: the same program gives the same bytes.
 */
import type { ConstraintSystem } from '../../circuits/constraintSystem.js';
import { maxRows } from '../../circuits/max.js';
import { constrainContext } from '../../circuits/pack.js';
import { RangeChecks } from '../../circuits/range.js';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import type { Program, ProgramTensor, TensorId } from '../program/program.js';
import { R1csBuilder } from '../r1cs/builder.js';
import type { R1cs } from '../r1cs/r1cs.js';
import {
  contextOffset,
  publicLayout,
  sideSignals,
  signalCount,
  type PublicLayout,
  type PublicType,
  type UnplacedTensor,
} from '../verify/publicLayout.js';
import { ALL_PUBLIC, type Visibility } from '../verify/visibility.js';
import { constrainBoundary } from './boundary.js';
import { chooseAll, type Choice } from './choices.js';
import { costOf, type CostReport } from './cost.js';
import { emitProgram } from './emit.js';
import { tensorForms, type Form } from './forms.js';
import { joinSteps } from './joinSteps.js';
import { maximaFirst } from './maximaFirst.js';
import type { WitnessPlan } from './plan.js';
import { signalAt, type Signals } from './signals.js';
import { chooseStep, stepRows } from './stepChoice.js';

export interface CompileParameters {
  readonly program: Program;
  /** What the verifier sees; default: inputs and outputs, with fixed weights. */
  readonly visibility?: Visibility | undefined;
  /** Bytes of memory that compilation may take; default 2 GiB. */
  readonly memoryLimit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the share of the work that is done, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

export interface CompiledCircuit {
  readonly r1cs: R1cs;
  readonly plan: WitnessPlan;
  readonly cost: CostReport;
}

/** Everything about a circuit that is known before a row is written. */
export interface Blueprint {
  /** The program as it is compiled, with steps joined and maxima in their cheapest place. */
  readonly program: Program;
  readonly choices: readonly Choice[];
  readonly forms: readonly Form[];
  readonly layout: PublicLayout;
  readonly cost: CostReport;
  /** Bytes of memory that compilation takes, about. */
  readonly memory: number;
}

const DEFAULT_MEMORY_LIMIT = 2 * 2 ** 30;

export interface BlueprintOptions extends Pick<CompileParameters, 'visibility'> {
  readonly signal?: AbortSignal | undefined;
  /** Called with the share of the operations that have been looked at, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** Chooses how every operation is forced, and counts. Nothing that grows with the rows is allocated. @throws ZkonnxError CANCELLED, TYPE_UNSUPPORTED */
export function drawBlueprint(program: Program, { visibility = ALL_PUBLIC, signal, onProgress }: BlueprintOptions = {}): Blueprint {
  if ((visibility.weights === 'hashed') !== program.weights.length > 0) throw new ZkonnxError('INTERNAL', { message: `the weights shall be ${visibility.weights}, and the program hides ${program.weights.length} tensors` });
  const cheapest = maximaFirst(joinSteps(program), { step: (step, xIsWire) => stepRows(chooseStep(step, xIsWire)), maximum: (lo, hi) => maxRows(2, { lo, hi }) });
  const forms = tensorForms(cheapest);
  const choices = chooseAll(cheapest, forms, (share) => {
    throwIfAborted(signal);
    onProgress?.(share);
  });
  const layout = programLayout(cheapest, visibility);
  const cost = costOf({ program: cheapest, choices, forms, layout });
  return { program: cheapest, choices, forms, layout, cost, memory: memoryOf(cost) };
}

/** Where the tensors of a program stand among the public signals. @throws ZkonnxError TYPE_UNSUPPORTED */
export function programLayout(program: Program, visibility: Visibility): PublicLayout {
  const tensors = (ids: readonly TensorId[]) => ids.map((id) => publicTensor(program, id));
  return publicLayout({ visibility, outputs: tensors(program.outputs), inputs: tensors(program.inputs), weights: tensors(program.weights) });
}

/**
 * Compiles a program.
 * @throws ZkonnxError MODEL_TOO_LARGE before anything is allocated, CANCELLED, TYPE_UNSUPPORTED
 */
export function compileProgram({ program, visibility, memoryLimit = DEFAULT_MEMORY_LIMIT, signal, onProgress }: CompileParameters): CompiledCircuit {
  const blueprint = drawBlueprint(program, { visibility });
  const { choices, forms, layout, cost, memory } = blueprint;
  if (memory > memoryLimit) {
    throw new ZkonnxError('MODEL_TOO_LARGE', {
      message: `The circuit would have ${cost.rows.toLocaleString('en')} rows, and compiling it would take about ${gibibytes(memory)} of memory.`,
      expected: `at most ${gibibytes(memoryLimit)}`,
      found: gibibytes(memory),
    });
  }
  const publicOutputCount = sideSignals(layout.outputs, layout.visibility.outputs);
  const builder = new R1csBuilder({ publicOutputCount, publicInputCount: signalCount(layout) - publicOutputCount });
  const cs: ConstraintSystem = { builder, ranges: new RangeChecks(builder) };
  constrainContext(cs, 1 + contextOffset(layout));
  const signals = emitProgram({
    cs,
    program: blueprint.program,
    choices,
    forms,
    onOperation: () => {
      throwIfAborted(signal);
      onProgress?.(Math.min(1, (builder.rowCount + cs.ranges.pendingRows) / cost.rows));
    },
  });
  const ids = { outputs: blueprint.program.outputs, inputs: blueprint.program.inputs, weights: blueprint.program.weights };
  constrainBoundary(cs, layout, (part, tensor, index) => signalAt(signals[ids[part][tensor] as TensorId] as Signals, index));
  cs.ranges.resolve();
  const r1cs = builder.finish();
  if (r1cs.rowCount !== cost.rows) throw new ZkonnxError('INTERNAL', { message: `the circuit has ${r1cs.rowCount} rows, its estimate ${cost.rows}` });
  return { r1cs, cost, plan: { program: withoutBounds(blueprint.program), choices, forms, layout, wireCount: r1cs.wireCount } };
}

const PUBLIC_TYPES: ReadonlySet<string> = new Set<PublicType>(['bool', 'uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64']);

function publicTensor(program: Program, id: TensorId): UnplacedTensor {
  const { name, type, shape } = program.tensors[id] as ProgramTensor;
  if (PUBLIC_TYPES.has(type)) return { name, type: type as PublicType, shape };
  throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `"${name}" is ${type}, which cannot be a public value.`, expected: [...PUBLIC_TYPES].join(', '), found: type });
}

/**
 * A row takes about four entries beside its share of the linear maps; an entry is two words, doubled while arrays grow; a wire stands
 * in eight bytes of bookkeeping; the process itself takes 150 MB. Within 20% of what was measured from
 * 25,000 to 1.6 million rows; too high for less.
 */
function memoryOf({ rows, linearTerms }: CostReport): number {
  return MEMORY.process + rows * MEMORY.row + linearTerms * MEMORY.term;
}

/** Bytes of memory that compilation takes. */
const MEMORY = { process: 150_000_000, row: 300, term: 40 } as const;

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}

function withoutBounds({ tensors, ...program }: Program): WitnessPlan['program'] {
  return { ...program, tensors: tensors.map(({ name, node, type, shape }) => ({ name, node, type, shape })) };
}
