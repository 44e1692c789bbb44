/**
 * The folder of one model and its `manifest.json`, the chain of hashes that ties its files together. A stage records what it
 * was made from and what it wrote; a later command believes a file only if the chain up to it is whole.
 */
import { basename, join, resolve } from 'node:path';
import { ZkonnxError } from '../errors/index.js';
import { form, type Formed } from '../files/index.js';
import { TENSOR_VISIBILITIES, WEIGHTS_VISIBILITIES } from '../verify/visibility.js';
import { PROOF_SYSTEMS } from '../setup/proofSystem.js';
import { FileRecord } from './fileRecord.js';
import { ModelInterface } from './interface.js';
import { readJson, writeJson } from './json.js';
import { KeyOrigin } from './keyOrigin.js';

/** The names of the files in a model's folder. */
export const FILES = {
  manifest: 'manifest.json',
  canonical: 'canonical.onnx',
  plan: 'plan.zkplan',
  r1cs: 'circuit.r1cs',
  cost: 'cost.json',
  provingKey: 'proving.zkey',
  verification: 'verification.json',
  snarkjsKey: 'verification_key.json',
  verifier: 'Verifier.sol',
  proofs: 'proofs',
  weightsOpening: 'weights.opening.json',
} as const;

const CompileStage = form.object({
  /** Hash of everything that the result depends on: the model, the options, the compiler. */
  key: form.text(),
  batch: form.integer({ from: 1 }),
  /** What the verifier sees. */
  visibility: form.object({ inputs: form.oneOf(...TENSOR_VISIBILITIES), outputs: form.oneOf(...TENSOR_VISIBILITIES), weights: form.oneOf(...WEIGHTS_VISIBILITIES) }),
  /** Files beside the model that hold weights, by their paths relative to it: with them its hash is found without decoding it. */
  externalFiles: form.optional(form.list(form.text())),
  canonical: FileRecord,
  plan: FileRecord,
  r1cs: FileRecord,
  cost: FileRecord,
  rows: form.integer(),
  wires: form.integer(),
  publicSignals: form.integer(),
  interface: ModelInterface,
});
export type CompileStage = Formed<typeof CompileStage>;

const SetupStage = form.object({
  /** SHA-256 of the R1CS that the key was made for. */
  r1cs: form.text(),
  provingKey: FileRecord,
  /** The proof system of the key; absent for groth16. */
  system: form.optional(form.oneOf(...PROOF_SYSTEMS)),
  origin: KeyOrigin,
});
export type SetupStage = Formed<typeof SetupStage>;

const VerificationStage = form.object({
  /** Hash of the proving key, the model and the layout. */
  key: form.text(),
  /** What a verifier needs, in one file. */
  verification: FileRecord,
  /** The verification key alone, as snarkjs reads it. */
  snarkjsKey: FileRecord,
});
export type VerificationStage = Formed<typeof VerificationStage>;

const ContractStage = form.object({
  /** SHA-256 of the source. */
  key: form.text(),
  solidity: FileRecord,
});

const Manifest = form.object({
  format: form.oneOf('zkonnx-manifest'),
  version: form.oneOf(1),
  model: form.object({ name: form.text(), sha256: form.text(/^[0-9a-f]{64}$/) }),
  compile: form.optional(CompileStage),
  setup: form.optional(SetupStage),
  verification: form.optional(VerificationStage),
  contract: form.optional(ContractStage),
});
export type Manifest = Formed<typeof Manifest>;

/** The name of a model: that of its file without `.onnx`. */
export function modelName(model: string): string {
  return basename(model).replace(/\.onnx$/i, '');
}

/** The default folder of a model: `artifacts/NAME` in the current folder. */
export function defaultFolder(model: string): string {
  return resolve('artifacts', modelName(model));
}

/**
 * The manifest of a folder, or undefined when there is none.
 * @throws ZkonnxError ARTIFACT_MALFORMED
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return await readJson(join(folder, FILES.manifest), Manifest);
  } catch (error) {
    if (error instanceof ZkonnxError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Writes the manifest whole. @throws FILE_NOT_WRITTEN */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeJson({ path: join(folder, FILES.manifest), data: manifest });
}
