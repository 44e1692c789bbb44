import { join, resolve } from 'node:path';
import { FILES, checkedPath, defaultFolder, intact, readManifest, readVerificationFile, recordFile, sha256, writeManifest } from '../artifacts/index.js';
import { ZkonnxError } from '../errors/index.js';
import { exportAnyVerifier } from '../evm/exportUniversalVerifier.js';
import { writeFileAtomically } from '../files/index.js';
import { readModel } from '../onnx/readModel.js';
import type { ProofSystem } from '../setup/index.js';
import type { FolderOptions, WorkflowOptions } from './progress.js';

export interface ExportModelVerifierParameters extends WorkflowOptions, FolderOptions {
  /** Path of the ONNX file. It must have been set up. */
  readonly model: string;
  /** Go on with a development key; the contract says so. */
  readonly allowDevelopmentKey?: boolean | undefined;
}

export interface ExportModelVerifierReturnType {
  readonly path: string;
  readonly contractName: string;
  readonly developmentKey: boolean;
  readonly system: ProofSystem;
  /** SPDX identifier of the licence of the file. */
  readonly licence: 'Apache-2.0' | 'GPL-3.0';
  readonly publicSignals: number;
  readonly skipped: boolean;
}

/**
 * Writes the Solidity verifier of a model's key to `Verifier.sol`. Of a key of PLONK or FFLONK it holds the contract that snarkjs generates,
 * and is under GPL-3.0.
 * @throws ZkonnxError KEY_DEVELOPMENT, CONTRACT_TOO_LARGE, ARTIFACT_MISSING, ARTIFACT_STALE, ARTIFACT_MALFORMED, CANCELLED
 */
export async function exportModelVerifier({ model, folder = defaultFolder(model), allowDevelopmentKey = false, signal }: ExportModelVerifierParameters): Promise<ExportModelVerifierReturnType> {
  const where = resolve(folder);
  const { hash } = readModel(model);
  const manifest = await readManifest(where);
  if (manifest?.verification === undefined) throw new ZkonnxError('ARTIFACT_MISSING', { message: `There is no verification key for this model in ${where}.`, file: model, fix: `Run \`zkonnx setup ${model} --dev\` first.` });
  const verification = await readVerificationFile(await checkedPath({ folder: where, record: manifest.verification.verification, stage: `setup ${model}` }));
  if (verification.model.sha256 !== hash) throw new ZkonnxError('ARTIFACT_STALE', { message: `The verification key in ${where} is of another model file.`, expected: hash, found: verification.model.sha256, fix: `Run \`zkonnx setup ${model} --dev\` again.` });
  const developmentKey = verification.key.kind !== 'ceremony';
  const { contractName, source } = await exportAnyVerifier({ verificationKey: verification.verificationKey, layout: verification.layout, model: verification.model, developmentKey, allowDevelopmentKey, signal });
  const path = join(where, FILES.verifier);
  // Writing the contract again is cheap; it is left alone so that tools which watch it are not woken.
  const key = sha256(source);
  const known = manifest.contract;
  const skipped = known?.key === key && (await intact(where, [known.solidity]));
  if (!skipped) {
    await writeFileAtomically({ path, data: source, signal });
    await writeManifest(where, { ...manifest, contract: { key, solidity: await recordFile(where, FILES.verifier) } });
  }
  const system = verification.verificationKey.protocol;
  return { path, contractName, developmentKey, system, licence: system === 'groth16' ? 'Apache-2.0' : 'GPL-3.0', publicSignals: verification.verificationKey.nPublic, skipped };
}
