/** From an input to a witness: evaluates the program, then writes the wires of each gadget in the order of compilation. */
import { assignArgmax } from '../../circuits/argmax.js';
import { assignCommitment } from '../../circuits/commitment.js';
import { assignInput } from '../../circuits/input.js';
import { assignMax } from '../../circuits/max.js';
import { assignPack, assignPackedSums, packedValue } from '../../circuits/packedProducts.js';
import { assignProducts } from '../../circuits/products.js';
import { assignSoftmax } from '../../circuits/softmax.js';
import { ZkonnxError } from '../errors/index.js';
import { evaluateProgram } from '../program/evaluate.js';
import type { Integers } from '../program/interval.js';
import { linearRows } from '../program/linear.js';
import { windows } from '../program/pool.js';
import { readRow, weightedGroups, type WeightedOperation } from '../program/weighted.js';
import { operands, type Operation } from '../program/program.js';
import type { Witness } from '../r1cs/witness.js';
import { commit, commitmentHeader } from '../verify/commitment.js';
import { packPublic, packTensors, type TensorsByName } from '../verify/packing.js';
import { signalCount } from '../verify/publicLayout.js';
import { committedParts, type Committed } from '../verify/visibility.js';
import type { Choice } from './choices.js';
import type { Form } from './forms.js';
import type { WitnessPlan } from './plan.js';
import { assignInteger, type IntegerChoice } from './integerGadgets.js';
import { softmaxParameters } from './softmaxChoice.js';
import { assignStep, needsWire, type StepChoice } from './stepChoice.js';
import { WitnessWriter } from './witnessWriter.js';

export interface GenerateWitnessParameters {
  readonly plan: WitnessPlan;
  /** One per program input, in order, row-major; lengths and ranges have been checked. */
  readonly inputs: readonly Integers[];
  /** The value that the requester chose, in [0, r). */
  readonly context: bigint;
  /** The salt of each commitment, in [0, r); 0 where it is left out. */
  readonly salts?: Salts | undefined;
}

/** Blinds commitments; whoever knows a salt can check a guess of what was committed to. */
export type Salts = Readonly<Partial<Record<Committed, bigint>>>;

export interface GeneratedWitness {
  readonly witness: Witness;
  /** The value of every tensor of the program, by name. */
  readonly values: ReadonlyMap<string, Integers>;
  readonly publicSignals: readonly bigint[];
  /** Of everything that is hashed. */
  readonly commitments: Readonly<Partial<Record<Committed, bigint>>>;
}

/** The witness of one inference. */
export function generateWitness({ plan, inputs, context, salts = {} }: GenerateWitnessParameters): GeneratedWitness {
  const { program, choices, forms, layout } = plan;
  const tensors = evaluateProgram(program, inputs);
  const named = (ids: readonly number[]): TensorsByName => Object.fromEntries(ids.map((id) => [nameOf(plan, id), tensors[id] as Integers]));
  const values: Readonly<Record<Committed, TensorsByName>> = { outputs: named(program.outputs), inputs: named(program.inputs), weights: named(program.weights) };
  const parts = committedParts(layout.visibility);
  const commitments = Object.fromEntries(parts.map((part) => [part, commit({ part, tensors: layout[part], values: values[part], salt: salts[part] ?? 0n })]));
  const shown = (side: 'outputs' | 'inputs'): TensorsByName => (layout.visibility[side] === 'public' ? values[side] : {});
  const publicSignals = packPublic({ layout, outputs: shown('outputs'), context, inputs: shown('inputs'), commitments });

  const writer = new WitnessWriter(plan.wireCount);
  writer.set(0, 1);
  publicSignals.forEach((word, index) => writer.setWide(1 + index, word));
  let next = 1 + signalCount(layout);
  writer.setWide(next++, context * context);
  program.operations.forEach((operation, id) => {
    const sources = operands(operation).map((operand) => tensors[operand] as Integers);
    const sourceForm = forms[operands(operation)[0] ?? id] as Form;
    next = assignOperation({ writer, first: next, operation, choice: choices[id] as Choice, form: forms[id] as Form, sourceForm, sources, result: tensors[id] as Integers });
  });
  for (const part of parts) {
    const salt = salts[part] ?? 0n;
    writer.setWide(next, salt);
    next = assignCommitment(writer, next + 1, { constants: commitmentHeader(part, layout[part]), hidden: [salt, ...packTensors(layout[part], values[part])] });
  }
  if (next !== plan.wireCount) throw new ZkonnxError('INTERNAL', { message: `the witness has ${next} wires, the circuit ${plan.wireCount}` });
  return { witness: writer.finish(), values: new Map(tensors.map((tensor, id) => [nameOf(plan, id), tensor])), publicSignals, commitments };
}

interface AssignParameters {
  readonly writer: WitnessWriter;
  readonly first: number;
  readonly operation: Operation;
  readonly choice: Choice;
  readonly form: Form;
  /** The form of the first operand. */
  readonly sourceForm: Form;
  readonly sources: readonly Integers[];
  readonly result: Integers;
}

/** Writes the wires of one operation from `first` on and returns the next free wire. */
function assignOperation({ writer, first, operation, choice, form, sourceForm, sources, result }: AssignParameters): number {
  switch (operation.kind) {
    case 'input':
      return result.reduce((next, value) => assignInput(writer, next, value, operation), first);
    case 'constant':
    case 'view':
      return first;
    case 'linear':
      return form === 'wires' ? result.reduce((next, value) => writer.own(next, value), first) : first;
    case 'weighted':
      return assignWeighted(writer, first, operation, choice as Extract<Choice, { kind: 'packed' }>, sources, result);
    case 'product': {
      const { terms, left, right, leftZero, rightZero } = operation;
      const [a, b] = sources as [Integers, Integers];
      let next = first;
      for (let i = 0; i < result.length; i++) {
        next = assignProducts(writer, next, Array.from({ length: terms }, (_, k) => ((a[left[i * terms + k] as number] as number) - leftZero) * ((b[right[i * terms + k] as number] as number) - rightZero)));
      }
      return next;
    }
    case 'step':
    case 'table': {
      const { steps } = choice as Extract<Choice, { kind: 'steps' }>;
      const [x] = sources as [Integers];
      let next = first;
      for (let i = 0; i < x.length; i++) {
        const step = steps[Math.floor(i / operation.inner) % steps.length] as StepChoice;
        if (step.kind !== 'linear') next = assignStep(writer, next, x[i] as number, step);
        else if (needsWire(step, sourceForm)) next = writer.own(next, result[i] as number);
      }
      return next;
    }
    case 'max': {
      const bounds = choice as Extract<Choice, { kind: 'compare' }>;
      const [x] = sources as [Integers];
      const reader = windows(operation);
      let next = first;
      for (let i = 0; i < reader.count; i++) next = assignMax(writer, next, Array.from(reader.read(i), (j) => x[j] as number), { ...operation, ...bounds });
      return next;
    }
    case 'argmax': {
      const bounds = choice as Extract<Choice, { kind: 'compare' }>;
      const [x] = sources as [Integers];
      const { length, inner } = operation;
      let next = first;
      for (let i = 0; i < result.length; i++) {
        const start = Math.floor(i / inner) * length * inner + (i % inner);
        next = assignArgmax(writer, next, Array.from({ length }, (_, k) => x[start + k * inner] as number), { ...operation, ...bounds });
        next = writer.own(next, result[i] as number);
      }
      return next;
    }
    case 'softmax': {
      const parameters = softmaxParameters(operation, choice as Extract<Choice, { kind: 'compare' }>);
      const [x] = sources as [Integers];
      let next = first;
      for (let row = 0; row < x.length; row += operation.length) next = assignSoftmax(writer, next, Array.from(x.subarray(row, row + operation.length)), parameters);
      return next;
    }
    case 'fit':
    case 'bilinear':
    case 'compare':
    case 'select':
    case 'divide':
    case 'bits': {
      const count = result.length / (operation.kind === 'bits' ? operation.width : 1);
      let next = first;
      for (let i = 0; i < count; i++) next = assignInteger(writer, next, operation, choice as IntegerChoice, i, sources.map((source) => source[i] as number), result[i] as number);
      return next;
    }
  }
}

/** As emitWeighted of emit.ts. */
function assignWeighted(writer: WitnessWriter, first: number, { map, inputZero, weightZero }: WeightedOperation, choice: Extract<Choice, { kind: 'packed' }>, [x, weights]: readonly Integers[], result: Integers): number {
  const rows = linearRows(map);
  const packs = new Map<number, bigint>();
  let next = first;
  for (const group of weightedGroups(map, choice.perPack)) {
    const members = group.map((index) => readRow(rows, index));
    const products = Array.from(members[0]?.indices ?? [], (source, term): bigint => {
      const places = members.map((member) => (member.weights[term] as number) - 1);
      let pack = packs.get(places[0] as number);
      if (pack === undefined) {
        const values = places.map((place) => ((weights as Integers)[place] as number) - weightZero);
        pack = packedValue(values, choice.stride);
        packs.set(places[0] as number, pack);
        next = assignPack(writer, next, values, choice);
      }
      return BigInt(((x as Integers)[source] as number) - inputZero) * pack;
    });
    next = assignPackedSums(writer, next, group.map((index) => result[index] as number), products, choice);
  }
  return next;
}

function nameOf({ program }: WitnessPlan, id: number): string {
  return (program.tensors[id] as WitnessPlan['program']['tensors'][number]).name;
}
