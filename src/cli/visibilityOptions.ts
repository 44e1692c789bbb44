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

/**
 * Adds --input-visibility, --output-visibility and --weights.
 * @param before what holds where nothing is said, for commands that look at a folder from before
 */
export function visibilityOptions(command: Command, before: 'as before, or ' | '' = 'as before, or '): Command {
  return command
    .option('--input-visibility <what>', `what a verifier sees of the inputs: public, private (nothing) or hashed (a commitment) (default: ${before}public)`, oneOf('--input-visibility', SIDES))
    .option('--output-visibility <what>', `what a verifier sees of the outputs: public, private or hashed (default: ${before}public)`, oneOf('--output-visibility', SIDES))
    .option('--weights <what>', `fixed (constants of the circuit) or hashed (private, with a public commitment) (default: ${before}fixed)`, oneOf('--weights', ['fixed', 'hashed']));
}

/** What was asked for. */
export function visibilityOf({ inputVisibility, outputVisibility, weights }: VisibilityOptions): Visibility {
  return {
    ...(inputVisibility === undefined ? {} : { inputs: inputVisibility }),
    ...(outputVisibility === undefined ? {} : { outputs: outputVisibility }),
    ...(weights === undefined ? {} : { weights }),
  };
}

/** The same options for another command, with a space before each. */
export function visibilityFlags({ inputVisibility, outputVisibility, weights }: VisibilityOptions): string {
  const given = { '--input-visibility': inputVisibility, '--output-visibility': outputVisibility, '--weights': weights };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [` ${name} ${value}`])).join('');
}

export function visibilityText({ inputs, outputs, weights }: Visibility): string {
  return `inputs ${inputs}, outputs ${outputs}, weights ${weights}`;
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
