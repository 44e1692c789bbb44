/** Options that several commands share: with what keys and proofs are made. */
import type { Command } from 'commander';
import type { BackendChoice } from '../prove/selectBackend.js';
import { oneOf, positiveInteger } from './parse.js';

export interface ProverFlags {
  readonly threads?: number;
  readonly backend?: BackendChoice;
}

/**
 * Adds --threads and --backend.
 * @param threads what there are so many of
 */
export function proverOptions(command: Command, threads = 'threads'): Command {
  return command
    .option('--threads <n>', `${threads} (default: one per processor)`, positiveInteger('--threads'))
    .option('--backend <name>', 'auto, native or snarkjs (default: auto)', oneOf('--backend', ['auto', 'native', 'snarkjs']));
}
