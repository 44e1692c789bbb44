/** Files are written whole or not at all: under a temporary name in the same folder, then renamed. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';

/** A file that does not have its final name yet. */
export interface AtomicFile {
  /** Appends bytes. The buffer may be reused once the promise has resolved. */
  append(bytes: Uint8Array): Promise<void>;
  /** Overwrites bytes that have been appended before. */
  overwrite(bytes: Uint8Array, position: number): Promise<void>;
  /** Bytes appended so far. */
  readonly size: number;
}

export interface AtomicWriteParameters {
  /** Missing folders on the way are made. */
  readonly path: string;
  /** Checked at every append and before the rename; when it is aborted the temporary file is removed. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `body` on a temporary file beside `path` and renames it to `path` when `body` has succeeded. Whatever happens, no
 * temporary file stays behind, unless the process is killed; then its name ends in `.tmp`.
 *
 * @throws FILE_NOT_WRITTEN when the file system refuses, CANCELLED when the signal is aborted, or whatever `body` throws.
 */
export async function writeAtomically<T>({ path, signal }: AtomicWriteParameters, body: (file: AtomicFile) => Promise<T>): Promise<T> {
  throwIfAborted(signal);
  const temporary = `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
  const handle = await refusals(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    return open(temporary, 'wx');
  });
  try {
    const result = await body(new TemporaryFile(path, handle, signal));
    throwIfAborted(signal);
    await refusals(path, async () => {
      await handle.sync();
      await handle.close();
      await rename(temporary, path);
    });
    return result;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Writes one piece of data atomically; see {@link writeAtomically}. */
export async function writeFileAtomically({ path, data, signal }: AtomicWriteParameters & { readonly data: Uint8Array | string }): Promise<void> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  await writeAtomically({ path, signal }, (file) => file.append(bytes));
}

class TemporaryFile implements AtomicFile {
  size = 0;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #signal: AbortSignal | undefined;

  constructor(path: string, handle: FileHandle, signal: AbortSignal | undefined) {
    this.#path = path;
    this.#handle = handle;
    this.#signal = signal;
  }

  async append(bytes: Uint8Array): Promise<void> {
    const position = this.size;
    this.size += bytes.length;
    await this.overwrite(bytes, position);
  }

  async overwrite(bytes: Uint8Array, position: number): Promise<void> {
    throwIfAborted(this.#signal);
    await refusals(this.#path, async () => {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, done, Math.min(bytes.length - done, LARGEST_WRITE), position + done);
        done += bytesWritten;
      }
    });
  }
}

/** One call of the operating system moves less than 2^31 bytes. */
const LARGEST_WRITE = 2 ** 30;

async function refusals<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new ZkonnxError('FILE_NOT_WRITTEN', { message: `${path} could not be written: ${cause instanceof Error ? cause.message : String(cause)}`, file: path, cause });
  }
}
