import { join } from 'node:path';
import { CEREMONY_FILES } from '../artifacts/index.js';
import { ZkonnxError } from '../errors/index.js';
import { copyFileAtomically } from '../files/index.js';
import { setupModel, type SetupModelReturnType } from './setupModel.js';
import { compiledAs, verifyCeremony, type VerifyCeremonyParameters, type VerifyCeremonyReturnType } from './verifyCeremony.js';

export interface FinalizeCeremonyParameters extends VerifyCeremonyParameters {
  /** Folder of the model's files, for its setup; default `artifacts/NAME`. */
  readonly modelFolder?: string | undefined;
}

export interface FinalizeCeremonyReturnType extends VerifyCeremonyReturnType {
  readonly finalKeyPath: string;
  /** The setup of the model with the key, when the model was given. */
  readonly setup?: SetupModelReturnType;
}

/**
 * Ends a ceremony: verifies its newest key, which must have a contribution and end with a beacon, copies it to `final.zkey`, writes the
 * transcript, and sets the model up with the key if the model is given.
 *
 * @throws ZkonnxError CEREMONY_INVALID, and what {@link verifyCeremony} and {@link setupModel} throw
 */
export async function finalizeCeremony({ modelFolder, ...parameters }: FinalizeCeremonyParameters): Promise<FinalizeCeremonyReturnType> {
  const verified = await verifyCeremony(parameters);
  const { folder, transcript } = verified;
  if (transcript.missing !== undefined) {
    throw new ZkonnxError('CEREMONY_INVALID', { message: `The ceremony is not complete: ${transcript.missing}.`, file: folder, fix: 'Have contributions made (`zkonnx ceremony contribute`), and then a beacon applied (`zkonnx ceremony beacon`).' });
  }
  const { model, ptauPath, memoryLimit, signal, onProgress } = parameters;
  const finalKeyPath = join(folder, CEREMONY_FILES.finalKey);
  await copyFileAtomically({ from: join(folder, transcript.key.file), to: finalKeyPath, signal });
  if (model === undefined) return { ...verified, finalKeyPath };
  const setup = await setupModel({ model, ...compiledAs({ about: transcript }), memoryLimit, folder: modelFolder, key: { zkeyPath: finalKeyPath, ptauPath }, signal, onProgress });
  return { ...verified, finalKeyPath, setup };
}
