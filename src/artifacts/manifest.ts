/**
 * The folder of one model and its `manifest.json`, the chain of hashes that ties its files together. A stage records what it
 * was made from and what it wrote; a later command believes a file only if the chain up to it is whole.
 */
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { ZkonnxError } from '../errors/index.js';
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
} as const;

const CompileStage = z.object({
  /** Hash of everything that the result depends on: the model, the options, the compiler. */
  key: z.string(),
  batch: z.number().int().positive(),
  canonical: FileRecord,
  plan: FileRecord,
  r1cs: FileRecord,
  cost: FileRecord,
  rows: z.number().int(),
  wires: z.number().int(),
  publicSignals: z.number().int(),
  interface: ModelInterface,
});
export type CompileStage = z.infer<typeof CompileStage>;

const SetupStage = z.object({
  /** SHA-256 of the R1CS that the key was made for. */
  r1cs: z.string(),
  provingKey: FileRecord,
  origin: KeyOrigin,
});
export type SetupStage = z.infer<typeof SetupStage>;

const VerificationStage = z.object({
  /** Hash of the proving key, the model and the layout. */
  key: z.string(),
  /** What a verifier needs, in one file. */
  verification: FileRecord,
  /** The verification key alone, as snarkjs reads it. */
  snarkjsKey: FileRecord,
});
export type VerificationStage = z.infer<typeof VerificationStage>;

const ContractStage = z.object({
  /** SHA-256 of the source. */
  key: z.string(),
  solidity: FileRecord,
});

const Manifest = z.object({
  format: z.literal('zkonnx-manifest'),
  version: z.literal(1),
  model: z.object({ name: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  compile: CompileStage.exactOptional(),
  setup: SetupStage.exactOptional(),
  verification: VerificationStage.exactOptional(),
  contract: ContractStage.exactOptional(),
});
export type Manifest = z.infer<typeof Manifest>;

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
