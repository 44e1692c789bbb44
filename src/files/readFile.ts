import { open, readFile, type FileHandle } from 'node:fs/promises';
import { ZkonnxError } from '../errors/index.js';
import { unreadable } from './unreadable.js';

/** Opens a regular file. @throws FILE_NOT_FOUND */
export async function openForReading(path: string): Promise<{ handle: FileHandle; size: number }> {
  const handle = await found(path, () => open(path, 'r'));
  const status = await handle.stat();
  if (!status.isFile()) {
    await handle.close();
    throw new ZkonnxError('FILE_NOT_FOUND', { message: `${path} is not a file`, file: path });
  }
  return { handle, size: status.size };
}

/** The bytes of a file. @throws FILE_NOT_FOUND */
export async function readWholeFile(path: string): Promise<Uint8Array> {
  return found(path, () => readFile(path));
}

async function found<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new ZkonnxError('FILE_NOT_FOUND', { message: unreadable(path, cause), file: path, cause });
  }
}
