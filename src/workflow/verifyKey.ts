import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { FILES, readVerificationFile, sha256OfFile } from '../artifacts/index.js';
import { readPlanFile } from '../compile/index.js';
import { ZkonnxError } from '../errors/index.js';
import type { R1cs } from '../r1cs/r1cs.js';
import { r1csDigest, readR1csFile } from '../r1cs/r1csFile.js';
import { SYSTEM_NAMES, checkEnoughPowers, checkedUniversalSize, keyProvenance, makeUniversalKey, powersProvenance, readKeySystem, verificationKeyOf, verifyKeyBelongs, type KeyProvenance, type ProofSystem, type UniversalSystem } from '../setup/index.js';
import type { Visibility } from '../verify/visibility.js';
import { ceremonyEngine } from './ceremonyEngine.js';
import { compileModel } from './compileModel.js';
import type { WorkflowOptions } from './progress.js';

export interface VerifyKeyParameters extends WorkflowOptions {
  /** Path of the ONNX file. */
  readonly model: string;
  readonly batch?: number | undefined;
  /** What the verifier sees; default: what the verification file says, else public inputs and outputs and fixed weights. */
  readonly visibility?: Partial<Visibility> | undefined;
  readonly memoryLimit?: number | undefined;
  /** Path of the `.zkey`. */
  readonly zkeyPath: string;
  /** The prepared powers of tau that its ceremony started from; without it no ceremony can be confirmed. */
  readonly ptauPath?: string | undefined;
  /** BLAKE2b-512 of that file in hexadecimal, as published, for keys of PLONK and FFLONK and files that zkonnx does not know. */
  readonly ptauDigest?: string | undefined;
  /** A `verification.json` that shall be of this key and model. */
  readonly verificationPath?: string | undefined;
}

export interface VerifyKeyReturnType {
  readonly model: { readonly name: string; readonly sha256: string };
  /** BLAKE2b-512 of the rows of the recompiled circuit, in hexadecimal. */
  readonly circuitDigest: string;
  readonly rows: number;
  readonly system: ProofSystem;
  /** How it is known that the part of the circuit that the key holds only in secret form is the model's. */
  readonly c: 'recorded' | 'transcript' | 'unknown' | 'remade';
  readonly provenance: KeyProvenance;
}

/**
 * Compiles a model anew and checks that a key belongs to it. Compilation is deterministic: the same file gives the same rows, on
 * any machine, so that nobody has to believe the maker of the key about which model it is for. A key of PLONK or FFLONK is made anew, too,
 * from its powers of tau, and compared byte by byte.
 *
 * @throws ZkonnxError KEY_MISMATCH, FILE_NOT_FOUND, ARTIFACT_MALFORMED, CANCELLED, and what {@link compileModel} throws
 */
export async function verifyKey({ model, batch, visibility, memoryLimit, zkeyPath, ptauPath, ptauDigest, verificationPath, signal, onProgress }: VerifyKeyParameters): Promise<VerifyKeyReturnType> {
  // Somewhere new, so that nothing that lies in the model's folder is believed.
  const folder = await mkdtemp(join(tmpdir(), 'zkonnx-'));
  try {
    const stated = verificationPath === undefined ? undefined : (await readVerificationFile(verificationPath)).layout.visibility;
    const compiled = await compileModel({ model, batch, visibility: { ...stated, ...visibility }, memoryLimit, folder, signal, onProgress });
    const r1csPath = join(folder, FILES.r1cs);
    const r1cs = await readR1csFile(r1csPath);
    const system = await readKeySystem(zkeyPath);
    const universal = system === 'groth16' ? undefined : await remade({ system, r1cs, r1csPath, zkeyPath, ptauPath, ptauDigest, folder, signal });
    const { c } = universal ?? (await verifyKeyBelongs({ r1cs, zkeyPath, signal }));
    if (verificationPath !== undefined) await checkVerificationFile({ verificationPath, zkeyPath, model: compiled.model.sha256, planPath: join(folder, FILES.plan) });
    const provenance = universal?.provenance ?? (await keyProvenance({ zkeyPath, r1csPath, ptauPath, engine: ceremonyEngine(), signal }));
    return {
      model: compiled.model,
      circuitDigest: Buffer.from(r1csDigest(r1cs)).toString('hex'),
      rows: r1cs.rowCount,
      system,
      c: system === 'groth16' && provenance.provenance === 'ceremony' ? 'transcript' : c,
      provenance,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Remade {
  readonly system: UniversalSystem;
  readonly r1cs: R1cs;
  readonly r1csPath: string;
  readonly zkeyPath: string;
  readonly ptauPath: string | undefined;
  readonly ptauDigest: string | undefined;
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
}

/** Makes a universal key from the rows and its powers of tau, and compares. @throws KEY_MISMATCH, USAGE without powers of tau */
async function remade({ system, r1cs, r1csPath, zkeyPath, ptauPath, ptauDigest, folder, signal }: Remade): Promise<{ c: 'remade'; provenance: KeyProvenance }> {
  const name = SYSTEM_NAMES[system];
  if (ptauPath === undefined) throw new ZkonnxError('USAGE', { message: `A key of ${name} is verified by making it again.`, expected: 'the powers of tau that it was made of: --ptau FILE', found: 'none' });
  await checkEnoughPowers({ system, ptauPath, size: checkedUniversalSize({ system, r1cs, memoryLimit: totalmem() }) });
  const provenance = await powersProvenance({ ptauPath, expectedDigest: ptauDigest, signal });
  const again = join(folder, 'again.zkey');
  await makeUniversalKey({ system, r1csPath, ptauPath, zkeyPath: again, signal });
  const [expected, found] = [await sha256OfFile(again), await sha256OfFile(zkeyPath)];
  if (expected !== found) throw new ZkonnxError('KEY_MISMATCH', { message: `The key is not the one that the model and these powers of tau give in ${name}.`, file: zkeyPath, expected: `SHA-256 ${expected}`, found: `SHA-256 ${found}` });
  return { c: 'remade', provenance };
}

async function checkVerificationFile({ verificationPath, zkeyPath, model, planPath }: { verificationPath: string; zkeyPath: string; model: string; planPath: string }): Promise<void> {
  const file = await readVerificationFile(verificationPath);
  const mismatch = (message: string, expected?: string, found?: string): ZkonnxError => new ZkonnxError('KEY_MISMATCH', { message: `${verificationPath} ${message}.`, file: verificationPath, expected, found });
  if (file.model.sha256 !== model) throw mismatch('is of another model', model, file.model.sha256);
  if (!isDeepStrictEqual(file.verificationKey, await verificationKeyOf(zkeyPath))) throw mismatch('holds another verification key than the proving key');
  if (!isDeepStrictEqual(file.layout, (await readPlanFile(planPath)).layout)) throw mismatch('places the public values differently from the model');
}
