/**
 * The folder of a ceremony. The keys in it are numbered: `key-0000.zkey` has no contribution, `key-0001.zkey` one. Whoever
 * contributes with snarkjs puts the file that it makes in the next place.
 */
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CEREMONY_FILES, readCeremonyFile, sha256OfFile, type CeremonyFile } from '../artifacts/index.js';
import { ZkonnxError, isZkonnxError } from '../errors/index.js';

export interface Ceremony {
  readonly folder: string;
  readonly about: CeremonyFile;
  /** The number of contributions of the newest key, and its path. */
  readonly newest: { readonly number: number; readonly path: string };
}

const KEY = /^key-(\d{4})\.zkey$/;

/** The path of the key with so many contributions. */
export function ceremonyKeyPath(folder: string, number: number): string {
  return join(folder, `key-${String(number).padStart(4, '0')}.zkey`);
}

/** @throws ZkonnxError ARTIFACT_MISSING without a ceremony or without a key, ARTIFACT_MALFORMED */
export async function openCeremony(path: string): Promise<Ceremony> {
  const folder = resolve(path);
  const missing = (what: string): ZkonnxError => new ZkonnxError('ARTIFACT_MISSING', { message: `There is no ${what} in ${folder}.`, file: folder, fix: 'Begin one: `zkonnx ceremony init MODEL --ptau FILE`.' });
  const about = await readCeremonyFile(folder).catch((error: unknown) => {
    throw isZkonnxError(error) && error.code === 'FILE_NOT_FOUND' ? missing('ceremony') : error;
  });
  const numbers = (await readdir(folder)).flatMap((file) => KEY.exec(file)?.[1] ?? []).map(Number);
  if (numbers.length === 0) throw missing('key of the ceremony');
  const number = Math.max(...numbers);
  return { folder, about, newest: { number, path: ceremonyKeyPath(folder, number) } };
}

/** The circuit of a ceremony. @throws ZkonnxError ARTIFACT_STALE when it is not the recorded one, FILE_NOT_FOUND */
export async function ceremonyCircuit({ folder, about }: Ceremony): Promise<string> {
  const path = join(folder, CEREMONY_FILES.r1cs);
  const found = await sha256OfFile(path).catch((cause: unknown) => {
    throw new ZkonnxError('FILE_NOT_FOUND', { message: `${path} cannot be read`, file: path, cause });
  });
  if (found !== about.circuit.sha256) throw new ZkonnxError('ARTIFACT_STALE', { message: `${path} is not the circuit of the ceremony.`, file: path, expected: about.circuit.sha256, found, fix: 'Get the folder of the ceremony again.' });
  return path;
}
