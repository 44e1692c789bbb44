/** Errors keep their code on the way out of a worker thread, which copies plain data only. */
import { ZkonnxError, isZkonnxError, type ErrorReport } from '../errors/index.js';

/** The outcome of a task in a worker thread. */
export type Settled<T> = { readonly value: T } | { readonly error: ErrorReport; readonly stack: string | undefined };

/** Runs a task in the worker; what is not a ZkonnxError is a defect. */
export async function settle<T>(task: () => T | Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await task() };
  } catch (thrown) {
    const error = isZkonnxError(thrown) ? thrown : new ZkonnxError('INTERNAL', { message: thrown instanceof Error ? thrown.message : String(thrown) });
    return { error: error.toJSON(), stack: thrown instanceof Error ? thrown.stack : undefined };
  }
}

/** The value of an outcome, outside of the worker. @throws what the task threw. */
export function unsettle<T>(outcome: Settled<T>): T {
  if ('value' in outcome) return outcome.value;
  const { code, message, node, file, expected, found, fix } = outcome.error;
  const error = new ZkonnxError(code, { message, node, file, expected, found, fix });
  if (outcome.stack !== undefined) error.stack = outcome.stack;
  throw error;
}
