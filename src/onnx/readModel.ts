/** A model file on disk, with the weights that lie in other files beside it. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ZkonnxError } from '../errors/index.js';
import { decodeModel } from './decode.js';
import type { ExternalReference, ReadExternal } from './decodeTensor.js';
import type { Graph } from './graph.js';
import type { Refusals } from './refusals.js';
import { externalPath, modelHash, readWhole } from './modelHash.js';

export { modelHash } from './modelHash.js';

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
export function readModel(path: string, refusals?: Refusals): ModelFile {
  const bytes = readWhole(path);
  const folder = dirname(path);
  const locations = new Set<string>();
  const readExternal: ReadExternal = (reference, tensorName) => {
    locations.add(reference.location);
    return readExternalData(folder, reference, tensorName);
  };
  const graph = decodeModel({ bytes, file: path, readExternal, refusals });
  const externalFiles = [...locations].sort();
  return { path, bytes, graph, hash: modelHash({ bytes, folder, externalFiles }), externalFiles };
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
