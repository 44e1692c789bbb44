/**
 * Takes maxima before rescaling where that is cheaper. A step function is non-decreasing, so max(f(a), f(b)) = f(max(a, b)) when
 * the whole window shares f; a 2 × 2 pooling then rescales one value instead of four, at the price of wider comparisons. (Arg
 * maxima never move: rescaling makes ties.)
 */
import { ProgramBuilder } from '../program/builder.js';
import { hull } from '../program/interval.js';
import { operands, type MaxOperation, type Program, type StepOperation, type TensorId } from '../program/program.js';
import type { StepFunction } from '../program/step.js';
import { withOperands } from './withOperands.js';

/** Rows of one application of each primitive. */
export interface RowCosts {
  step(step: StepFunction, xIsWire: boolean): number;
  /** Maximum of two values in [lo, hi]. */
  maximum(lo: number, hi: number): number;
}

/** An equal program in which maxima come before steps where that saves rows. */
export function maximaFirst(program: Program, costs: RowCosts): Program {
  const builder = new ProgramBuilder();
  const renamed: TensorId[] = [];
  const moved = new Set<TensorId>();
  program.operations.forEach((operation, id) => {
    if (operation.kind !== 'max') return;
    const step = movableStep(program, operation);
    if (step !== undefined && saves(program, operation, step.operation, costs)) moved.add(step.id).add(id);
  });
  program.operations.forEach((operation, id) => {
    const tensor = program.tensors[id] as Program['tensors'][number];
    // A moved step has no tensor of its own: its consumer, the maximum, reads what it read.
    if (operation.kind === 'step' && moved.has(id)) renamed.push(renamed[operation.inputs[0]] as TensorId);
    else if (operation.kind === 'max' && moved.has(id)) {
      const step = program.operations[operation.inputs[0]] as StepOperation;
      const source = renamed[operation.inputs[0]] as TensorId;
      const maximum = builder.add({ ...operation, inputs: [source] }, { ...tensor, name: `${tensor.name}:maximum`, type: builder.tensor(source).type });
      renamed.push(builder.add({ kind: 'step', inputs: [maximum], inner: innerAfter(operation, step), functions: step.functions }, tensor));
    } else renamed.push(builder.add(withOperands(operation, operands(operation).map((operand) => renamed[operand] as TensorId)), tensor));
  });
  return builder.finish(program.outputs.map((output) => renamed[output] as TensorId));
}

/** The step that a maximum reads, if nothing else reads it and each window lies within one of its functions. */
function movableStep(program: Program, { inputs: [id], window }: MaxOperation): { id: TensorId; operation: StepOperation } | undefined {
  const operation = program.operations[id];
  if (operation?.kind !== 'step' || program.outputs.includes(id)) return undefined;
  if (program.operations.filter((other) => operands(other).includes(id)).length !== 1) return undefined;
  const shared = operation.functions.length === 1 || operation.inner % sizeOf(window.inputSpatial) === 0;
  return shared ? { id, operation } : undefined;
}

function saves(program: Program, maximum: MaxOperation, step: StepOperation, costs: RowCosts): boolean {
  const before = (program.tensors[maximum.inputs[0]] as Program['tensors'][number]).bounds;
  const source = (program.tensors[step.inputs[0]] as Program['tensors'][number]).bounds;
  const results = maximum.planes * sizeOf(maximum.window.outputSpatial);
  const perStep = (xIsWire: boolean) => step.functions.reduce((total, each) => total + costs.step(each, xIsWire), 0) / step.functions.length;
  const comparisons = results * (sizeOf(maximum.window.kernel) - 1);
  const narrow = hull(before);
  const wide = hull(source);
  const today = before.lo.length * perStep(false) + comparisons * costs.maximum(narrow.lo, narrow.hi);
  // What was written into the rows of the step needs a wire, and a row, of its own to be compared.
  const wires = program.operations[step.inputs[0]]?.kind === 'linear' ? source.lo.length : 0;
  return results * perStep(true) + comparisons * costs.maximum(wide.lo, wide.hi) + wires < today;
}

/** How many consecutive results of the maximum share a step function. */
function innerAfter({ window }: MaxOperation, { inner, functions }: StepOperation): number {
  return functions.length === 1 ? 1 : (inner / sizeOf(window.inputSpatial)) * sizeOf(window.outputSpatial);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}
