/**
 * Takes a rescaling that a model spells out in integer operators (multiply, add, divide, clip) as the one step function that it is.
 * Each of these is a non-decreasing function of one tensor, so their composition is one too, and a step of 256 levels costs less
 * than a division and its clipping. The tensors in between are not in the circuit any more.
 */
import { ProgramBuilder } from '../program/builder.js';
import { isInside, type BilinearOperation, type DivideOperation } from '../program/integerOperation.js';
import { hull, type Integers } from '../program/interval.js';
import { operands, TYPE_RANGE, type LinearOperation, type Operation, type Program, type StepOperation, type TensorId } from '../program/program.js';
import { evaluateStep, stepFunction, type StepFunction } from '../program/step.js';
import { withOperands } from './withOperands.js';

/** Steps of more levels have other forms than those that make joining worth while. */
const MOST_LEVELS = 2 ** 10;

/** An operation that computes each element as a non-decreasing function of one element of one tensor. */
interface Link {
  readonly source: TensorId;
  /** What tells the function of element i from those of other elements. */
  readonly parameters: (i: number) => readonly number[];
  readonly evaluate: (x: number, parameters: readonly number[]) => number;
  /** What it costs alone: a view or a sum nothing, others rows. */
  readonly costly: boolean;
}

/** An equal program with chains of such operations in one step each. */
export function joinSteps(program: Program): Program {
  const links = program.operations.map((operation, id) => linkOf(program, operation, id));
  const absorbed = absorbedTensors(program, links);
  const builder = new ProgramBuilder();
  const renamed: TensorId[] = [];
  program.operations.forEach((operation, id) => {
    const tensor = program.tensors[id] as Program['tensors'][number];
    const joined = absorbed.has(id) ? undefined : joinedStep(program, links, absorbed, id);
    if (joined !== undefined) {
      const { source, functions, inner } = joined;
      renamed.push(builder.add({ kind: 'step', inputs: [renamed[source] as TensorId], inner, functions }, tensor));
    } else renamed.push(builder.add(withOperands(operation, operands(operation).map((operand) => renamed[operand] as TensorId)), tensor));
  });
  return withoutUnused(builder.finish(program.outputs.map((output) => renamed[output] as TensorId)));
}

function linkOf(program: Program, operation: Operation, id: TensorId): Link | undefined {
  const length = program.tensors[id]?.bounds.lo.length ?? 0;
  const first = operands(operation)[0];
  if (first === undefined || (operation.kind !== 'linear' && program.tensors[first]?.bounds.lo.length !== length)) return undefined;
  if (operation.kind === 'view') return operation.index === undefined && operation.inputs.length === 1 ? { source: first, parameters: () => [], evaluate: (x) => x, costly: false } : undefined;
  if (operation.kind === 'step') return stepLink(operation);
  if (operation.kind === 'linear') return sumLink(program, operation, length);
  if (operation.kind === 'bilinear') return bilinearLink(program, operation);
  return operation.kind === 'divide' ? divideLink(program, operation) : undefined;
}

function stepLink({ inputs: [source], inner, functions }: StepOperation): Link {
  return { source, parameters: (i) => [Math.floor(i / inner) % functions.length], evaluate: (x, [index]) => evaluateStep(functions[index as number] as StepFunction, x), costly: true };
}

/** factor · x + constant, where all other terms are constants. */
function sumLink(program: Program, { inputs, map }: LinearOperation, length: number): Link | undefined {
  if (map.kind !== 'sum') return undefined;
  const constants = inputs.map((id) => constantValues(program, id));
  const starts: number[] = [];
  inputs.reduce((start, id) => {
    starts.push(start);
    return start + (program.tensors[id]?.bounds.lo.length ?? 0);
  }, 0);
  const ownerOf = (at: number): number => starts.findLastIndex((start) => start <= at);
  const owners = map.indices.map((index) => ownerOf(index[0] as number));
  const variable = owners.flatMap((owner, term) => (constants[owner] === undefined ? [term] : []));
  const [term] = variable;
  if (variable.length !== 1 || term === undefined || !((map.factors[term] as number) > 0)) return undefined;
  const start = starts[owners[term] as number] as number;
  const ends = starts.map((own, owner) => own + (program.tensors[inputs[owner] as TensorId]?.bounds.lo.length ?? 0));
  const straight = map.indices.every((index, at) => index.every((element, i) => (at === term ? element === start + i : element >= (starts[owners[at] as number] as number) && element < (ends[owners[at] as number] as number))));
  if (!straight || program.tensors[inputs[owners[term] as number] as TensorId]?.bounds.lo.length !== length) return undefined;
  const offset = (i: number): number => map.indices.reduce((total, index, at) => {
    if (at === term) return total;
    const owner = owners[at] as number;
    return total + (map.factors[at] as number) * ((constants[owner] as Integers)[(index[i] as number) - (starts[owner] as number)] as number);
  }, map.constant[i] as number);
  const factor = map.factors[term] as number;
  return { source: inputs[owners[term] as number] as TensorId, parameters: (i) => [offset(i)], evaluate: (x, [added]) => factor * x + (added as number), costly: false };
}

/** A product with positive constants that stays in the range of its type. */
function bilinearLink(program: Program, { inputs: [a, b], product, left, right, constant, fit }: BilinearOperation): Link | undefined {
  const constants = constantValues(program, b);
  const x = program.tensors[a]?.bounds;
  if (constants === undefined || x === undefined) return undefined;
  const slope = (i: number): number => product * (constants[i] as number) + left;
  const added = (i: number): number => right * (constants[i] as number) + constant;
  for (let i = 0; i < constants.length; i++) {
    if (slope(i) <= 0 || !isInside({ lo: slope(i) * (x.lo[i] as number) + added(i), hi: slope(i) * (x.hi[i] as number) + added(i) }, fit)) return undefined;
  }
  return { source: a, parameters: (i) => [slope(i), added(i)], evaluate: (value, [by, plus]) => (by as number) * value + (plus as number), costly: true };
}

/** A quotient by positive constants. */
function divideLink(program: Program, { inputs: [a, d], rounding, result }: DivideOperation): Link | undefined {
  const constants = constantValues(program, d);
  if (constants === undefined || result !== 'quotient' || constants.some((value) => value <= 0)) return undefined;
  const round = rounding === 'floor' ? Math.floor : Math.trunc;
  // The double nearest to a quotient of two integers of int32 lies on the same side of every integer as the quotient.
  return { source: a, parameters: (i) => [constants[i] as number], evaluate: (x, [by]) => round(x / (by as number)) + 0, costly: true };
}

/** The elements of a tensor whose interval leaves one value to each. */
function constantValues(program: Program, id: TensorId): Integers | undefined {
  const bounds = program.tensors[id]?.bounds;
  return bounds !== undefined && bounds.lo.every((value, i) => value === bounds.hi[i]) ? bounds.lo : undefined;
}

/** Results of links that only one other link reads. */
function absorbedTensors(program: Program, links: readonly (Link | undefined)[]): Set<TensorId> {
  const uses = new Array<number>(program.operations.length).fill(0);
  program.operations.forEach((operation) => operands(operation).forEach((id) => { uses[id] = (uses[id] as number) + 1; }));
  for (const id of program.outputs) uses[id] = (uses[id] as number) + 2;
  const absorbed = new Set<TensorId>();
  // Backwards, so that what an unworthy chain would have absorbed stays.
  for (let id = program.operations.length - 1; id >= 0; id--) {
    if (absorbed.has(id) || links[id] === undefined || !isNarrow(program, id)) continue;
    const chain = chainOf(links, uses, id);
    const costly = chain.filter((member) => links[member]?.costly);
    const { lo, hi } = hull((program.tensors[links[chain[chain.length - 1] as TensorId]?.source as TensorId] as Program['tensors'][number]).bounds);
    if (lo < TYPE_RANGE.int32.lo || hi > TYPE_RANGE.int32.hi) continue;
    if (costly.length > 1 || costly.some((member) => program.operations[member]?.kind === 'divide')) for (const member of chain.slice(1)) absorbed.add(member);
  }
  return absorbed;
}

function chainOf(links: readonly (Link | undefined)[], uses: readonly number[], id: TensorId): TensorId[] {
  const chain = [id];
  for (let next = links[id]?.source; next !== undefined && links[next] !== undefined && uses[next] === 1; next = links[next]?.source) chain.push(next);
  return chain;
}

function isNarrow(program: Program, id: TensorId): boolean {
  const { lo, hi } = hull((program.tensors[id] as Program['tensors'][number]).bounds);
  return hi - lo < MOST_LEVELS;
}

/** The step that an operation is together with what it absorbs; undefined when it absorbs nothing. */
function joinedStep(program: Program, links: readonly (Link | undefined)[], absorbed: ReadonlySet<TensorId>, id: TensorId): { source: TensorId; functions: StepFunction[]; inner: number } | undefined {
  const chain: Link[] = [];
  let source = id;
  for (let link = links[id]; link !== undefined && (source === id || absorbed.has(source)); link = links[source]) {
    chain.unshift(link);
    source = link.source;
  }
  if (chain.length < 2) return undefined;
  const { lo, hi } = (program.tensors[source] as Program['tensors'][number]).bounds;
  const length = lo.length;
  const classes = new Map<string, { parameters: readonly (readonly number[])[]; least: number; most: number; number: number }>();
  const classOf = Int32Array.from({ length }, (_, i) => {
    const parameters = chain.map((link) => link.parameters(i));
    const key = parameters.join(';');
    const known = classes.get(key);
    const [least, most] = [lo[i] as number, hi[i] as number];
    const number = known?.number ?? classes.size;
    classes.set(key, { parameters, number, least: Math.min(least, known?.least ?? least), most: Math.max(most, known?.most ?? most) });
    return number;
  });
  const steps = [...classes.values()].map(({ parameters, least, most }) =>
    stepFunction((x) => chain.reduce((value, { evaluate }, at) => evaluate(value, parameters[at] as readonly number[]), x), least, most));
  const { inner, period } = patternOf(classOf);
  return { source, inner, functions: Array.from({ length: period }, (_, block) => steps[classOf[block * inner] as number] as StepFunction) };
}

/** The largest blocks of equal numbers, and after how many blocks they repeat. */
function patternOf(numbers: Int32Array): { inner: number; period: number } {
  const { length } = numbers;
  let inner = length;
  for (let i = 1; i < length; i++) if (numbers[i] !== numbers[i - 1]) inner = greatestCommonDivisor(inner, i);
  const blocks = length / inner;
  for (let period = 1; period < blocks; period++) {
    if (blocks % period !== 0) continue;
    let repeats = true;
    for (let block = period; repeats && block < blocks; block++) repeats = numbers[block * inner] === numbers[(block - period) * inner];
    if (repeats) return { inner, period };
  }
  return { inner, period: blocks };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Without operations on which neither an output nor an input depends. */
function withoutUnused(program: Program): Program {
  const live = new Set<TensorId>([...program.outputs, ...program.inputs, ...program.weights]);
  for (let id = program.operations.length - 1; id >= 0; id--) if (live.has(id)) for (const operand of operands(program.operations[id] as Operation)) live.add(operand);
  if (live.size === program.operations.length) return program;
  const builder = new ProgramBuilder();
  const renamed: TensorId[] = [];
  program.operations.forEach((operation, id) => {
    if (live.has(id)) renamed[id] = builder.add(withOperands(operation, operands(operation).map((operand) => renamed[operand] as TensorId)), program.tensors[id] as Program['tensors'][number]);
  });
  return builder.finish(program.outputs.map((output) => renamed[output] as TensorId));
}
