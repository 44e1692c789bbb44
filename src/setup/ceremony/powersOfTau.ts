/** Powers-of-tau files: what they say of themselves, and which of them are published. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { ZkonnxError, throwIfAborted } from '../../errors/index.js';
import { BinFileReader, malformed, view } from '../../r1cs/binFile.js';
import { bytesToBigint } from '../../r1cs/words.js';
import { BASE_PRIME } from '../baseField.js';
import { HERMEZ_DIGESTS } from './hermezDigests.js';

const FORMAT = { magic: 'ptau', version: 1 } as const;
const SECTION = { header: 1, lagrange: 12 } as const;

export interface PowersOfTau {
  /** Circuits of up to 2^power rows, public signals and constant included. */
  readonly power: number;
  /** BLAKE2b-512 of the file, in hexadecimal. */
  readonly digest: string;
  /** What the file is known as; undefined when its digest is not one of the published ones that zkonnx knows. */
  readonly published: string | undefined;
}

/**
 * Reads the head of a file and hashes all of it. A digest says which file it is; whether the powers in it were made honestly nobody
 * can find out from the file alone, so that an unknown file is worth what its source is worth.
 *
 * @throws ZkonnxError FILE_NOT_FOUND, ARTIFACT_MALFORMED, also when it is not over BN254 or not prepared for phase 2; CANCELLED
 */
export async function readPowersOfTau(path: string, signal?: AbortSignal): Promise<PowersOfTau> {
  const power = await readPower(path);
  const digest = await digestOf(path, signal);
  const known = HERMEZ_DIGESTS[power];
  return { power, digest, published: known === digest ? `powersOfTau28_hez_final${power === 28 ? '' : `_${String(power).padStart(2, '0')}`}.ptau, Hermez` : undefined };
}

/** The power of a file. @throws as {@link readPowersOfTau} does */
export async function readPower(path: string): Promise<number> {
  const file = await BinFileReader.open(path, FORMAT);
  try {
    const head = await file.read(SECTION.header);
    if (head.length < 40 || view(head).getUint32(0, true) !== 32 || bytesToBigint(head, 4) !== BASE_PRIME) throw malformed(path, 'not powers of tau over the curve BN254');
    if (!file.has(SECTION.lagrange)) {
      throw new ZkonnxError('ARTIFACT_MALFORMED', { message: `${path} is not prepared for phase 2.`, file: path, fix: 'Take the prepared file of the same ceremony, or run `snarkjs powersoftau prepare phase2`.' });
    }
    return view(head).getUint32(36, true);
  } finally {
    await file.close();
  }
}

async function digestOf(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('blake2b512');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      throwIfAborted(signal);
      hash.update(chunk as Uint8Array);
    }
  } catch (cause) {
    throwIfAborted(signal);
    throw new ZkonnxError('FILE_NOT_FOUND', { message: `${path} cannot be read`, file: path, cause });
  }
  return hash.digest('hex');
}
