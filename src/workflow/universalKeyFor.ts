import { rm, mkdtemp } from 'node:fs/promises';
import { totalmem, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyOrigin } from '../artifacts/index.js';
import { ZkonnxError } from '../errors/index.js';
import type { BackendChoice } from '../prove/index.js';
import { loadNativeEngine } from '../prove/native.js';
import { readR1csFile } from '../r1cs/r1csFile.js';
import { SYSTEM_NAMES, checkEnoughPowers, checkedUniversalSize, makeUniversalKey, powersProvenance, readUniversalKey, type UniversalSystem } from '../setup/index.js';

/** Where the powers of tau come from: made here from local randomness, or a file. */
export type UniversalSource = 'development' | { readonly powersPath: string; readonly powersDigest?: string | undefined };

export interface UniversalKeyForParameters {
  readonly system: UniversalSystem;
  readonly key: UniversalSource;
  readonly r1csPath: string;
  readonly zkeyPath: string;
  /** The origin of the key that is there, if it is of this circuit and system: it stays when the powers of tau are the same. */
  readonly known: KeyOrigin | undefined;
  readonly backend: BackendChoice;
  readonly threads: number | undefined;
  /** Bytes; default: the memory of the machine. */
  readonly memoryLimit: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (fraction: number) => void;
}

/**
 * Makes a key of PLONK or FFLONK. How large it will be is known before anything is made.
 * @throws ZkonnxError MODEL_TOO_LARGE, POWERS_TOO_FEW, CEREMONY_INVALID, PROOF_SYSTEM, USAGE, CANCELLED, and of files
 */
export async function universalKeyFor({ system, key, r1csPath, zkeyPath, known, backend, threads, memoryLimit, signal, onProgress }: UniversalKeyForParameters): Promise<KeyOrigin> {
  if (backend === 'native') throw new ZkonnxError('PROOF_SYSTEM', { message: `The native engine makes no keys of ${SYSTEM_NAMES[system]}.`, expected: 'the backend snarkjs, or auto', found: 'native', fix: 'Leave --backend out.' });
  const r1cs = await readR1csFile(r1csPath);
  const size = checkedUniversalSize({ system, r1cs, memoryLimit: Math.max(memoryLimit ?? 0, totalmem()) });
  onProgress(0.05);
  const make = async (ptauPath: string): Promise<void> => {
    await makeUniversalKey({ system, r1csPath, ptauPath, zkeyPath, signal });
    const made = await readUniversalKey(zkeyPath);
    if (made.gates !== size.gates || made.wireCount !== r1cs.wireCount) throw new ZkonnxError('INTERNAL', { message: `snarkjs made a key of ${made.gates} gates where ${size.gates} were expected` });
  };
  if (key === 'development') {
    await withOwnPowers({ power: size.ptauPower, threads, signal }, make);
    return { kind: 'development', reason: 'its powers of tau were made locally, by one party' };
  }
  await checkEnoughPowers({ system, ptauPath: key.powersPath, size });
  const { provenance, reason, ptauDigest, ptauPublished } = await powersProvenance({ ptauPath: key.powersPath, expectedDigest: key.powersDigest, signal });
  if (known?.ptauDigest !== ptauDigest) await make(key.powersPath);
  return { kind: provenance, reason, ptauDigest, ...(ptauPublished === undefined ? {} : { ptauPublished }) };
}

/** Uses powers of tau that are made now and thrown away. @throws USAGE without the native engine */
async function withOwnPowers({ power, threads, signal }: { readonly power: number; readonly threads: number | undefined; readonly signal: AbortSignal | undefined }, use: (ptauPath: string) => Promise<void>): Promise<void> {
  const native = loadNativeEngine();
  if (native === undefined) throw new ZkonnxError('USAGE', { message: 'Without the native engine there are no powers of tau for development.', expected: `a file of power ${power} or more: --ptau FILE`, fix: 'Download one, or install a C++ compiler and install zkonnx again.' });
  const folder = await mkdtemp(join(tmpdir(), 'zkonnx-'));
  try {
    const ptauPath = join(folder, 'own.ptau');
    await native.makeDevPtau({ power, ptauPath, threads, signal });
    await use(ptauPath);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
