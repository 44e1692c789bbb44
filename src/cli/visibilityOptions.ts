/** Options that several commands share: what the verifier shall see. */
import type { Command } from 'commander';
import type { CompileModelParameters } from '../workflow/compileModel.js';
import { oneOf } from './parse.js';

type Visibility = NonNullable<CompileModelParameters['visibility']>;

export interface VisibilityOptions {
  readonly inputVisibility?: Visibility['inputs'];
  readonly outputVisibility?: Visibility['outputs'];
  readonly weights?: Visibility['weights'];
}

const SIDES = ['public', 'private', 'hashed'] as const;

/** Adds --input-visibility, --output-visibility and --weights. */
export function visibilityOptions(command: Command): Command {
  return command
    .option('--input-visibility <what>', 'what a verifier sees of the inputs: public, private (nothing) or hashed (a commitment) (default: as before, or public)', oneOf('--input-visibility', SIDES))
    .option('--output-visibility <what>', 'what a verifier sees of the outputs: public, private or hashed (default: as before, or public)', oneOf('--output-visibility', SIDES))
    .option('--weights <what>', 'fixed (constants of the circuit) or hashed (private, with a public commitment) (default: as before, or fixed)', oneOf('--weights', ['fixed', 'hashed']));
}

/** What was asked for. */
export function visibilityOf({ inputVisibility, outputVisibility, weights }: VisibilityOptions): Visibility {
  return {
    ...(inputVisibility === undefined ? {} : { inputs: inputVisibility }),
    ...(outputVisibility === undefined ? {} : { outputs: outputVisibility }),
    ...(weights === undefined ? {} : { weights }),
  };
}

/** Options of commands that prove: the salts of hashed inputs and outputs. */
export interface SaltOptions {
  readonly inputSalt?: string;
  readonly outputSalt?: string;
}

/** Adds --input-salt and --output-salt. */
export function saltOptions(command: Command): Command {
  return command
    .option('--input-salt <value>', 'salt of the commitment of hashed inputs, 0 for none (default: a new random one for each)')
    .option('--output-salt <value>', 'salt of the commitment of hashed outputs, 0 for none (default: a new random one for each)');
}

/** The salts that were given. */
export function saltsOf({ inputSalt, outputSalt }: SaltOptions): { inputs?: string; outputs?: string } {
  return { ...(inputSalt === undefined ? {} : { inputs: inputSalt }), ...(outputSalt === undefined ? {} : { outputs: outputSalt }) };
}
