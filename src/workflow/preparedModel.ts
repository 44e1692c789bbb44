import { dirname, join, resolve } from 'node:path';
import { FILES, checkedPath, defaultFolder, readManifest, readVerificationFile, type Manifest, type VerificationFile } from '../artifacts/index.js';
import { ZkonnxError } from '../errors/index.js';
import { modelHash, readWhole } from '../onnx/modelHash.js';
import type { FolderOptions } from './progress.js';

export interface PreparedModelParameters extends FolderOptions {
  readonly model: string;
}

/** The files of a model that has been compiled and set up, each checked against the manifest; the proving key when `keyIntact` resolves. */
export interface PreparedModel {
  readonly folder: string;
  readonly canonicalPath: string;
  readonly planPath: string;
  readonly planSha256: string;
  readonly zkeyPath: string;
  /** Whether the proving key is the recorded one is found out while other things are done. @throws ZkonnxError ARTIFACT_MISSING, ARTIFACT_STALE */
  readonly keyIntact: Promise<void>;
  /** Wires of the circuit. */
  readonly wireCount: number;
  readonly verificationPath: string;
  readonly verification: VerificationFile;
}

/**
 * Opens the folder of a model for proving.
 * @throws ZkonnxError ARTIFACT_MISSING, ARTIFACT_STALE, ARTIFACT_MALFORMED, FILE_NOT_FOUND
 */
export async function openPreparedModel({ model, folder = defaultFolder(model) }: PreparedModelParameters): Promise<PreparedModel> {
  const where = resolve(folder);
  const bytes = readWhole(model);
  const manifest = await readManifest(where);
  const hash = await hashOf({ model, bytes, manifest });
  const setup = `zkonnx setup ${model} --dev`;
  const missing = (what: string): ZkonnxError => new ZkonnxError('ARTIFACT_MISSING', { message: `There is no ${what} for this model in ${where}.`, file: model, expected: FILES.manifest, fix: `Run \`${setup}\` first.` });
  if (manifest?.compile === undefined) throw missing('compiled circuit');
  if (manifest.setup === undefined || manifest.verification === undefined) throw missing('proving key');
  const stale = (message: string, expected: string, found: string): ZkonnxError => new ZkonnxError('ARTIFACT_STALE', { message, file: where, expected, found, fix: `Run \`${setup}\` again.` });
  if (manifest.model.sha256 !== hash) throw stale(`The files in ${where} were made from another model file.`, hash, manifest.model.sha256);
  const { compile, setup: key, verification } = manifest;
  if (key.r1cs !== compile.r1cs.sha256) throw stale(`The proving key in ${where} was made for another circuit.`, compile.r1cs.sha256, key.r1cs);
  const path = (record: typeof compile.plan, stage: string): Promise<string> => checkedPath({ folder: where, record, stage: `${stage} ${model}` });
  const verificationPath = await path(verification.verification, 'setup');
  const keyIntact = path(key.provingKey, 'setup').then(() => undefined);
  // Whoever awaits it sees the failure.
  keyIntact.catch(() => undefined);
  const opened: PreparedModel = {
    folder: where,
    canonicalPath: await path(compile.canonical, 'compile'),
    planPath: await path(compile.plan, 'compile'),
    planSha256: compile.plan.sha256,
    zkeyPath: join(where, key.provingKey.file),
    keyIntact,
    wireCount: compile.wires,
    verificationPath,
    verification: await readVerificationFile(verificationPath),
  };
  if (opened.verification.model.sha256 !== hash) throw stale(`${verificationPath} is of another model.`, hash, opened.verification.model.sha256);
  return opened;
}

/**
 * The hash of a model: with the external files that the manifest names, and if that is not the recorded one, with those that the
 * model itself names. A model that cannot be read is reported as such, whatever its folder has.
 */
async function hashOf({ model, bytes, manifest }: { readonly model: string; readonly bytes: Uint8Array; readonly manifest: Manifest | undefined }): Promise<string> {
  const externalFiles = manifest?.compile?.externalFiles;
  if (manifest !== undefined && externalFiles !== undefined) {
    const hash = attempt(() => modelHash({ bytes, folder: dirname(model), externalFiles }));
    if (hash === manifest.model.sha256) return hash;
  }
  const { readModel } = await import('../onnx/readModel.js');
  return readModel(model).hash;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
