/** Everything that the command line writes: data on stdout, all else on stderr. */
import { ZkonnxError, isZkonnxError } from '../errors/index.js';
import type { Colors, Outcome } from './command.js';

export interface ReportOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly colors: Colors;
}

/** Writes to a stream and waits until it is out, so that ending the process cuts nothing off. */
export function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => stream.write(text, () => resolve()));
}

/** Prints what a command yields. */
export async function reportOutcome(command: string, { data, text, warnings = [], next, exitStatus }: Outcome, { json, quiet, colors }: ReportOptions): Promise<void> {
  if (json) return write(process.stdout, toJson({ ok: true, command, result: data, warnings, ...(exitStatus === undefined ? {} : { exitStatus }) }));
  await write(process.stdout, text.endsWith('\n') ? text : `${text}\n`);
  if (quiet) return;
  for (const warning of warnings) await write(process.stderr, `${colors.yellow('warning:')} ${warning}\n`);
  if (next !== undefined) await write(process.stderr, colors.dim(`next: ${next}\n`));
}

/** Prints an error. @returns the exit status */
export async function reportError(command: string | undefined, thrown: unknown, { json, verbose, colors }: ReportOptions): Promise<number> {
  const error = asZkonnxError(thrown);
  const stack = thrown instanceof Error ? stackOf(thrown) : undefined;
  const { exitStatus } = error;
  if (json) {
    await write(process.stdout, toJson({ ok: false, ...(command === undefined ? {} : { command }), error: error.toJSON(), exitStatus, ...(verbose ? { stack } : {}) }));
    return exitStatus;
  }
  const { code, message, node, file, expected, found, fix } = error.toJSON();
  const lines = [
    `${colors.red('error')} ${colors.bold(code)}: ${message}`,
    // A node or a file that the message names already is not repeated.
    ...Object.entries({ node, file }).flatMap(([name, value]) => (value === undefined || message.includes(value) ? [] : [detail(name, value)])),
    ...Object.entries({ expected, found, fix }).flatMap(([name, value]) => (value === undefined ? [] : [detail(name, value)])),
    ...(verbose && stack !== undefined ? [colors.dim(stack)] : []),
  ];
  await write(process.stderr, `${lines.join('\n')}\n`);
  return exitStatus;
}

function detail(name: string, value: string): string {
  return `  ${`${name}:`.padEnd(10)} ${value}`;
}

/** What is not ours is a defect of ours. */
function asZkonnxError(thrown: unknown): ZkonnxError {
  if (isZkonnxError(thrown)) return thrown;
  return new ZkonnxError('INTERNAL', { message: thrown instanceof Error ? thrown.message : String(thrown), cause: thrown });
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

function toJson(data: object): string {
  return `${JSON.stringify(data, (_, value: unknown) => (typeof value === 'bigint' ? plainInteger(value) : value), 2)}\n`;
}

/** Large integers are strings, since JSON readers round them. */
function plainInteger(value: bigint): number | string {
  return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : String(value);
}
