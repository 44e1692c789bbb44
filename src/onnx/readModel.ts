/** A model file on disk, with the weights that lie in other files beside it. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { ZkonnxError } from '../errors/index.js';
import { decodeModel } from './decode.js';
import type { ExternalReference, ReadExternal } from './decodeTensor.js';
import type { Graph } from './graph.js';

export interface ModelFile {
  readonly path: string;
  /** The bytes of the model file, as they are. */
  readonly bytes: Uint8Array;
  readonly graph: Graph;
  /** {@link modelHash} of the file and its external data, in hexadecimal. */
  readonly hash: string;
  /** Relative paths of the external data files, in ascending order. */
  readonly externalFiles: readonly string[];
}

/**
 * Reads a model and its external data.
 * @throws ZkonnxError FILE_NOT_FOUND, MODEL_EXTERNAL_DATA and whatever {@link decodeModel} throws.
 */
export function readModel(path: string): ModelFile {
  const bytes = readWhole(path);
  const folder = dirname(path);
  const locations = new Set<string>();
  const readExternal: ReadExternal = (reference, tensorName) => {
    locations.add(reference.location);
    return readExternalData(folder, reference, tensorName);
  };
  const graph = decodeModel({ bytes, file: path, readExternal });
  const externalFiles = [...locations].sort();
  return { path, bytes, graph, hash: modelHash({ bytes, folder, externalFiles }), externalFiles };
}

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

function readWhole(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_FS_FILE_TOO_LARGE') {
      throw new ZkonnxError('MODEL_TOO_LARGE', { message: 'The model file is larger than 2 GB, which no protobuf message may be.', file: path, cause });
    }
    throw new ZkonnxError('FILE_NOT_FOUND', { message: `The model file '${path}' cannot be read: ${(cause as Error).message}.`, file: path, cause });
  }
}

/** The real path of an external file, which must lie inside the real folder of the model whatever links are on the way. */
function externalPath(folder: string, location: string): string {
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

function readExternalData(folder: string, { location, offset, expectedLength }: ExternalReference, tensorName: string): Uint8Array {
  const path = externalPath(folder, location);
  const { size } = statSync(path);
  const file = openSync(path, 'r');
  try {
    if (offset + expectedLength > size) {
      throw new ZkonnxError('MODEL_EXTERNAL_DATA', {
        message: `The external data file '${location}' is too short for the tensor ${tensorName}.`,
        expected: `at least ${offset + expectedLength} bytes`,
        found: `${size} bytes`,
        file: location,
      });
    }
    const bytes = new Uint8Array(expectedLength);
    let done = 0;
    while (done < expectedLength) {
      const read = readSync(file, bytes, done, expectedLength - done, offset + done);
      if (read === 0) throw new ZkonnxError('MODEL_EXTERNAL_DATA', { message: `The external data file '${location}' became shorter while it was read.`, file: location });
      done += read;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
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
