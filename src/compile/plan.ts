/**
 * The witness plan: all that is needed to turn an input into a witness, without the model and without compiling again. It is the
 * integer program, and for each operation the way in which the circuit forces it. Wires have no addresses in it: the generator
 * walks the program in the order in which the compiler did, and each gadget takes as many wires as it took then.
 */
import type { Program, ProgramTensor } from '../program/program.js';
import type { PublicLayout } from '../verify/publicLayout.js';
import type { Choice } from './choices.js';
import type { Form } from './forms.js';

/** A program whose bounds have done their work. */
export interface PlanProgram extends Omit<Program, 'tensors'> {
  readonly tensors: readonly Omit<ProgramTensor, 'bounds'>[];
}

export interface WitnessPlan {
  readonly program: PlanProgram;
  /** One per operation. */
  readonly choices: readonly Choice[];
  /** One per operation. */
  readonly forms: readonly Form[];
  readonly layout: PublicLayout;
  readonly wireCount: number;
}
