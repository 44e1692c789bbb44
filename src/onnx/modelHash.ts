/** What identifies a model file, without decoding it. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { ZkonnxError } from '../errors/index.js';
import { unreadable } from '../files/index.js';

/**
 * What identifies a model: the SHA-256 of the file's own bytes, never of a re-encoding. With external data it is the SHA-256 of:
 * the SHA-256 of the model file, then for each external file, in ascending order of its relative path (by UTF-16 code units), the SHA-256 of
 * that path in UTF-8 and the SHA-256 of the whole file.
 */
export function modelHash({ bytes, folder = '.', externalFiles = [] }: { bytes: Uint8Array; folder?: string; externalFiles?: readonly string[] }): string {
  const model = createHash('sha256').update(bytes).digest();
  if (externalFiles.length === 0) return model.toString('hex');
  const whole = createHash('sha256').update(model);
  for (const location of [...externalFiles].sort()) {
    whole.update(createHash('sha256').update(location, 'utf8').digest());
    whole.update(fileHash(externalPath(folder, location)));
  }
  return whole.digest('hex');
}

/** The bytes of a model file. @throws FILE_NOT_FOUND, MODEL_TOO_LARGE */
export function readWhole(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_FS_FILE_TOO_LARGE') {
      throw new ZkonnxError('MODEL_TOO_LARGE', { message: 'The model file is larger than 2 GB, which no protobuf message may be.', file: path, cause });
    }
    throw new ZkonnxError('FILE_NOT_FOUND', { message: `${unreadable(`The model file '${path}'`, cause)}.`, file: path, cause });
  }
}

/** The real path of an external file, which must lie inside the real folder of the model whatever links are on the way. @throws MODEL_EXTERNAL_DATA */
export function externalPath(folder: string, location: string): string {
  const refuse = (message: string, cause?: unknown): ZkonnxError => new ZkonnxError('MODEL_EXTERNAL_DATA', { message, file: location, cause });
  if (isAbsolute(location) || /^[A-Za-z]:/.test(location) || location.includes('\0')) throw refuse(`The external data file '${location}' is not a relative path.`);
  if (location.split(/[\\/]/).includes('..')) throw refuse(`The external data file '${location}' leaves the folder of the model.`);
  let root: string;
  let path: string;
  try {
    root = realpathSync(folder);
    path = realpathSync(join(folder, location));
  } catch (cause) {
    throw refuse(`The external data file '${location}' does not exist beside the model.`, cause);
  }
  const inside = relative(root, path);
  if (inside === '' || isAbsolute(inside) || inside.split(sep)[0] === '..') throw refuse(`The external data file '${location}' leaves the folder of the model through a link.`);
  // Before opening: opening a pipe would wait for a writer for ever.
  if (!statSync(path).isFile()) throw refuse(`The external data '${location}' is not a file.`);
  return path;
}

function fileHash(path: string): Buffer {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    const { size } = statSync(path);
    const chunk = new Uint8Array(Math.min(size, 2 ** 20));
    for (let done = 0; done < size; ) {
      const read = readSync(file, chunk, 0, Math.min(chunk.length, size - done), done);
      if (read === 0) break;
      hash.update(chunk.subarray(0, read));
      done += read;
    }
  } finally {
    closeSync(file);
  }
  return hash.digest();
}
