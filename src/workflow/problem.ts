import type { ErrorCode, ZkonnxError } from '../errors/index.js';

/** Something that stands in the way of a verdict. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  /** The node concerned; undefined for the model as a whole. */
  readonly node?: string;
  readonly expected?: string;
  readonly found?: string;
  /** What to do about it. */
  readonly fix: string;
}

/** Whether a model may be, or do, something; with all that stands in the way. */
export interface Verdict {
  readonly ok: boolean;
  readonly problems: readonly Problem[];
}

export function verdict(problems: readonly Problem[]): Verdict {
  return { ok: problems.length === 0, problems };
}

/** An error as a problem. `node` overrides the node that it names. */
export function problemOf(error: ZkonnxError, node = error.details.node): Problem {
  const { code, message, expected, found, fix } = error.toJSON();
  return { code, message, ...(node === undefined || node === '' ? {} : { node }), ...(expected === undefined ? {} : { expected }), ...(found === undefined ? {} : { found }), fix };
}
