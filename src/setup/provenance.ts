/** Where a key comes from, and whether it belongs to a system. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZkonnxError, isZkonnxError, throwIfAborted } from '../errors/index.js';
import { BinFileReader, type BinSource } from '../r1cs/binFile.js';
import { FIELD_PRIME } from '../r1cs/field.js';
import type { R1cs, SparseMatrix } from '../r1cs/r1cs.js';
import { G1_BYTES, G2_BYTES, type G2Affine } from './baseField.js';
import { scriptEngine, type CeremonyEngine } from './ceremony/engine.js';
import { readPowersOfTau } from './ceremony/powersOfTau.js';
import { ceremonyFault, phaseFault } from './ceremony/verifyCeremony.js';
import { developmentCircuitHash } from './developmentKey.js';
import { domainPower } from './domain.js';
import { G2_GENERATOR_AFFINE, equalG2, sameExponent } from './pairingChecks.js';
import { coefficientChunks, parseHeader, readZkeyHeader } from './zkey.js';
import { ZKEY, ZKEY_FORMAT, type ZkeyHeader } from './zkeyFile.js';

export interface KeyProvenanceParameters {
  readonly zkeyPath: string;
  readonly r1csPath: string;
  /** The powers of tau that the ceremony started from, prepared for phase 2. Without it no transcript can be verified. */
  readonly ptauPath?: string | undefined;
  /** Default: snarkjs and JavaScript. */
  readonly engine?: CeremonyEngine | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface KeyProvenance {
  /**
   * 'ceremony' only when the transcript verifies: the key was recomputed from the R1CS and the powers of tau, every contribution has a
   * valid proof of knowledge, and they end with a beacon. Everything else is a 'development' key, whatever it says of itself.
   */
  readonly provenance: 'ceremony' | 'development';
  /** In words. */
  readonly reason: string;
  /**
   * BLAKE2b-512 of the powers-of-tau file, in hexadecimal, when one was used. A ceremony is worth as much as the powers of tau it
   * started from: compare this with the published digest, because a transcript cannot show that nobody knows τ.
   */
  readonly ptauDigest?: string;
  /** What that file is published as, if its digest is one of the published ones that zkonnx knows. */
  readonly ptauPublished?: string;
}

/**
 * Finds out what kind of key a key is. A transcript is verified by making the key anew from the R1CS and the powers of tau.
 *
 * @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED for an unreadable key, CANCELLED.
 */
export async function keyProvenance({ zkeyPath, r1csPath, ptauPath, engine = scriptEngine, signal }: KeyProvenanceParameters): Promise<KeyProvenance> {
  throwIfAborted(signal);
  const reason = ceremonyFault(await readZkeyHeader(zkeyPath));
  if (reason !== undefined) return { provenance: 'development', reason };
  if (ptauPath === undefined) return { provenance: 'development', reason: 'no powers-of-tau file was given to verify its transcript against' };
  const folder = await mkdtemp(join(tmpdir(), 'zkonnx-'));
  let powers: Pick<KeyProvenance, 'ptauDigest' | 'ptauPublished'> = {};
  try {
    const { digest, published } = await readPowersOfTau(ptauPath, signal);
    powers = { ptauDigest: digest, ...(published === undefined ? {} : { ptauPublished: published }) };
    const initialPath = join(folder, 'initial.zkey');
    await engine.initialKey({ r1csPath, ptauPath, zkeyPath: initialPath, signal });
    const fault = await phaseFault({ initialPath, zkeyPath, arithmetic: engine, signal });
    return fault === undefined
      ? { provenance: 'ceremony', reason: 'its transcript verifies against the R1CS and the powers of tau', ...powers }
      : { provenance: 'development', reason: `its transcript does not verify: ${fault}`, ...powers };
  } catch (error) {
    if (!isZkonnxError(error) || error.code === 'CANCELLED' || error.code === 'FILE_NOT_FOUND') throw error;
    // Powers of tau that cannot be read, or are too few, verify nothing.
    return { provenance: 'development', reason: `its transcript cannot be verified: ${error.message}`, ...powers };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface KeyBelongsParameters {
  /** The system, compiled anew. */
  readonly r1cs: R1cs;
  readonly zkeyPath: string;
  readonly signal?: AbortSignal | undefined;
}

/** What ties a key to a system. */
export interface KeyBelongs {
  /**
   * How C, the part of a system that a key holds only mixed with secrets, is known to be the system's: 'recorded' when the key's
   * maker recorded the digest of all rows (development keys of zkonnx); 'unknown' otherwise: then only a verified transcript
   * (see {@link keyProvenance}) or a proof of a satisfying witness that verifies says something about it.
   */
  readonly c: 'recorded' | 'unknown';
}

/**
 * Checks that a key belongs to a system, as far as the key alone shows:
 *
 * - wires, public signals and domain are the system's;
 * - the entries of A and B, with the rows for the public signals, are the system's, byte for byte; provers read them from there;
 * - a wire has a point in A, in B in G1, in B in G2 exactly when it occurs there in the system (a column that vanishes at τ by
 *   chance has probability below 2^-220);
 * - β and δ are the same in both groups, δ ≠ γ and δ is not the generator;
 * - the digest of all rows that zkonnx records in development keys is the system's.
 *
 * This finds every mix-up and every stale file. It does not find a key whose maker lied: the maker of a development key knows its
 * secrets and can forge proofs anyway, so there is nothing to gain from a proof that its points are honest. For a key of a
 * ceremony, {@link keyProvenance} verifies all points.
 *
 * @throws KEY_MISMATCH with the first difference, FILE_NOT_FOUND, ARTIFACT_MALFORMED, CANCELLED.
 */
export async function verifyKeyBelongs({ r1cs, zkeyPath, signal }: KeyBelongsParameters): Promise<KeyBelongs> {
  const file = await BinFileReader.open(zkeyPath satisfies BinSource, ZKEY_FORMAT);
  try {
    const header = await parseHeader(file);
    checkSizes(header, r1cs, zkeyPath);
    checkSecrets(header, zkeyPath);
    await checkCoefficients(file, r1cs, signal);
    const publicCount = header.publicCount;
    const inA = columnsInUse(r1cs.a, r1cs.wireCount);
    inA.fill(1, 0, publicCount + 1);
    const inB = columnsInUse(r1cs.b, r1cs.wireCount);
    await checkFinite(file, ZKEY.a, G1_BYTES, inA, signal);
    await checkFinite(file, ZKEY.b1, G1_BYTES, inB, signal);
    await checkFinite(file, ZKEY.b2, G2_BYTES, inB, signal);
    if (header.contributions.length > 0) return { c: 'unknown' };
    if (Buffer.compare(header.circuitHash, developmentCircuitHash(r1cs)) === 0) return { c: 'recorded' };
    throw mismatch(zkeyPath, 'the key was made for other rows, or not by zkonnx', 'the digest of the system’s rows', 'another digest');
  } finally {
    await file.close();
  }
}

function mismatch(file: string, message: string, expected?: string, found?: string): ZkonnxError {
  return new ZkonnxError('KEY_MISMATCH', { message, file, expected, found });
}

function checkSizes(header: ZkeyHeader, r1cs: R1cs, file: string): void {
  if (r1cs.prime !== FIELD_PRIME) throw mismatch(file, 'the system is not over the scalar field of BN254');
  const publicCount = r1cs.publicOutputCount + r1cs.publicInputCount;
  for (const [what, expected, found] of [
    ['wires', r1cs.wireCount, header.wireCount],
    ['public signals', publicCount, header.publicCount],
    ['rows of the domain', 2 ** domainPower(r1cs.rowCount, publicCount), header.domainSize],
  ] as const) {
    if (expected !== found) throw mismatch(file, `the key is for a system of another size`, `${expected} ${what}`, `${found} ${what}`);
  }
}

function checkSecrets({ beta1, beta2, gamma2, delta1, delta2 }: ZkeyHeader, file: string): void {
  if (!sameExponent(beta1, beta2)) throw mismatch(file, 'β is not the same in both groups');
  if (!sameExponent(delta1, delta2)) throw mismatch(file, 'δ is not the same in both groups');
  const generator: G2Affine = G2_GENERATOR_AFFINE;
  if (equalG2(gamma2, delta2) || equalG2(delta2, generator)) throw mismatch(file, 'the second phase of the setup was left out: anyone can forge proofs for this key');
}

async function checkCoefficients(file: BinFileReader, r1cs: R1cs, signal: AbortSignal | undefined): Promise<void> {
  let position = 0;
  for (const chunk of coefficientChunks(r1cs)) {
    throwIfAborted(signal);
    const end = position + chunk.length;
    if (end > file.size(ZKEY.coefficients) || Buffer.compare(chunk, await file.read(ZKEY.coefficients, position, chunk.length)) !== 0) {
      throw mismatch(file.name, 'the entries of A and B in the key are not the system’s');
    }
    position = end;
  }
  if (position !== file.size(ZKEY.coefficients)) throw mismatch(file.name, 'the key has more entries in A and B than the system');
}

function columnsInUse({ wires }: SparseMatrix, wireCount: number): Uint8Array {
  const used = new Uint8Array(wireCount);
  for (const wire of wires) used[wire] = 1;
  return used;
}

const POINTS_PER_READ = 2 ** 16;

async function checkFinite(file: BinFileReader, section: number, pointBytes: number, used: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  for (let first = 0; first < used.length; first += POINTS_PER_READ) {
    throwIfAborted(signal);
    const count = Math.min(POINTS_PER_READ, used.length - first);
    const bytes = await file.read(section, first * pointBytes, count * pointBytes);
    const words = new BigUint64Array(new Uint8Array(bytes).buffer);
    const perPoint = pointBytes / 8;
    for (let index = 0; index < count; index++) {
      let finite = 0;
      for (let word = 0; word < perPoint && finite === 0; word++) if (words[index * perPoint + word] !== 0n) finite = 1;
      if (finite !== used[first + index]) {
        throw mismatch(file.name, `wire ${first + index} ${finite === 1 ? 'does not occur' : 'occurs'} in the system where the key has ${finite === 1 ? 'a point' : 'none'}`);
      }
    }
  }
}
