import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { commonOptions, examples, type DefineCommand, type Execute } from './command.js';
import { defineCeremony } from './commands/ceremony.js';
import { defineCheck } from './commands/check.js';
import { defineCommit } from './commands/commit.js';
import { defineCompile } from './commands/compile.js';
import { defineDoctor } from './commands/doctor.js';
import { defineEstimate } from './commands/estimate.js';
import { defineExportVerifier } from './commands/exportVerifier.js';
import { defineProve } from './commands/prove.js';
import { defineQuantize } from './commands/quantize.js';
import { defineRun } from './commands/run.js';
import { defineSetup } from './commands/setup.js';
import { defineStatement } from './commands/statement.js';
import { defineVerify } from './commands/verify.js';
import { defineVerifyKey } from './commands/verifyKey.js';
import { defineVerifyOnChain } from './commands/verifyOnChain.js';

/** In the order of the road that a model takes. */
const COMMANDS: readonly DefineCommand[] = [defineRun, defineQuantize, defineCheck, defineEstimate, defineCompile, defineSetup, defineCeremony, defineVerifyKey, defineStatement, defineCommit, defineProve, defineVerify, defineExportVerifier, defineVerifyOnChain, defineDoctor];

/** The command line. Commands load what they need when they run. */
export function buildProgram(execute: Execute): Command {
  const program = new Command('zkonnx')
    .description('Zero-knowledge proofs of quantized ONNX inference, bit for bit what ONNX Runtime computes.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .showHelpAfterError(false)
    .showSuggestionAfterError(true);
  examples(program, ['run model.onnx --input input.json      # the whole road, with a development key', 'check model.onnx                       # can it be proven, and what does it cost?', 'prove model.onnx --input a.json b.json # a batch', 'verify artifacts/model/proofs/a.json']);
  program.addHelpText('after', '\nExit status: 0 success, 2 usage, 3 model, 5 mismatch, 6 proof, 7 file, 8 input, 9 chain, 130 cancelled; docs/errors.md has them all.');
  for (const define of COMMANDS) define(program, execute);
  for (const command of program.commands) shareOptions(command);
  return program;
}

/** What all commands have in common; a group of commands has no options of its own. */
function shareOptions(command: Command): void {
  if (command.commands.length === 0) commonOptions(command);
  command
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  for (const inner of command.commands) shareOptions(inner);
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}
