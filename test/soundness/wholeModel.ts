/** A committed model, compiled, with an honest witness and the place of each operation among its wires. */
import assert from 'node:assert/strict';
import type { ConstraintSystem } from '../../circuits/constraintSystem.js';
import { constrainContext } from '../../circuits/pack.js';
import { RangeChecks } from '../../circuits/range.js';
import { compileProgram, drawBlueprint } from '../../src/compile/compile.js';
import { emitProgram } from '../../src/compile/emit.js';
import { NO_WIRE } from '../../src/compile/signals.js';
import { generateWitness } from '../../src/compile/witness.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { bindShapes } from '../../src/onnx/bindShapes.js';
import type { Tensor } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { normalise } from '../../src/onnx/normalise.js';
import { readModel } from '../../src/onnx/readModel.js';
import type { Program } from '../../src/program/program.js';
import { R1csBuilder } from '../../src/r1cs/builder.js';
import type { R1cs } from '../../src/r1cs/r1cs.js';
import { coreInputs } from '../../src/runtime/boundary.js';
import { contextOffset } from '../../src/verify/publicLayout.js';
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

export interface WholeModel {
  readonly r1cs: R1cs;
  readonly honest: readonly bigint[];
  /** The constant, the public inputs and everything that belongs to the inputs of the model. */
  readonly given: ReadonlySet<number>;
  readonly publicOutputs: ReadonlySet<number>;
  /** Operations with wires, in order. */
  readonly operations: readonly WiresOfOperation[];
}

/** @param digit index of an image. */
export function wholeModel(model: string, digit: number): WholeModel {
  const canonical = normalise(inferTypes(bindShapes(readModel(model).graph)));
  const program = lowerGraph(canonical.graph);
  const { r1cs, plan } = compileProgram({ program });
  const [entry] = canonical.entries;
  assert.ok(entry !== undefined);
  const image = readDigits().images[digit] as Float32Array;
  const quantized = coreInputs(canonical, new Map<string, Tensor>([[entry.input, { type: 'float32', shape: [1, 1, 8, 8], data: image }]]));
  const inputs = canonical.graph.inputs.map(({ name }) => Float64Array.from((quantized.get(name) as Tensor).data as Uint8Array));
  const honest = wireValues(generateWitness({ plan, inputs, context: 77n }).witness, r1cs.prime);
  const operations = wiresOfOperations(program, r1cs);
  const given = new Set([0]);
  for (let index = 1 + r1cs.publicOutputCount; index < 1 + r1cs.publicOutputCount + r1cs.publicInputCount + 1; index++) given.add(index);
  for (const { kind, first, end } of operations) if (kind === 'input') for (let index = first; index < end; index++) given.add(index);
  return { r1cs, honest, given, publicOutputs: new Set(Array.from({ length: r1cs.publicOutputCount }, (_, i) => 1 + i)), operations };
}

/** Emits the program once more, to see which wires each operation takes. */
function wiresOfOperations(program: Program, r1cs: R1cs): WiresOfOperation[] {
  const { program: cheapest, choices, forms, layout } = drawBlueprint(program);
  const builder = new R1csBuilder(r1cs);
  const cs: ConstraintSystem = { builder, ranges: new RangeChecks(builder) };
  constrainContext(cs, 1 + contextOffset(layout));
  const ends: number[] = [builder.wireCount];
  const signals = emitProgram({ cs, program: cheapest, choices, forms, onOperation: () => ends.push(builder.wireCount) });
  assert.equal(builder.wireCount, r1cs.wireCount);
  return cheapest.operations
    .map(({ kind }, id) => {
      const result = signals[id];
      const results = result?.form === 'wires' ? [...result.wires].filter((wire) => wire !== NO_WIRE) : [];
      return { name: cheapest.tensors[id]?.name ?? '', kind, first: ends[id] as number, end: ends[id + 1] as number, results };
    })
    .filter(({ first, end }) => end > first);
}
