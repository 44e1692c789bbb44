/**
 * Verification of a ceremony's second phase. Stricter than `snarkjs zkey verify`, which accepts a key without any contribution: the
 * points of C and H are compared with 128-bit random weights instead of 32-bit ones, and {@link ceremonyFault} says whether what
 * the contributions amount to is a ceremony.
 */
import { randomBytes } from 'node:crypto';
import { bn254 } from '@noble/curves/bn254.js';
import { throwIfAborted } from '../../errors/index.js';
import { BinFileReader } from '../../r1cs/binFile.js';
import { G1_BYTES, loadCoordinate, type G1Affine } from '../baseField.js';
import { G2_GENERATOR_AFFINE, equalG2, sameExponent, samePair, toG1 } from '../pairingChecks.js';
import { parseHeader } from '../zkey.js';
import { ZKEY, ZKEY_FORMAT, type ZkeyHeader } from '../zkeyFile.js';
import type { CeremonyArithmetic } from './arithmetic.js';
import { transcriptFault } from './transcript.js';

export interface VerifyPhaseParameters {
  /** The key before any contribution, made from the circuit and the powers of tau by the one who verifies. */
  readonly initialPath: string;
  readonly zkeyPath: string;
  readonly arithmetic: CeremonyArithmetic;
  readonly signal?: AbortSignal | undefined;
  /** From 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/**
 * Checks that a key is the initial key with its recorded contributions and nothing else.
 * @returns what is wrong, in words, or undefined
 * @throws ZkonnxError FILE_NOT_FOUND, ARTIFACT_MALFORMED, CANCELLED
 */
export async function phaseFault({ initialPath, zkeyPath, arithmetic, signal, onProgress }: VerifyPhaseParameters): Promise<string | undefined> {
  const initial = await BinFileReader.open(initialPath, ZKEY_FORMAT);
  try {
    const file = await BinFileReader.open(zkeyPath, ZKEY_FORMAT);
    try {
      const [expected, header] = [await parseHeader(initial), await parseHeader(file)];
      return (
        headerFault(expected, header) ??
        (await transcriptFault({ circuitHash: expected.circuitHash, contributions: header.contributions, delta: header.delta1, signal })) ??
        (await pointsFault({ initial, file, header, arithmetic, signal, onProgress }))
      );
    } finally {
      await file.close();
    }
  } finally {
    await initial.close();
  }
}

/**
 * What rules a ceremony out, whatever else verifies.
 * @returns the reason, in words, or undefined
 */
export function ceremonyFault({ contributions, gamma2, delta2 }: Pick<ZkeyHeader, 'contributions' | 'gamma2' | 'delta2'>): string | undefined {
  if (equalG2(gamma2, delta2)) return 'γ and δ are equal: the second phase was left out, and anyone can forge proofs';
  if (equalG2(delta2, G2_GENERATOR_AFFINE)) return 'δ is the generator: the second phase was left out';
  if (contributions.length === 0) return 'it records no contributions';
  if (contributions.at(-1)?.kind !== 'beacon') return 'its contributions do not end with a beacon';
  if (contributions.every(({ kind }) => kind === 'beacon')) return 'it records a beacon but no contributions';
  return undefined;
}

function headerFault(expected: ZkeyHeader, found: ZkeyHeader): string | undefined {
  for (const [what, get] of [
    ['number of wires', (header) => header.wireCount],
    ['number of public signals', (header) => header.publicCount],
    ['domain', (header) => header.domainSize],
    ['α', (header) => [header.alpha1.x, header.alpha1.y]],
    ['β', (header) => [header.beta1.x, header.beta1.y, ...header.beta2.x, ...header.beta2.y]],
    ['γ', (header) => [...header.gamma2.x, ...header.gamma2.y]],
    ['circuit hash', (header) => Buffer.from(header.circuitHash).toString('hex')],
  ] as const satisfies readonly (readonly [string, (header: ZkeyHeader) => unknown])[]) {
    if (String(get(expected)) !== String(get(found))) return `its ${what} is not the one that the circuit and the powers of tau yield`;
  }
  return sameExponent(found.delta1, found.delta2) ? undefined : 'δ is not the same in both groups';
}

/** Sections that no contribution changes. */
const UNCHANGED = [
  ['the points of the public signals', ZKEY.ic],
  ['the rows', ZKEY.coefficients],
  ['the points of A', ZKEY.a],
  ['the points of B in G1', ZKEY.b1],
  ['the points of B in G2', ZKEY.b2],
] as const;
const SCALED = [
  ['C', ZKEY.c],
  ['H', ZKEY.h],
] as const;
const PIECE_POINTS = 2 ** 16;
const PIECE_BYTES = PIECE_POINTS * G1_BYTES;
/** Bytes of a random weight: what is wrong goes unnoticed with probability 2^-128. */
const WEIGHT_BYTES = 16;

interface PointsCheck {
  readonly initial: BinFileReader;
  readonly file: BinFileReader;
  readonly header: ZkeyHeader;
  readonly arithmetic: CeremonyArithmetic;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((fraction: number) => void) | undefined;
}

async function pointsFault({ initial, file, header, arithmetic, signal, onProgress }: PointsCheck): Promise<string | undefined> {
  for (const [what, type] of UNCHANGED) {
    const size = initial.size(type);
    if (file.size(type) !== size) return `${what} are not those that the circuit and the powers of tau yield`;
    for (let position = 0; position < size; position += PIECE_BYTES) {
      throwIfAborted(signal);
      const length = Math.min(PIECE_BYTES, size - position);
      if (Buffer.compare(await initial.read(type, position, length), await file.read(type, position, length)) !== 0) return `${what} are not those that the circuit and the powers of tau yield`;
    }
  }
  const total = initial.size(ZKEY.c) + initial.size(ZKEY.h);
  let done = 0;
  for (const [what, type] of SCALED) {
    const size = initial.size(type);
    if (file.size(type) !== size) return `it has another number of points in ${what}`;
    // Σ w_i·P_i of the initial key and of this one: the second times δ is the first.
    const sums = [bn254.G1.Point.ZERO, bn254.G1.Point.ZERO] as [InstanceType<typeof bn254.G1.Point>, InstanceType<typeof bn254.G1.Point>];
    for (let position = 0; position < size; position += PIECE_BYTES) {
      const length = Math.min(PIECE_BYTES, size - position);
      const scalars = weights(length / G1_BYTES);
      for (const [index, source] of [initial, file].entries()) {
        const sum = await arithmetic.sumOfMultiples({ points: await source.read(type, position, length), scalars, signal });
        sums[index] = (sums[index] as (typeof sums)[0]).add(toG1(pointOf(sum)));
      }
      onProgress?.((done += length) / total);
    }
    const [before, after] = sums;
    if (before.is0() && after.is0()) continue;
    if (before.is0() || after.is0() || !samePair({ from: after.toAffine(), to: before.toAffine(), from2: G2_GENERATOR_AFFINE, to2: header.delta2 })) return `the points of ${what} are not the initial ones divided by δ`;
  }
  return undefined;
}

function weights(count: number): Uint8Array {
  const random = randomBytes(count * WEIGHT_BYTES);
  const scalars = new Uint8Array(count * 32);
  for (let index = 0; index < count; index++) scalars.set(random.subarray(index * WEIGHT_BYTES, (index + 1) * WEIGHT_BYTES), index * 32);
  return scalars;
}

function pointOf(bytes: Uint8Array): G1Affine {
  const words = new BigUint64Array(new Uint8Array(bytes).buffer);
  return { x: loadCoordinate(words, 0) as bigint, y: loadCoordinate(words, 4) as bigint };
}
