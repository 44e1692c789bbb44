/** Making keys of PLONK and FFLONK. A key follows from the rows and the powers of tau alone: the same files give the same bytes. */
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ZkonnxError, throwIfAborted } from '../../errors/index.js';
import type { R1cs } from '../../r1cs/r1cs.js';
import { SnarkjsPool } from '../../snarkjs/index.js';
import { readPower } from '../ceremony/powersOfTau.js';
import { SYSTEM_NAMES, type UniversalSystem } from '../proofSystem.js';
import { countGates, type GateCount } from './gates.js';
import { LARGEST_UNIVERSAL_POWER, universalSize, type UniversalSize } from './universalSize.js';

export interface UniversalKeyParameters {
  readonly system: UniversalSystem;
  readonly r1csPath: string;
  /** Powers of tau, prepared for phase 2: enough for the size, which the caller has checked. */
  readonly ptauPath: string;
  /** Where the key goes; it appears there whole. */
  readonly zkeyPath: string;
  readonly signal?: AbortSignal | undefined;
}

export interface CircuitSizeParameters {
  readonly system: UniversalSystem;
  readonly r1cs: R1cs;
  /** Bytes of memory that may be taken. */
  readonly memoryLimit: number;
}

/**
 * What a circuit takes in a universal system, exactly, before anything is made.
 * @throws ZkonnxError MODEL_TOO_LARGE when it is beyond what snarkjs can do, or beyond the memory allowed
 */
export function checkedUniversalSize({ system, r1cs, memoryLimit }: CircuitSizeParameters): UniversalSize & GateCount {
  const count = countGates(r1cs, system);
  const size = universalSize({ system, ...count, publicCount: r1cs.publicOutputCount + r1cs.publicInputCount });
  const name = SYSTEM_NAMES[system];
  const gates = `${count.gates.toLocaleString('en')} gates`;
  const fix = 'Use Groth16 (`--system groth16`), whose keys and proofs grow with the rows and not with the terms in them, or a smaller model.';
  if (size.domainPower > LARGEST_UNIVERSAL_POWER) {
    throw new ZkonnxError('MODEL_TOO_LARGE', { message: `The circuit is too large for ${name}: its ${r1cs.rowCount.toLocaleString('en')} rows become ${gates}.`, expected: `at most 2^${LARGEST_UNIVERSAL_POWER} gates`, found: `2^${size.domainPower}`, fix });
  }
  if (size.memory > memoryLimit) {
    throw new ZkonnxError('MODEL_TOO_LARGE', { message: `${name} would take more memory than there is: ${gates}, a domain of 2^${size.domainPower}.`, expected: `at most ${megabytes(memoryLimit)}`, found: `about ${megabytes(size.memory)}, and a key of ${megabytes(size.keyBytes)}`, fix });
  }
  return { ...count, ...size };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
}

/** @throws ZkonnxError POWERS_TOO_FEW, and as reading the file does */
export async function checkEnoughPowers({ system, ptauPath, size }: { readonly system: UniversalSystem; readonly ptauPath: string; readonly size: UniversalSize & GateCount }): Promise<void> {
  const power = await readPower(ptauPath);
  if (power >= size.ptauPower) return;
  throw new ZkonnxError('POWERS_TOO_FEW', {
    message: `${ptauPath} has too few powers of tau: in ${SYSTEM_NAMES[system]} the circuit has ${size.gates.toLocaleString('en')} gates, a domain of 2^${size.domainPower}.`,
    file: ptauPath,
    expected: `power ${size.ptauPower} or more`,
    found: `power ${power}`,
    fix: `Take a file of power ${size.ptauPower}, such as powersOfTau28_hez_final_${String(size.ptauPower).padStart(2, '0')}.ptau, or Groth16.`,
  });
}

/**
 * Makes a key with snarkjs.
 * @throws ZkonnxError CANCELLED, FILE_NOT_WRITTEN, INTERNAL when snarkjs fails
 */
export async function makeUniversalKey({ zkeyPath, signal, ...task }: UniversalKeyParameters): Promise<void> {
  throwIfAborted(signal);
  const folder = await mkdtemp(join(dirname(zkeyPath), '.setup-')).catch((cause: unknown) => {
    throw new ZkonnxError('FILE_NOT_WRITTEN', { message: `${zkeyPath} could not be written`, file: zkeyPath, cause });
  });
  const snarkjs = new SnarkjsPool(1);
  try {
    const made = join(folder, 'key.zkey');
    await snarkjs.universalKey({ ...task, zkeyPath: made }, signal);
    throwIfAborted(signal);
    await rename(made, zkeyPath);
  } finally {
    await snarkjs.close();
    await rm(folder, { recursive: true, force: true });
  }
}
