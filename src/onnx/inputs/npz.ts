/** NumPy's .npz: a zip archive with one .npy file for each array. */
import { createRequire } from 'node:module';
import type * as Fflate from 'fflate';
import { ZkonnxError, isZkonnxError } from '../../errors/index.js';
import type { Tensor, ValueInfo } from '../graph.js';
import { tensorFromNpy } from './npy.js';
import { namedInput, type CheckShape } from './target.js';

/** An archive says how large each of its files becomes; more than this in all is refused before it is unpacked. */
const MAX_BYTES = 2 ** 30;
const MAX_ARRAYS = 1024;
/** What incompressible data grows by in a zip archive, generously. */
const MAX_GROWTH = 1.01;

/** numpy.savez(file, array) without a name. */
const UNNAMED = 'arr_0';

/** Whether bytes begin like a zip archive. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/**
 * The tensors of a .npz file, by the names of its arrays; an array without a name goes to the only input.
 * @throws ZkonnxError INPUT_MALFORMED, INPUT_UNKNOWN, INPUT_SHAPE, INPUT_TYPE, INPUT_RANGE
 */
export function tensorsFromNpz({ inputs, bytes, name, checkShape }: {
  inputs: readonly ValueInfo[];
  bytes: Uint8Array;
  name: string | undefined;
  checkShape: CheckShape;
}): Map<string, Tensor> {
  const files = new Map<string, Uint8Array>(Object.entries(unzip(bytes)));
  if (files.size === 0) throw malformed('it holds no array');
  const [only] = inputs;
  const inputOf = (file: string): ValueInfo => {
    const array = file.slice(0, -'.npy'.length);
    if (name !== undefined && files.size === 1) return namedInput(inputs, name);
    return array === UNNAMED && inputs.length === 1 && only !== undefined ? only : namedInput(inputs, array);
  };
  return new Map([...files].map(([file, array]) => {
    const input = inputOf(file);
    return [input.name, tensorFromNpy({ input, bytes: array, checkShape })];
  }));
}

function unzip(bytes: Uint8Array): Record<string, Uint8Array> {
  // Loaded only here: most runs read other inputs.
  const { unzipSync } = createRequire(import.meta.url)('fflate') as typeof Fflate;
  let arrays = 0;
  let total = 0;
  try {
    return unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (++arrays > MAX_ARRAYS) throw malformed(`it holds more than ${MAX_ARRAYS} arrays`);
        if (!name.endsWith('.npy')) throw malformed(`it holds '${name.slice(0, 80)}', which is no .npy array`);
        // An archive that unpacks to more than it says would otherwise be unpacked to its end.
        if (!(size <= MAX_GROWTH * originalSize + 1024)) throw malformed(`'${name.slice(0, 80)}' does not unpack to the size that the archive says`);
        total += originalSize;
        if (!(total <= MAX_BYTES)) throw malformed(`it would unpack to ${total} bytes; at most ${MAX_BYTES} are read`);
        return true;
      },
    });
  } catch (cause) {
    if (isZkonnxError(cause)) throw cause;
    throw malformed(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function malformed(why: string, cause?: unknown): ZkonnxError {
  return new ZkonnxError('INPUT_MALFORMED', { message: `The file is not a readable .npz archive: ${why}.`, cause });
}
