/** Options that several commands share: how a model is compiled. */
import type { Command } from 'commander';
import { byteSize, positiveInteger } from './parse.js';

export interface CompileFlags {
  readonly batch?: number;
  readonly maxMemory?: number;
}

/** Adds --batch and --max-memory. */
export function compileOptions(command: Command): Command {
  return command
    .option('--batch <n>', 'size of a symbolic batch dimension (default: 1)', positiveInteger('--batch'))
    .option('--max-memory <size>', 'memory that compilation may take (default: 2G)', byteSize('--max-memory'));
}
