/** From the program to constraints: walks the operations in order and calls the gadget of each element. */
import { constrainArgmax } from '../../circuits/argmax.js';
import type { ConstraintSystem } from '../../circuits/constraintSystem.js';
import { constrainInput } from '../../circuits/input.js';
import { constrainMax } from '../../circuits/max.js';
import { constrainPack, constrainPackedSums } from '../../circuits/packedProducts.js';
import { constrainProducts } from '../../circuits/products.js';
import { materialise } from '../../circuits/range.js';
import { constrainSoftmax } from '../../circuits/softmax.js';
import { ZkonnxError } from '../errors/index.js';
import type { IntegerOperation } from '../program/integerOperation.js';
import { LinearRow, linearRows } from '../program/linear.js';
import { readRow, weightedGroups, type WeightedOperation } from '../program/weighted.js';
import { windows } from '../program/pool.js';
import { operands, type LinearOperation, type Operation, type ProductOperation, type Program, type ProgramTensor } from '../program/program.js';
import { add, ONE_WIRE, wire, ZERO, type LinearCombination } from '../r1cs/linearCombination.js';
import type { Choice } from './choices.js';
import type { Form } from './forms.js';
import { affine, concatenated, emptySignals, gathered, signalAt, type Signals } from './signals.js';
import { constrainInteger, type IntegerChoice } from './integerGadgets.js';
import { softmaxParameters } from './softmaxChoice.js';
import { constrainStep, needsWire, type StepChoice } from './stepChoice.js';

export interface EmitParameters {
  readonly cs: ConstraintSystem;
  readonly program: Program;
  /** One per operation. */
  readonly choices: readonly Choice[];
  readonly forms: readonly Form[];
  /** Called after each operation. */
  readonly onOperation?: (id: number) => void;
}

/** Emits all rows of a program and returns the signals of each tensor. */
export function emitProgram({ cs, program, choices, forms, onOperation }: EmitParameters): Signals[] {
  const signals: Signals[] = [];
  program.operations.forEach((operation, id) => {
    const inputs = operands(operation).map((operand) => signals[operand] as Signals);
    signals.push(emitOperation(cs, operation, program.tensors[id] as ProgramTensor, choices[id] as Choice, forms[id] as Form, inputs));
    onOperation?.(id);
  });
  return signals;
}

function emitOperation(cs: ConstraintSystem, operation: Operation, tensor: ProgramTensor, choice: Choice, form: Form, inputs: readonly Signals[]): Signals {
  const length = tensor.bounds.lo.length;
  switch (operation.kind) {
    case 'input':
      return fromGadgets(length, () => constrainInput(cs, operation));
    case 'constant':
      return { ...emptySignals(length), offsets: operation.values };
    case 'view': {
      const source = concatenated(inputs);
      return operation.index === undefined ? source : gathered(source, operation.index, operation.fill);
    }
    case 'linear':
      return emitLinear(cs, operation, form, concatenated(inputs));
    case 'weighted':
      return emitWeighted(cs, operation, choice as Extract<Choice, { kind: 'packed' }>, inputs, length);
    case 'product':
      return emitProduct(cs, operation, inputs as [Signals, Signals]);
    case 'step':
    case 'table': {
      const [x] = inputs as [Signals];
      const { steps } = choice as Extract<Choice, { kind: 'steps' }>;
      return fromGadgets(length, (i) => {
        const step = steps[Math.floor(i / operation.inner) % steps.length] as StepChoice;
        if (step.kind !== 'linear') return constrainStep(cs, signalAt(x, i), step);
        const y = affine(signalAt(x, i), step.factor, step.offset);
        return needsWire(step, x.form) ? wire(materialise(cs.builder, y)) : y;
      });
    }
    case 'max': {
      const [x] = inputs as [Signals];
      const bounds = choice as Extract<Choice, { kind: 'compare' }>;
      const reader = windows(operation);
      return fromGadgets(length, (i) => constrainMax(cs, Array.from(reader.read(i), (j) => signalAt(x, j)), { ...operation, ...bounds }));
    }
    case 'argmax': {
      const [x] = inputs as [Signals];
      const bounds = choice as Extract<Choice, { kind: 'compare' }>;
      const { length: count, inner } = operation;
      return fromGadgets(length, (i) => {
        const first = Math.floor(i / inner) * count * inner + (i % inner);
        const values = Array.from({ length: count }, (_, k) => signalAt(x, first + k * inner));
        return wire(materialise(cs.builder, constrainArgmax(cs, values, { ...operation, ...bounds })));
      });
    }
    case 'softmax': {
      const [x] = inputs as [Signals];
      const parameters = softmaxParameters(operation, choice as Extract<Choice, { kind: 'compare' }>);
      const rows = Array.from({ length: length / operation.length }, (_, row) => constrainSoftmax(cs, Array.from({ length: operation.length }, (_unused, i) => signalAt(x, row * operation.length + i)), parameters));
      return fromGadgets(length, (i) => rows[Math.floor(i / operation.length)]?.[i % operation.length] as LinearCombination);
    }
    case 'fit':
    case 'bilinear':
    case 'compare':
    case 'select':
    case 'divide':
    case 'bits':
      return emitInteger(cs, operation, choice as IntegerChoice, length, inputs);
  }
}

/** Bits are laid out bit by bit: element bit · n + i is a bit of operand element i. */
function emitInteger(cs: ConstraintSystem, operation: IntegerOperation, choice: IntegerChoice, length: number, inputs: readonly Signals[]): Signals {
  const perElement = operation.kind === 'bits' ? operation.width : 1;
  const count = length / perElement;
  const results = Array.from({ length: count }, (_, i) => constrainInteger(cs, operation, choice, i, inputs.map((input) => signalAt(input, i))));
  return fromGadgets(length, (j) => results[j % count]?.[Math.floor(j / count)] as LinearCombination);
}

function emitLinear(cs: ConstraintSystem, { map }: LinearOperation, form: Form, source: Signals): Signals {
  const rows = linearRows(map);
  const row = new LinearRow();
  const at = (index: number): LinearCombination => {
    rows.read(index, row);
    return combine(row, source);
  };
  return form === 'combination' ? { form, length: rows.count, at } : fromGadgets(rows.count, (index) => wire(materialise(cs.builder, at(index))));
}

/** Each pack of weights is written where it is first needed, and shared by all that read the same weights. */
function emitWeighted(cs: ConstraintSystem, operation: WeightedOperation, choice: Extract<Choice, { kind: 'packed' }>, [x, weights, biases]: readonly Signals[], length: number): Signals {
  const { map, inputZero, weightZero } = operation;
  const rows = linearRows(map);
  const packs = new Map<number, LinearCombination>();
  const sums: LinearCombination[] = new Array<LinearCombination>(length);
  for (const group of weightedGroups(map, choice.perPack)) {
    const members = group.map((index) => readRow(rows, index));
    const pairs = Array.from(members[0]?.indices ?? [], (source, term): [LinearCombination, LinearCombination] => {
      const places = members.map((member) => (member.weights[term] as number) - 1);
      const known = packs.get(places[0] as number) ?? constrainPack(cs, places.map((place) => affine(signalAt(weights as Signals, place), 1, -weightZero)), choice);
      packs.set(places[0] as number, known);
      return [affine(signalAt(x as Signals, source), 1, -inputZero), known];
    });
    const added = members.map(({ constant: place }) => (place === 0 ? ZERO : signalAt(biases as Signals, place - 1)));
    constrainPackedSums(cs, pairs, added, choice).forEach((sum, j) => (sums[group[j] as number] = sum));
  }
  return fromGadgets(length, (i) => sums[i] as LinearCombination);
}

function emitProduct(cs: ConstraintSystem, { terms, left, right, leftZero, rightZero }: ProductOperation, [a, b]: readonly [Signals, Signals]): Signals {
  return fromGadgets(left.length / terms, (i) => {
    const pairs = Array.from({ length: terms }, (_, k): readonly [LinearCombination, LinearCombination] => [
      affine(signalAt(a, left[i * terms + k] as number), 1, -leftZero),
      affine(signalAt(b, right[i * terms + k] as number), 1, -rightZero),
    ]);
    return constrainProducts(cs, pairs);
  });
}

/** One row of a linear map over the signals of its input. */
function combine({ indices, weights, length, constant }: LinearRow, source: Signals): LinearCombination {
  if (source.form === 'combination') {
    return add(wire(ONE_WIRE, constant), ...Array.from({ length }, (_, term) => affine(source.at(indices[term] as number), weights[term] as number, 0)));
  }
  const wires: number[] = [ONE_WIRE];
  const coefficients: number[] = [0];
  let sum = constant;
  for (let term = 0; term < length; term++) {
    const index = indices[term] as number;
    const weight = weights[term] as number;
    sum += weight * (source.offsets[index] as number);
    const own = source.wires[index] as number;
    if (own < 0) continue;
    wires.push(own);
    coefficients.push(weight);
  }
  coefficients[0] = sum;
  return { wires, coefficients };
}

/** Signals in wires from the result of each element, which is one wire plus a constant. */
function fromGadgets(length: number, element: (index: number) => LinearCombination): Signals {
  const result = emptySignals(length);
  for (let i = 0; i < length; i++) {
    const single = asWirePlusConstant(element(i));
    if (single === undefined) throw new ZkonnxError('INTERNAL', { message: `element ${i} of a tensor has no wire of its own` });
    result.wires[i] = single.wire;
    result.offsets[i] = single.offset;
  }
  return result;
}

/** A combination as wire + offset, if it has that form. */
function asWirePlusConstant({ wires, coefficients }: LinearCombination): { wire: number; offset: number } | undefined {
  let own = -1;
  let offset = 0;
  for (let term = 0; term < wires.length; term++) {
    const coefficient = coefficients[term] as number;
    if (coefficient === 0) continue;
    if (wires[term] === ONE_WIRE) offset += coefficient;
    else if (own === -1 && coefficient === 1) own = wires[term] as number;
    else return undefined;
  }
  return { wire: own, offset };
}
