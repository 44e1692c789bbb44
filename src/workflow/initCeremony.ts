import { basename, join, resolve } from 'node:path';
import { CEREMONY_FILES, FILES, defaultFolder, readCeremonyFile, writeCeremonyFile, type CeremonyFile } from '../artifacts/index.js';
import { ZkonnxError, isZkonnxError } from '../errors/index.js';
import { copyFileAtomically } from '../files/index.js';
import { readPower, readPowersOfTau, readZkeyHeader, domainPower } from '../setup/index.js';
import type { Visibility } from '../verify/visibility.js';
import { ceremonyEngine } from './ceremonyEngine.js';
import { ceremonyKeyPath } from './ceremonyFolder.js';
import { compileModel } from './compileModel.js';
import type { WorkflowOptions } from './progress.js';

export interface InitCeremonyParameters extends WorkflowOptions {
  /** Path of the ONNX file. */
  readonly model: string;
  /** Powers of tau, prepared for phase 2. */
  readonly ptauPath: string;
  readonly batch?: number | undefined;
  /** What the verifier shall see; default: as the model was compiled before. */
  readonly visibility?: Partial<Visibility> | undefined;
  readonly memoryLimit?: number | undefined;
  /** Folder of the ceremony; default `artifacts/NAME/ceremony`. */
  readonly folder?: string | undefined;
}

export interface InitCeremonyReturnType extends CeremonyFile {
  readonly folder: string;
  /** The key that the first contributor goes on from. */
  readonly keyPath: string;
}

/**
 * Begins a ceremony: compiles the model, makes the key without contributions from its circuit and the powers of tau, and writes both
 * with ceremony.json to a folder, which contributors pass on. Anyone can do this again and gets the same files.
 *
 * @throws ZkonnxError USAGE when the folder has another ceremony or the powers of tau are too few, ARTIFACT_MALFORMED, FILE_NOT_FOUND,
 * FILE_NOT_WRITTEN, CANCELLED, and what {@link compileModel} throws
 */
export async function initCeremony({ model, ptauPath, batch = 1, visibility, memoryLimit, folder, signal, onProgress }: InitCeremonyParameters): Promise<InitCeremonyReturnType> {
  const where = resolve(folder ?? join(defaultFolder(model), 'ceremony'));
  await readPower(ptauPath);
  const compiled = await compileModel({ model, batch, visibility, memoryLimit, signal, onProgress });
  const powers = await enoughPowers({ ptauPath, rows: compiled.rows, publicSignals: compiled.publicSignals, signal });
  const known = await readCeremonyFile(where).catch((error: unknown) => {
    if (isZkonnxError(error) && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  });
  if (known !== undefined && (known.circuit.sha256 !== compiled.r1csSha256 || known.powersOfTau.blake2b !== powers.digest)) {
    throw new ZkonnxError('USAGE', { message: `${where} has a ceremony of another circuit, or from other powers of tau.`, file: where, fix: 'Give another folder: --out FOLDER.' });
  }
  const keyPath = ceremonyKeyPath(where, 0);
  const r1csPath = join(where, CEREMONY_FILES.r1cs);
  await copyFileAtomically({ from: join(compiled.folder, FILES.r1cs), to: r1csPath, signal });
  onProgress?.({ stage: 'ceremony', fraction: 0.1, detail: 'making the key without contributions' });
  await ceremonyEngine().initialKey({ r1csPath, ptauPath, zkeyPath: keyPath, signal });
  const { circuitHash } = await readZkeyHeader(keyPath);
  const about: CeremonyFile = {
    format: 'zkonnx-ceremony',
    version: 1,
    model: compiled.model,
    circuit: { batch, visibility: compiled.visibility, rows: compiled.rows, wires: compiled.wires, publicSignals: compiled.publicSignals, sha256: compiled.r1csSha256, hash: Buffer.from(circuitHash).toString('hex') },
    powersOfTau: { file: basename(ptauPath), power: powers.power, blake2b: powers.digest, ...(powers.published === undefined ? {} : { published: powers.published }) },
  };
  await writeCeremonyFile(where, about, signal);
  onProgress?.({ stage: 'ceremony', fraction: 1 });
  return { folder: where, keyPath, ...about };
}

async function enoughPowers({ ptauPath, rows, publicSignals, signal }: { ptauPath: string; rows: number; publicSignals: number; signal: AbortSignal | undefined }): ReturnType<typeof readPowersOfTau> {
  const needed = domainPower(rows, publicSignals);
  const powers = await readPowersOfTau(ptauPath, signal);
  if (powers.power < needed) {
    throw new ZkonnxError('USAGE', { message: `${ptauPath} has too few powers of tau for this circuit.`, file: ptauPath, expected: `power ${needed} or more`, found: `power ${powers.power}`, fix: `Take a file of power ${needed}, such as powersOfTau28_hez_final_${String(needed).padStart(2, '0')}.ptau.` });
  }
  return powers;
}
