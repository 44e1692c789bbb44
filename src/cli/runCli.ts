import { CommanderError, type Command } from 'commander';
import pico from 'picocolors';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import type { Outcome, Execute } from './command.js';
import { buildProgram } from './program.js';
import { reportError, reportOutcome, type ReportOptions } from './report.js';

/**
 * Runs one command line.
 * @param argv the arguments after the name of the program
 * @returns the exit status
 */
export async function runCli(argv: readonly string[]): Promise<number> {
  let options = reportOptions({ json: argv.includes('--json'), quiet: argv.includes('--quiet'), verbose: argv.includes('--verbose'), color: !argv.includes('--no-color') });
  let name: string | undefined;
  let status = 0;
  const execute: Execute = async (command, body) => {
    options = reportOptions(command.optsWithGlobals());
    name = fullName(command);
    const outcome = await withInterrupts((signal) => withProgress(options, (onProgress) => body({ signal, onProgress, colors: options.colors, width: process.stdout.isTTY ? process.stdout.columns : Infinity })));
    await reportOutcome(name, outcome, options);
    status = outcome.exitStatus ?? 0;
  };
  try {
    const program = buildProgram(execute);
    if (argv.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      return reportError(name, usageError(error, argv), options);
    }
    return reportError(name, error, options);
  }
}

/** The name of a command with those of the groups that it is in. */
function fullName(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${fullName(parent)} ${command.name()}`;
}

function reportOptions({ json = false, quiet = false, verbose = false, color = true }: ReturnType<Command['opts']>): ReportOptions {
  // Both streams must be a terminal: colours in a file or a pipe help nobody, whatever the variables CI and FORCE_COLOR say.
  const terminal = process.stdout.isTTY === true && process.stderr.isTTY === true;
  return { json: json === true, quiet: quiet === true, verbose: verbose === true, colors: pico.createColors(color === true && terminal && pico.isColorSupported) };
}

function usageError({ code, message }: CommanderError, argv: readonly string[]): ZkonnxError {
  if (code === 'commander.help') return new ZkonnxError('USAGE', { message: `The command ${argv[0] ?? ''} is a group of commands: say which.`, fix: `zkonnx ${argv[0] ?? ''} --help lists them.` });
  return new ZkonnxError('USAGE', { message: message.replace(/^error: /, '').replace(/\n/g, ' ') });
}

/** Ctrl-C asks the work to stop; a second one does not wait for it. */
async function withInterrupts(work: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    const outcome = await work(controller.signal);
    throwIfAborted(controller.signal);
    return outcome;
  } catch (error) {
    throwIfAborted(controller.signal);
    throw error;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

async function withProgress(options: ReportOptions, work: (onProgress: Parameters<Parameters<Execute>[1]>[0]['onProgress']) => Promise<Outcome>): Promise<Outcome> {
  if (options.json || options.quiet || !process.stderr.isTTY) return work(() => undefined);
  const { openProgressBar } = await import('./progressBar.js');
  const bar = await openProgressBar();
  try {
    return await work((progress) => bar.update(progress));
  } finally {
    bar.stop();
  }
}
