/** What a command is, and what all commands share. */
import type { Command } from 'commander';
import type { WorkflowOptions } from '../workflow/progress.js';

/** What a command prints when it has succeeded. */
export interface Outcome {
  /** With --json: the object `result`. */
  readonly data: object;
  /** Without: on stdout. */
  readonly text: string;
  /** On stderr; with --json the list `warnings`. */
  readonly warnings?: readonly string[];
  /** A hint at what to do next, on stderr, for people only. */
  readonly next?: string;
  /** Where the answer is no although nothing went wrong; default 0. */
  readonly exitStatus?: number;
}

/** What the command line offers to a command. */
export interface CommandContext extends Required<Pick<WorkflowOptions, 'signal' | 'onProgress'>> {
  readonly signal: AbortSignal;
  readonly colors: Colors;
  /** Columns of the terminal; Infinity where stdout is none, so that nothing is cut off for a program. */
  readonly width: number;
}

/** Functions that colour text, or leave it alone. */
export interface Colors {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly red: (text: string) => string;
}

/** Runs the body of a command and prints what comes of it. */
export type Execute = (command: Command, body: (context: CommandContext) => Promise<Outcome>) => Promise<void>;

/** Adds a command to the program. */
export type DefineCommand = (program: Command, execute: Execute) => void;

/** Options of every command. */
export function commonOptions(command: Command): Command {
  return command
    .option('--json', 'print data and errors as one JSON object on stdout')
    .option('--quiet', 'print nothing but data and errors')
    .option('--verbose', 'show the stack of an error')
    .option('--no-color', 'no colours (also: the variable NO_COLOR)');
}

/** Text before everything else of a command's help. */
export function examples(command: Command, lines: readonly string[]): Command {
  return command.addHelpText('before', `Examples:\n${lines.map((line) => `  $ zkonnx ${line}`).join('\n')}\n`);
}
