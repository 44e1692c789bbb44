import { resolve } from 'node:path';
import { FILES, checkedPath, defaultFolder, readManifest, readVerificationFile, type VerificationFile } from '../artifacts/index.js';
import { ZkonnxError } from '../errors/index.js';
import { readModel } from '../onnx/readModel.js';
import type { FolderOptions } from './progress.js';

export interface PreparedModelParameters extends FolderOptions {
  readonly model: string;
}

/** The files of a model that has been compiled and set up, each checked against the manifest. */
export interface PreparedModel {
  readonly folder: string;
  readonly canonicalPath: string;
  readonly planPath: string;
  readonly planSha256: string;
  readonly zkeyPath: string;
  readonly verificationPath: string;
  readonly verification: VerificationFile;
}

/**
 * Opens the folder of a model for proving.
 * @throws ZkonnxError ARTIFACT_MISSING, ARTIFACT_STALE, ARTIFACT_MALFORMED, FILE_NOT_FOUND
 */
export async function openPreparedModel({ model, folder = defaultFolder(model) }: PreparedModelParameters): Promise<PreparedModel> {
  const where = resolve(folder);
  const { hash } = readModel(model);
  const manifest = await readManifest(where);
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
  const opened: PreparedModel = {
    folder: where,
    canonicalPath: await path(compile.canonical, 'compile'),
    planPath: await path(compile.plan, 'compile'),
    planSha256: compile.plan.sha256,
    zkeyPath: await path(key.provingKey, 'setup'),
    verificationPath,
    verification: await readVerificationFile(verificationPath),
  };
  if (opened.verification.model.sha256 !== hash) throw stale(`${verificationPath} is of another model.`, hash, opened.verification.model.sha256);
  return opened;
}
