/**
 * The transcript of a ceremony's second phase: what each contribution signs, and whether all of it holds together. The digests are
 * snarkjs's: BLAKE2b-512 of points in plain coordinates, big-endian, the second component of a pair first.
 */
import { createHash, type Hash } from 'node:crypto';
import { bn254 } from '@noble/curves/bn254.js';
import { bigintToBytes } from '../../r1cs/words.js';
import type { G1Affine, G2Affine } from '../baseField.js';
import { isInfinity, samePair, toG1, toG2 } from '../pairingChecks.js';
import type { Contribution } from '../zkeyFile.js';
import { beaconSeed, isPossibleExponent } from './beacon.js';
import { RandomStream } from './randomStream.js';

/** A name as it can be shown: it is anyone's text, and must neither move a cursor nor look like a line of ours. */
export function printableName(name: string): string {
  return name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}

/** The digest of a contribution, which its maker publishes. */
export function contributionHash(contribution: Contribution): Uint8Array {
  const hash = createHash('blake2b512');
  hashContribution(hash, contribution);
  return new Uint8Array(hash.digest());
}

/** What the next contribution signs: the circuit, all contributions before, and its own first two points. */
export function transcriptOf({ circuitHash, before, s, sx }: { readonly circuitHash: Uint8Array; readonly before: readonly Contribution[]; readonly s: G1Affine; readonly sx: G1Affine }): Uint8Array {
  const hash = createHash('blake2b512').update(circuitHash);
  for (const contribution of before) hashContribution(hash, contribution);
  hash.update(plain([s.x, s.y])).update(plain([sx.x, sx.y]));
  return new Uint8Array(hash.digest());
}

/** The point of G2 that a transcript yields; nobody knows its logarithm. */
export function challengePoint(transcript: Uint8Array): G2Affine {
  return new RandomStream(transcript).g2();
}

function hashContribution(hash: Hash, { deltaAfter, s, sx, spx, transcript }: Contribution): void {
  for (const point of [deltaAfter, s, sx]) hash.update(plain([point.x, point.y]));
  hash.update(plain([spx.x[1], spx.x[0], spx.y[1], spx.y[0]])).update(transcript);
}

function plain(coordinates: readonly bigint[]): Uint8Array {
  return Buffer.concat(coordinates.map((coordinate) => Buffer.from(bigintToBytes(coordinate)).reverse()));
}

/**
 * Checks the contributions of a key one after the other: each signs the transcript before it, its maker knew the factor by which δ
 * changed, δ changed by that factor, and a beacon follows from its public value.
 *
 * @param delta the δ that the key has in G1
 * @returns what is wrong, in words, or undefined
 */
export async function transcriptFault({ circuitHash, contributions, delta, signal }: { readonly circuitHash: Uint8Array; readonly contributions: readonly Contribution[]; readonly delta: G1Affine; readonly signal?: AbortSignal | undefined }): Promise<string | undefined> {
  let before = bn254.G1.Point.BASE.toAffine() as G1Affine;
  for (const [index, contribution] of contributions.entries()) {
    const fault = await contributionFault({ circuitHash, contributions, index, before, signal });
    if (fault !== undefined) return `contribution ${index + 1}${contribution.name === undefined ? '' : ` (${printableName(contribution.name)})`} ${fault}`;
    before = contribution.deltaAfter;
  }
  return before.x === delta.x && before.y === delta.y ? undefined : 'δ of the key is not the one that the last contribution left';
}

interface ContributionCheck {
  readonly circuitHash: Uint8Array;
  readonly contributions: readonly Contribution[];
  readonly index: number;
  readonly before: G1Affine;
  readonly signal: AbortSignal | undefined;
}

async function contributionFault({ circuitHash, contributions, index, before, signal }: ContributionCheck): Promise<string | undefined> {
  const { s, sx, spx, transcript, deltaAfter, beacon } = contributions[index] as Contribution;
  for (const point of [s, sx, deltaAfter]) if (isInfinity(toG1(point))) return 'has a point that is not a finite point of G1';
  if (isInfinity(toG2(spx))) return 'has a point that is not a finite point of G2';
  const expected = transcriptOf({ circuitHash, before: contributions.slice(0, index), s, sx });
  if (Buffer.compare(expected, transcript) !== 0) return 'does not follow from the contributions before it';
  const sp = challengePoint(transcript);
  if (!samePair({ from: s, to: sx, from2: sp, to2: spx })) return 'has a proof of knowledge that fails';
  if (!samePair({ from: before, to: deltaAfter, from2: sp, to2: spx })) return 'changed δ by another factor than the one that its proof of knowledge is about';
  if (sx.x === s.x && sx.y === s.y) return 'changed nothing: its factor is 1';
  if (beacon === undefined) return undefined;
  if (!isPossibleExponent(beacon.iterationsExponent)) return `has a beacon hashed 2^${beacon.iterationsExponent} times, more or less often than anyone verifies`;
  const stream = new RandomStream(await beaconSeed({ ...beacon, signal }));
  const factor = stream.scalar();
  const own = stream.g1();
  const multiple = toG1(own).multiplyUnsafe(factor).toAffine();
  return own.x === s.x && own.y === s.y && multiple.x === sx.x && multiple.y === sx.y ? undefined : 'is not what its beacon yields';
}
