/**
 * Rows, wires and non-zero entries of a circuit, by operation, without building it: each distinct gadget is written once into a
 * scratch system and counted as often as it occurs, and the terms of linear maps are counted row by row. So the memory that this
 * takes does not grow with the rows. Rows and wires are exact; entries are exact but for constants that happen to cancel, and for
 * gadgets whose operands are constants in places.
 */
import { constrainArgmax } from '../../circuits/argmax.js';
import type { ConstraintSystem } from '../../circuits/constraintSystem.js';
import { constrainInput } from '../../circuits/input.js';
import { constrainMax } from '../../circuits/max.js';
import { constrainContext } from '../../circuits/pack.js';
import { constrainPack, constrainPackedSums } from '../../circuits/packedProducts.js';
import { constrainProducts } from '../../circuits/products.js';
import { materialise, RangeChecks } from '../../circuits/range.js';
import { constrainSoftmax } from '../../circuits/softmax.js';
import { throwIfAborted } from '../errors/index.js';
import { LinearRow, linearRows } from '../program/linear.js';
import { windows } from '../program/pool.js';
import { weightedGroups, type WeightedOperation } from '../program/weighted.js';
import { operands, type LinearOperation, type Operation, type Program, type ProgramTensor, type ViewOperation } from '../program/program.js';
import { R1csBuilder } from '../r1cs/builder.js';
import { constant, ONE_WIRE, wire, type LinearCombination } from '../r1cs/linearCombination.js';
import { elementCount, elementsPerWord, signalCount, type PublicLayout, type PublicTensor } from '../verify/publicLayout.js';
import { committedParts, type Committed } from '../verify/visibility.js';
import { constrainPart, constrainTensor } from './boundary.js';
import type { Choice } from './choices.js';
import type { Form } from './forms.js';
import { constrainInteger, type IntegerChoice } from './integerGadgets.js';
import { affine } from './signals.js';
import { softmaxParameters } from './softmaxChoice.js';
import { constrainStep, needsWire, type StepChoice } from './stepChoice.js';

/** How much of a circuit something takes. */
export interface Size {
  readonly rows: number;
  /** Private wires; for a whole circuit all of them. */
  readonly wires: number;
  /** Non-zero entries of the three matrices. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export interface CircuitSize {
  /** By operation of the program. */
  readonly operations: readonly Size[];
  /** The public words, commitments and the context. */
  readonly frame: Size;
  /** All of it, with the public wires and the constant. */
  readonly total: Size;
}

export interface MeasureParameters {
  readonly program: Program;
  readonly choices: readonly Choice[];
  readonly forms: readonly Form[];
  readonly layout: PublicLayout;
  readonly signal?: AbortSignal | undefined;
  /** Called after each operation with the share that is done, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** @throws ZkonnxError CANCELLED */
export function measureCircuit({ program, choices, forms, layout, signal, onProgress }: MeasureParameters): CircuitSize {
  const scratch = new Scratch();
  const elements: Elements[] = [];
  const operations: Size[] = [];
  program.operations.forEach((operation, id) => {
    throwIfAborted(signal);
    const sources = operands(operation).map((operand) => elements[operand] as Elements);
    const measured = measureOperation({ scratch, operation, tensor: program.tensors[id] as ProgramTensor, choice: choices[id] as Choice, form: forms[id] as Form, sources });
    operations.push(measured.size);
    elements.push(measured.result);
    onProgress?.((id + 1) / program.operations.length);
  });
  // Averages over rows leave fractions behind.
  const rounded = operations.map(({ rows, wires, a, b, c }): Size => ({ rows, wires, a: Math.round(a), b: Math.round(b), c: Math.round(c) }));
  const frame = frameSize(scratch, layout, { outputs: program.outputs.map((id) => elements[id] as Elements), inputs: program.inputs.map((id) => elements[id] as Elements), weights: program.weights.map((id) => elements[id] as Elements) });
  const total = [...rounded, frame].reduce(sum, EMPTY);
  return { operations: rounded, frame, total: { ...total, wires: total.wires + 1 + signalCount(layout) } };
}

const EMPTY: Size = { rows: 0, wires: 0, a: 0, b: 0, c: 0 };

function sum(x: Size, y: Size): Size {
  return { rows: x.rows + y.rows, wires: x.wires + y.wires, a: x.a + y.a, b: x.b + y.b, c: x.c + y.c };
}

function times(size: Size, factor: number): Size {
  return { rows: size.rows * factor, wires: size.wires * factor, a: size.a * factor, b: size.b * factor, c: size.c * factor };
}

/** What the elements of a tensor look like, on average, in the rows that read them. */
interface Elements {
  readonly form: Form;
  /** Wires in one element. */
  readonly terms: number;
  /** The constant that is added to them; NaN where it differs. */
  readonly offset: number;
  readonly length: number;
  /** Of elements that were moved: which wire each has, or −1 for a constant. Undefined where each has one of its own. */
  readonly wires?: Int32Array | undefined;
  /** The value of the constants; NaN where it differs. */
  readonly fill?: number;
}

const WIRES = { form: 'wires', terms: 1, offset: 0 } as const;

/** A system in which gadgets are tried out. */
class Scratch {
  #cs = emptySystem();

  /**
   * The size of what `emit` writes. It gets its operands from `operand`; one with many terms stands for itself twice, so that what a
   * term costs is known.
   */
  measure(sources: readonly Elements[], emit: (cs: ConstraintSystem, operand: (index: number) => LinearCombination) => LinearCombination | undefined): { readonly size: Size; readonly offset: number } {
    const dense = sources.some(({ form }) => form === 'combination');
    const few = this.#once(sources, 2, emit);
    if (!dense) return few;
    const more = this.#once(sources, 3, emit);
    const terms = sources.find(({ form }) => form === 'combination')?.terms ?? 1;
    return { ...few, size: sum(few.size, times(sum(more.size, times(few.size, -1)), terms - 2)) };
  }

  #once(sources: readonly Elements[], terms: number, emit: Parameters<Scratch['measure']>[1]): ReturnType<Scratch['measure']> {
    if (this.#cs.builder.rowCount > MOST_SCRATCH_ROWS) this.#cs = emptySystem();
    const { builder, ranges } = this.#cs;
    const before = sizeSoFar(builder);
    let given = 0;
    const operand = (index: number): LinearCombination => {
      const { form, offset } = sources[index] as Elements;
      const count = form === 'combination' ? terms : 1;
      const first = builder.allocate(count);
      given += count;
      const own = Array.from({ length: count }, (_, term) => first + term);
      const factor = form === 'combination' ? DISTINCT : 1;
      const added = Number.isNaN(offset) ? DISTINCT : offset;
      return { wires: added === 0 ? own : [ONE_WIRE, ...own], coefficients: [...(added === 0 ? [] : [added]), ...own.map(() => factor)] };
    };
    const result = emit(this.#cs, operand);
    ranges.resolve();
    const size = sum(sizeSoFar(builder), times(before, -1));
    return { size: { ...size, wires: size.wires - given }, offset: result === undefined ? 0 : offsetOf(result) };
  }
}

/** A scratch system is thrown away when it has grown to this. */
const MOST_SCRATCH_ROWS = 2 ** 14;

/** A coefficient that cancels with nothing that a gadget adds. */
const DISTINCT = 1_299_709;

function emptySystem(): ConstraintSystem {
  const builder = new R1csBuilder({ publicOutputCount: 0, publicInputCount: 1 });
  return { builder, ranges: new RangeChecks(builder) };
}

function sizeSoFar(builder: R1csBuilder): Size {
  return { rows: builder.rowCount, wires: builder.wireCount, ...builder.entryCounts };
}

function offsetOf({ wires, coefficients }: LinearCombination): number {
  return wires.reduce((total, own, term) => (own === ONE_WIRE ? total + Number(coefficients[term]) : total), 0);
}

/** The value that all have in common, or NaN. */
function common(values: readonly number[]): number {
  const [first = 0] = values;
  return values.every((value) => value === first) ? first : NaN;
}

interface OperationParameters {
  readonly scratch: Scratch;
  readonly operation: Operation;
  readonly tensor: ProgramTensor;
  readonly choice: Choice;
  readonly form: Form;
  readonly sources: readonly Elements[];
}

interface Measured {
  readonly size: Size;
  readonly result: Elements;
}

/** As emitOperation of emit.ts, with one gadget for all that are alike. */
function measureOperation({ scratch, operation, tensor, choice, form, sources }: OperationParameters): Measured {
  const length = tensor.bounds.lo.length;
  const all = (count: number, { size, offset }: ReturnType<Scratch['measure']>): Measured => ({ size: times(size, count), result: { ...WIRES, offset, length } });
  switch (operation.kind) {
    case 'input':
      return all(length, scratch.measure([], (cs) => constrainInput(cs, operation)));
    case 'constant':
      return { size: EMPTY, result: { form: 'wires', terms: 0, offset: 0, length, wires: new Int32Array(length).fill(-1), fill: operation.values.every((value) => value === operation.values[0]) ? (operation.values[0] ?? 0) : NaN } };
    case 'view':
      return { size: EMPTY, result: viewed(operation, sources, form) };
    case 'linear':
      return measureLinear(scratch, operation, form, sources);
    case 'weighted':
      return { size: weightedSize(scratch, operation, choice as Extract<Choice, { kind: 'packed' }>, sources), result: { ...WIRES, length } };
    case 'product': {
      const { terms, leftZero, rightZero } = operation;
      const gadget = scratch.measure(sources, (cs, operand) => constrainProducts(cs, Array.from({ length: terms }, () => [affine(operand(0), 1, -leftZero), affine(operand(1), 1, -rightZero)] as const)));
      return all(operation.left.length / terms, gadget);
    }
    case 'step':
    case 'table':
      return measureSteps(scratch, (choice as Extract<Choice, { kind: 'steps' }>).steps, length, operation.inner, sources);
    case 'max': {
      const bounds = choice as Extract<Choice, { kind: 'compare' }>;
      const reader = windows(operation);
      const sizes = new Map<number, number>();
      for (let i = 0; i < length; i++) {
        const values = reader.read(i).length;
        sizes.set(values, (sizes.get(values) ?? 0) + 1);
      }
      const parts = [...sizes].map(([values, count]) => all(count, scratch.measure(sources, (cs, operand) => constrainMax(cs, Array.from({ length: values }, () => operand(0)), { ...operation, ...bounds }))));
      return together(parts, length);
    }
    case 'argmax': {
      const bounds = choice as Extract<Choice, { kind: 'compare' }>;
      return all(length, scratch.measure(sources, (cs, operand) => wire(materialise(cs.builder, constrainArgmax(cs, Array.from({ length: operation.length }, () => operand(0)), { ...operation, ...bounds })))));
    }
    case 'softmax': {
      const parameters = softmaxParameters(operation, choice as Extract<Choice, { kind: 'compare' }>);
      const row = scratch.measure(sources, (cs, operand) => constrainSoftmax(cs, Array.from({ length: operation.length }, () => operand(0)), parameters)[0]);
      return { ...all(length / operation.length, row), result: { ...WIRES, offset: 0, length } };
    }
    case 'fit':
    case 'bilinear':
    case 'compare':
    case 'select':
    case 'bits': {
      const perElement = operation.kind === 'bits' ? operation.width : 1;
      return all(length / perElement, scratch.measure(sources, (cs, operand) => constrainInteger(cs, operation, choice as IntegerChoice, 0, sources.map((_, index) => operand(index)))[0]));
    }
    case 'divide': {
      const { divisors } = choice as Extract<IntegerChoice, { kind: 'divide' }>;
      const counts = new Map<number, { readonly first: number; count: number }>();
      for (let i = 0; i < length; i++) {
        const known = counts.get(divisors?.[i] ?? 0);
        if (known === undefined) counts.set(divisors?.[i] ?? 0, { first: i, count: 1 });
        else known.count++;
      }
      return together([...counts.values()].map(({ first, count }) => all(count, scratch.measure(sources, (cs, operand) => constrainInteger(cs, operation, choice as IntegerChoice, first, sources.map((_, index) => operand(index)))[0]))), length);
    }
  }
}

/** As emitWeighted of emit.ts: each kind of group is written once, and the packs are counted. */
function weightedSize(scratch: Scratch, { map, inputZero, weightZero }: WeightedOperation, choice: Extract<Choice, { kind: 'packed' }>, sources: readonly Elements[]): Size {
  const rows = linearRows(map);
  const row = new LinearRow();
  const packs = new Map<number, number>();
  const groups = new Map<string, { readonly terms: number; readonly sums: number; readonly biased: boolean; count: number }>();
  for (const group of weightedGroups(map, choice.perPack)) {
    rows.read(group[0] as number, row);
    for (let term = 0; term < row.length; term++) packs.set(row.weights[term] as number, group.length);
    const kind = { terms: row.length, sums: group.length, biased: row.constant !== 0 };
    const key = JSON.stringify(kind);
    const known = groups.get(key) ?? { ...kind, count: 0 };
    known.count++;
    groups.set(key, known);
  }
  const packed = new Map<number, number>();
  for (const sums of packs.values()) packed.set(sums, (packed.get(sums) ?? 0) + 1);
  const sizes = [...packed].map(([sums, count]) => times(scratch.measure(sources, (cs, operand) => constrainPack(cs, Array.from({ length: sums }, () => affine(operand(1), 1, -weightZero)), choice)).size, count));
  for (const { terms, sums, biased, count } of groups.values()) {
    const { size } = scratch.measure(sources, (cs, operand) => {
      const spare = cs.builder.allocate(1);
      const pairs = Array.from({ length: terms }, () => [affine(operand(0), 1, -inputZero), wire(spare)] as const);
      constrainPackedSums(cs, pairs, Array.from({ length: sums }, () => (biased ? operand(2) : constant(0))), choice);
      return undefined;
    });
    sizes.push(times({ ...size, wires: size.wires - 1 }, count));
  }
  return sizes.reduce(sum, EMPTY);
}

function together(parts: readonly Measured[], length: number): Measured {
  return { size: parts.reduce((total, { size }) => sum(total, size), EMPTY), result: { ...WIRES, offset: common(parts.map(({ result }) => result.offset)), length } };
}

function viewed({ index, fill }: ViewOperation, sources: readonly Elements[], form: Form): Elements {
  const total = lengthOf(sources);
  const terms = sources.reduce((sum, source) => sum + source.terms * source.length, 0) / Math.max(1, total);
  const before = wiresOf(sources);
  const wires = index === undefined ? before : index.map((from) => (from < 0 ? -1 : (before?.[from] ?? from)));
  const filled = index?.includes(-1) === true;
  return { form, terms, offset: commonOffset(sources), length: index?.length ?? total, wires, fill: common([...fillsOf(sources), ...(filled ? [fill] : [])]) };
}

function lengthOf(sources: readonly Elements[]): number {
  return sources.reduce((total, { length }) => total + length, 0);
}

/** The wires of several tensors laid end to end, those of different tensors being different. */
function wiresOf(sources: readonly Elements[]): Int32Array | undefined {
  if (sources.every(({ wires }) => wires === undefined)) return undefined;
  const result = new Int32Array(lengthOf(sources));
  let start = 0;
  let next = 0;
  for (const { length, wires } of sources) {
    let largest = -1;
    for (let i = 0; i < length; i++) {
      const own = wires?.[i] ?? i;
      result[start + i] = own < 0 ? -1 : next + own;
      largest = Math.max(largest, own);
    }
    start += length;
    next += largest + 1;
  }
  return result;
}

/** The constants that several tensors hold. */
function fillsOf(sources: readonly Elements[]): number[] {
  return sources.flatMap(({ wires, fill = 0 }) => (wires?.includes(-1) === true ? [fill] : []));
}

/** The offset of tensors laid end to end. Where all elements are constants it does not matter. */
function commonOffset(sources: readonly Elements[]): number {
  return common(sources.filter(({ terms }) => terms > 0).map(({ offset }) => offset));
}

function measureSteps(scratch: Scratch, steps: readonly StepChoice[], length: number, inner: number, sources: readonly Elements[]): Measured {
  const cycle = inner * steps.length;
  const whole = Math.floor(length / cycle);
  const rest = length % cycle;
  return together(
    steps.map((step, channel) => {
      const count = whole * inner + Math.min(inner, Math.max(0, rest - channel * inner));
      const gadget = scratch.measure(sources, (cs, operand) => {
        if (step.kind !== 'linear') return constrainStep(cs, operand(0), step);
        const y = affine(operand(0), step.factor, step.offset);
        return needsWire(step, (sources[0] as Elements).form) ? wire(materialise(cs.builder, y)) : y;
      });
      return { size: times(gadget.size, count), result: { ...WIRES, offset: gadget.offset, length } };
    }),
    length,
  );
}

/** The terms of every row are counted; a row with a wire of its own holds them, its constant and that wire. */
function measureLinear(scratch: Scratch, { map }: LinearOperation, form: Form, sources: readonly Elements[]): Measured {
  const rows = linearRows(map);
  const row = new LinearRow();
  const offset = commonOffset(sources);
  const wires = wiresOf(sources);
  const fill = common(fillsOf(sources));
  // The row in which a wire was seen last: a wire counts once in a row.
  const seen = wires === undefined ? undefined : new Int32Array(wires.reduce((most, own) => Math.max(most, own), -1) + 1).fill(-1);
  let terms = 0;
  let withConstant = 0;
  for (let i = 0; i < rows.count; i++) {
    rows.read(i, row);
    let sum = row.constant;
    for (let term = 0; term < row.length; term++) {
      const own = wires === undefined ? 0 : (wires[row.indices[term] as number] as number);
      sum += (row.weights[term] as number) * (own < 0 ? fill : offset);
      if (own < 0 || seen?.[own] === i) continue;
      if (seen !== undefined) seen[own] = i;
      terms++;
    }
    // An unknown offset leaves some constant, as good as always.
    if (sum !== 0) withConstant++;
  }
  const length = rows.count;
  if (form === 'combination') return { size: EMPTY, result: { form, terms: terms / Math.max(1, length), offset: withConstant * 2 >= length ? NaN : 0, length } };
  const own = scratch.measure([], (cs) => wire(materialise(cs.builder, constant(0))));
  const size = times(own.size, length);
  return { size: { ...size, c: size.c + terms + withConstant }, result: { ...WIRES, length } };
}

/** The rows around the program: public words, commitments, and the context. */
function frameSize(scratch: Scratch, layout: PublicLayout, elements: Readonly<Record<Committed, readonly Elements[]>>): Size {
  const words = (['outputs', 'inputs'] as const).flatMap((side) =>
    (layout.visibility[side] === 'public' ? layout[side] : []).map((tensor, index) => {
      const count = elementCount(tensor);
      const perWord = elementsPerWord(tensor.type);
      const own = elements[side][index] as Elements;
      const full = wordSize(scratch, tensor, own, perWord);
      return sum(times(full, Math.floor(count / perWord)), count % perWord === 0 ? EMPTY : wordSize(scratch, tensor, own, count % perWord));
    }),
  );
  const commitments = committedParts(layout.visibility).map((part) => scratch.measure(elements[part], (cs, operand) => {
    constrainPart(cs, layout, part, (_, tensor) => operand(tensor));
    return undefined;
  }).size);
  const context = scratch.measure([], (cs) => {
    constrainContext(cs, 1);
    return undefined;
  });
  const { rows, wires, a, b, c } = [...words, ...commitments, context.size].reduce(sum, EMPTY);
  return { rows, wires, a: Math.round(a), b: Math.round(b), c: Math.round(c) };
}

function wordSize(scratch: Scratch, tensor: PublicTensor, elements: Elements, count: number): Size {
  return scratch.measure([elements], (cs, operand) => {
    constrainTensor(cs, { ...tensor, shape: [count], offset: 0 }, () => operand(0));
    return undefined;
  }).size;
}
