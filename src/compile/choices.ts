import { hull } from '../program/interval.js';
import type { Operation, Program, ProgramTensor } from '../program/program.js';
import type { StepFunction } from '../program/step.js';
import { chooseStep, type StepChoice } from './stepChoice.js';

/** How an operation is forced. Operations without a choice cost nothing, or can be forced in one way only. */
export type Choice =
  | { readonly kind: 'none' }
  /** One per step function of the operation. */
  | { readonly kind: 'steps'; readonly steps: readonly StepChoice[] }
  /** The bounds of the values that are compared. */
  | { readonly kind: 'compare'; readonly lo: number; readonly hi: number };

/** The choice of each operation. */
export function chooseAll(program: Program): Choice[] {
  const known = new Map<StepFunction, StepChoice>();
  const choose = (step: StepFunction): StepChoice => {
    const choice = known.get(step) ?? chooseStep(step);
    known.set(step, choice);
    return choice;
  };
  return program.operations.map((operation) => chooseOne(program, operation, choose));
}

function chooseOne(program: Program, operation: Operation, choose: (step: StepFunction) => StepChoice): Choice {
  switch (operation.kind) {
    case 'input':
    case 'constant':
    case 'view':
    case 'linear':
      return { kind: 'none' };
    case 'step':
      return { kind: 'steps', steps: operation.functions.map(choose) };
    case 'max':
    case 'argmax':
      return { kind: 'compare', ...hull((program.tensors[operation.inputs[0]] as ProgramTensor).bounds) };
  }
}
