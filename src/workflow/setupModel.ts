import { join, resolve } from 'node:path';
import {
  FILES,
  checkedPath,
  intact,
  readManifest,
  recordFile,
  sha256,
  writeJson,
  writeManifest,
  type KeyOrigin,
  type Manifest,
  type SetupStage,
  type VerificationFile,
  type VerificationStage,
} from '../artifacts/index.js';
import { readPlanFile } from '../compile/index.js';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import { copyFileAtomically } from '../files/index.js';
import type { BackendChoice } from '../prove/index.js';
import { readR1csFile } from '../r1cs/r1csFile.js';
import { SYSTEM_NAMES, keyProvenance, onlyGroth16, readKeySystem, verificationKeyOf, verifyKeyBelongs, type ProofSystem } from '../setup/index.js';
import { ceremonyEngine } from './ceremonyEngine.js';
import { compileModel, type CompileModelParameters, type CompileModelReturnType } from './compileModel.js';
import { makeDevelopmentKey } from './makeDevelopmentKey.js';
import { universalKeyFor, type UniversalSource } from './universalKeyFor.js';

/** Where the proving key comes from: made here from local randomness, or a file from elsewhere. */
export type KeySource =
  | 'development'
  | {
      /** A `.zkey`. It is checked to belong to the model and copied. */
      readonly zkeyPath: string;
      /** The prepared powers of tau that its ceremony started from. Without it the key counts as a development key. */
      readonly ptauPath?: string | undefined;
    }
  | {
      /** Of PLONK and FFLONK: prepared powers of tau, from which the key follows without a ceremony of its own. */
      readonly powersPath: string;
      /** Their BLAKE2b-512 in hexadecimal, as published: needed for files that zkonnx does not know, or the key counts as a development key. */
      readonly powersDigest?: string | undefined;
    };

export interface SetupModelParameters extends CompileModelParameters {
  readonly key: KeySource;
  /** Default: Groth16, and with the key 'development' whatever the key that is there is of. */
  readonly system?: ProofSystem | undefined;
  /** Default 'auto': the native engine where it was built. */
  readonly backend?: BackendChoice | undefined;
  readonly threads?: number | undefined;
}

export interface SetupModelReturnType extends CompileModelReturnType {
  readonly provingKey: { readonly path: string; readonly bytes: number; readonly sha256: string };
  readonly system: ProofSystem;
  readonly verification: { readonly path: string; readonly sha256: string };
  readonly key: KeyOrigin;
}

/**
 * Makes, or takes in, the proving key of a model, and writes the verification files. Compiles the model first unless that was
 * done. A key that fits the circuit stays as it is: an existing one is replaced only by one that is given.
 *
 * @throws ZkonnxError MODEL_TOO_LARGE and POWERS_TOO_FEW for PLONK and FFLONK, KEY_MISMATCH when a given key belongs to another model, ARTIFACT_MALFORMED, FILE_NOT_FOUND, CANCELLED, and what {@link compileModel} throws
 */
export async function setupModel({ key, system: asked, backend = 'auto', threads, ...model }: SetupModelParameters): Promise<SetupModelReturnType> {
  const { signal, onProgress } = model;
  checkSource(key, asked);
  const compiled = await compileModel(model);
  const { folder } = compiled;
  let manifest = (await readManifest(folder)) as Manifest;
  const zkeyPath = join(folder, FILES.provingKey);
  const known = manifest.setup;
  const system = asked ?? (key === 'development' ? known?.system : undefined) ?? 'groth16';
  const usable = known?.r1cs === compiled.r1csSha256 && (known.system ?? 'groth16') === system && (await intact(folder, [known.provingKey]));
  let made = false;
  if (key !== 'development' || !usable) {
    const report = (fraction: number): void => onProgress?.({ stage: 'setup', fraction, detail: 'making the key' });
    const r1csPath = join(folder, FILES.r1cs);
    const origin =
      system !== 'groth16'
        ? await universalKeyFor({ system, key: key as UniversalSource, r1csPath, zkeyPath, known: usable ? known?.origin : undefined, backend, threads, memoryLimit: model.memoryLimit, signal, onProgress: report })
        : key === 'development'
        ? await makeDevelopmentKey({ r1csPath, zkeyPath, backend, threads, signal, onProgress: report }).then((): KeyOrigin => ({ kind: 'development', reason: 'it was made locally, by one party' }))
        : await adoptKey({ ...(key as Adopted), r1csPath, zkeyTarget: zkeyPath, signal });
    manifest = { ...manifest, setup: { r1cs: compiled.r1csSha256, provingKey: await recordFile(folder, FILES.provingKey), ...(system === 'groth16' ? {} : { system }), origin } };
    await writeManifest(folder, manifest);
    made = true;
  }
  const setup = manifest.setup as SetupStage;
  const verification = await writeVerification({ folder, manifest, setup, signal });
  onProgress?.({ stage: 'setup', fraction: 1 });
  return {
    ...compiled,
    skipped: compiled.skipped && !made,
    provingKey: { path: zkeyPath, bytes: setup.provingKey.bytes, sha256: setup.provingKey.sha256 },
    verification: { path: join(folder, FILES.verification), sha256: verification.verification.sha256 },
    system,
    key: setup.origin,
  };
}

type Adopted = Extract<KeySource, { readonly zkeyPath: string }>;

/** @throws USAGE when the source of a key is not one of its system */
function checkSource(key: KeySource, system: ProofSystem | undefined): void {
  if (key === 'development') return;
  const universal = system === 'plonk' || system === 'fflonk';
  if (universal && 'zkeyPath' in key) throw new ZkonnxError('USAGE', { message: `A key of ${SYSTEM_NAMES[system]} is not taken in but made: everyone gets the same bytes from the same powers of tau.`, expected: 'powers of tau (--ptau FILE) and no key' });
  if (!universal && 'powersPath' in key) throw new ZkonnxError('USAGE', { message: 'A Groth16 key does not follow from powers of tau alone.', expected: 'a key (--key FILE), or another system (--system plonk)' });
}

/** Checks a key from elsewhere and copies it into the folder. */
async function adoptKey({ zkeyPath, ptauPath, r1csPath, zkeyTarget, signal }: { zkeyPath: string; ptauPath?: string | undefined; r1csPath: string; zkeyTarget: string; signal: AbortSignal | undefined }): Promise<KeyOrigin> {
  const system = await readKeySystem(zkeyPath);
  if (system !== 'groth16') throw onlyGroth16(zkeyPath, system, 'it is not taken in but made, from powers of tau', `Run \`zkonnx setup MODEL --system ${system} --ptau FILE\`; everyone gets the same bytes.`);
  await verifyKeyBelongs({ r1cs: await readR1csFile(r1csPath), zkeyPath, signal });
  const { provenance, reason, ptauDigest, ptauPublished } = await keyProvenance({ zkeyPath, r1csPath, ptauPath, engine: ceremonyEngine(), signal });
  if (resolve(zkeyPath) !== resolve(zkeyTarget)) await copyFileAtomically({ from: zkeyPath, to: zkeyTarget, signal });
  return { kind: provenance, reason, ...(ptauDigest === undefined ? {} : { ptauDigest }), ...(ptauPublished === undefined ? {} : { ptauPublished }) };
}

/** Writes verification.json and verification_key.json unless they are there and belong to this key, model and layout. */
async function writeVerification({ folder, manifest, setup, signal }: { folder: string; manifest: Manifest; setup: SetupStage; signal: AbortSignal | undefined }): Promise<VerificationStage> {
  const { compile } = manifest;
  if (compile === undefined) throw new ZkonnxError('INTERNAL', { message: 'the model was not compiled before its key was made' });
  const key = sha256(JSON.stringify([setup, manifest.model, compile.plan.sha256, compile.interface]));
  const known = manifest.verification;
  if (known?.key === key && (await intact(folder, [known.verification, known.snarkjsKey]))) return known;
  throwIfAborted(signal);
  const verificationKey = await verificationKeyOf(await checkedPath({ folder, record: setup.provingKey, stage: 'setup' }));
  const { layout } = await readPlanFile(await checkedPath({ folder, record: compile.plan, stage: 'compile' }));
  const file: VerificationFile = { format: 'zkonnx-verification', version: 1, model: manifest.model, key: setup.origin, layout, interface: compile.interface, verificationKey };
  await writeJson({ path: join(folder, FILES.verification), data: file, signal });
  await writeJson({ path: join(folder, FILES.snarkjsKey), data: verificationKey, signal });
  const stage: VerificationStage = { key, verification: await recordFile(folder, FILES.verification), snarkjsKey: await recordFile(folder, FILES.snarkjsKey) };
  await writeManifest(folder, { ...manifest, verification: stage });
  return stage;
}
