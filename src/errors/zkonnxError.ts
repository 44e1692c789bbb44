import { ERRORS, EXIT_STATUS, type ErrorCode, type ErrorKind } from './catalogue.js';

/** The particulars of one error. All are optional, but an error says as much as is known. */
export interface ErrorDetails {
  /** One sentence with the particulars, without the code. Default: the title of the code. */
  readonly message?: string;
  /** The ONNX node concerned, by name. */
  readonly node?: string | undefined;
  /** What was expected, in words. */
  readonly expected?: string | undefined;
  /** What was found instead, in words. */
  readonly found?: string | undefined;
  /** The way out for this very case. Default: the help of the code. */
  readonly fix?: string | undefined;
  /** The file concerned. */
  readonly file?: string | undefined;
  readonly cause?: unknown;
}

/** The JSON form of an error, as `--json` prints it. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly node?: string;
  readonly file?: string;
  readonly expected?: string;
  readonly found?: string;
  readonly fix: string;
}

/** The one class of errors that zkonnx throws on purpose. Match on {@link ZkonnxError.code}, which is stable. */
export class ZkonnxError extends Error {
  override readonly name = 'ZkonnxError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(details.message ?? ERRORS[code].title, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }

  get kind(): ErrorKind {
    return ERRORS[this.code].kind;
  }

  /** Exit status of the command line for this error. */
  get exitStatus(): number {
    return EXIT_STATUS[this.kind];
  }

  toJSON(): ErrorReport {
    const { node, file, expected, found, fix } = this.details;
    return {
      code: this.code,
      kind: this.kind,
      message: this.message,
      ...(node === undefined ? {} : { node }),
      ...(file === undefined ? {} : { file }),
      ...(expected === undefined ? {} : { expected }),
      ...(found === undefined ? {} : { found }),
      fix: fix ?? ERRORS[this.code].help,
    };
  }
}

/** Whether a value is a {@link ZkonnxError}, also when it came from another copy of the package or through a worker. */
export function isZkonnxError(value: unknown): value is ZkonnxError {
  return value instanceof Error && value.name === 'ZkonnxError' && 'code' in value && typeof value.code === 'string' && value.code in ERRORS;
}

/** Throws CANCELLED if the signal has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ZkonnxError('CANCELLED', { cause: signal.reason });
}
