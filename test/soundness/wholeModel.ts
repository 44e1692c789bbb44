/** A whole model, compiled, with an honest witness and the place of each operation among its wires. */
import assert from 'node:assert/strict';
import type { ConstraintSystem } from '../../circuits/constraintSystem.js';
import { constrainContext } from '../../circuits/pack.js';
import { RangeChecks } from '../../circuits/range.js';
import { constrainPart } from '../../src/compile/boundary.js';
import { compileProgram, drawBlueprint } from '../../src/compile/compile.js';
import { emitProgram } from '../../src/compile/emit.js';
import { NO_WIRE, signalAt, type Signals } from '../../src/compile/signals.js';
import { generateWitness } from '../../src/compile/witness.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { bindShapes } from '../../src/onnx/bindShapes.js';
import type { Tensor, TypedGraph } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import { readModel } from '../../src/onnx/readModel.js';
import type { Program } from '../../src/program/program.js';
import { R1csBuilder } from '../../src/r1cs/builder.js';
import type { R1cs } from '../../src/r1cs/r1cs.js';
import { coreInputs } from '../../src/runtime/boundary.js';
import { commitmentSignal } from '../../src/verify/packing.js';
import { contextOffset } from '../../src/verify/publicLayout.js';
import { ALL_PUBLIC, committedParts, type Committed, type Visibility } from '../../src/verify/visibility.js';
import { wireValues } from '../support/checkR1cs.js';
import { readDigits } from '../support/digits.js';

export interface WiresOfOperation {
  readonly name: string;
  readonly kind: string;
  /** Its wires are first ≤ w < end. */
  readonly first: number;
  readonly end: number;
  /** The wires of its result. */
  readonly results: readonly number[];
}

/** The wires of a commitment: its salt, then those of the hash. */
export interface WiresOfCommitment {
  readonly part: Committed;
  readonly first: number;
  readonly end: number;
  /** The public signal. */
  readonly signal: number;
}

export interface WholeModel {
  readonly r1cs: R1cs;
  readonly honest: readonly bigint[];
  /** What the verifier fixes: the constant, the context, the public inputs, and the commitments of inputs and weights. */
  readonly statement: ReadonlySet<number>;
  /** From which all else follows: the constant, the context, the inputs and hidden weights with all that belongs to them, public words, salts. */
  readonly given: ReadonlySet<number>;
  /** The public outputs, or their commitment. */
  readonly publicOutputs: ReadonlySet<number>;
  /** Operations with wires, in order. */
  readonly operations: readonly WiresOfOperation[];
  readonly commitments: readonly WiresOfCommitment[];
}

/** @param digit index of an image. */
export function wholeModel(model: string, digit: number, visibility: Visibility = ALL_PUBLIC): WholeModel {
  const canonical = normalise(inferTypes(bindShapes(readModel(model).graph)));
  const [entry] = canonical.entries;
  assert.ok(entry !== undefined);
  const image = readDigits().images[digit] as Float32Array;
  const quantized = coreInputs(canonical, new Map<string, Tensor>([[entry.input, { type: 'float32', shape: [1, 1, 8, 8], data: image }]]));
  const inputs = canonical.graph.inputs.map(({ name }) => Float64Array.from((quantized.get(name) as Tensor).data as Uint8Array));
  return wholeCircuit(canonical.graph, inputs, visibility);
}

/** A graph of integers, compiled, with a salt for each commitment. */
export function wholeCircuit(graph: TypedGraph, inputs: readonly Float64Array[], visibility: Visibility): WholeModel {
  const program = lowerGraph(graph, { hidesWeights: visibility.weights === 'hashed' });
  const { r1cs, plan } = compileProgram({ program, visibility });
  const salts = { inputs: 1001n, outputs: 1002n, weights: 1003n };
  const honest = wireValues(generateWitness({ plan, inputs, context: 77n, salts }).witness, r1cs.prime);
  const { operations, commitments } = wiresOf(program, visibility, r1cs);
  const publicEnd = 1 + r1cs.publicOutputCount + r1cs.publicInputCount;
  // Behind the public signals stands the square of the context.
  const statement = new Set([0, ...range(1 + r1cs.publicOutputCount, publicEnd + 1)]);
  const given = new Set(statement);
  for (const { part, signal } of commitments) if (part !== 'outputs') given.delete(signal);
  for (const { first } of commitments) given.add(first);
  for (const { kind, first, end } of operations) if (kind === 'input') for (const index of range(first, end)) given.add(index);
  return { r1cs, honest, statement, given, publicOutputs: new Set(range(1, 1 + r1cs.publicOutputCount)), operations, commitments };
}

function range(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i);
}

/** Emits the program once more, to see which wires each operation and each commitment takes. */
function wiresOf(program: Program, visibility: Visibility, r1cs: R1cs): { operations: WiresOfOperation[]; commitments: WiresOfCommitment[] } {
  const { program: cheapest, choices, forms, layout } = drawBlueprint(program, { visibility });
  const builder = new R1csBuilder(r1cs);
  const cs: ConstraintSystem = { builder, ranges: new RangeChecks(builder) };
  constrainContext(cs, 1 + contextOffset(layout));
  const ends: number[] = [builder.wireCount];
  const signals = emitProgram({ cs, program: cheapest, choices, forms, onOperation: () => ends.push(builder.wireCount) });
  const commitments = committedParts(visibility).map((part): WiresOfCommitment => {
    const first = builder.wireCount;
    constrainPart(cs, layout, part, (_, tensor, index) => signalAt(signals[cheapest[part][tensor] as number] as Signals, index));
    return { part, first, end: builder.wireCount, signal: 1 + commitmentSignal(layout, part) };
  });
  assert.equal(builder.wireCount, r1cs.wireCount);
  const operations = cheapest.operations
    .map(({ kind }, id) => {
      const result = signals[id];
      const results = result?.form === 'wires' ? [...result.wires].filter((wire) => wire !== NO_WIRE) : [];
      return { name: cheapest.tensors[id]?.name ?? '', kind, first: ends[id] as number, end: ends[id + 1] as number, results };
    })
    .filter(({ first, end }) => end > first);
  return { operations, commitments };
}
