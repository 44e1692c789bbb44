/**
 * Contributions to the second phase of a setup. (Bowe, Gabizon and Miers, "Scalable Multi-party Computation for zk-SNARK Parameters
 * in the Random Beacon Model", 2017; files as snarkjs writes them, byte for byte.) A contributor draws a secret factor d, multiplies δ
 * by it and the points of the sections C and H by 1/d, and proves to know d. One honest contributor, who forgets d, is enough.
 *
 * Nothing about d is written anywhere. What held it in memory is overwritten; but JavaScript's integers cannot be, so that traces
 * may stay in the process until it ends: contribute in a process of its own, which the command line is.
 */
import { createHash, randomBytes } from 'node:crypto';
import { ZkonnxError, throwIfAborted } from '../../errors/index.js';
import { BinFileReader, malformed, writeBinFile } from '../../r1cs/binFile.js';
import { inverse } from '../../r1cs/field.js';
import { bigintToBytes } from '../../r1cs/words.js';
import { G1_BYTES, type G1Affine, type G2Affine } from '../baseField.js';
import { toG1, toG2 } from '../pairingChecks.js';
import { parseHeader } from '../zkey.js';
import { HEADER_BYTES, ZKEY, ZKEY_FORMAT, encodeContributions, g1Bytes, g2Bytes, type Contribution } from '../zkeyFile.js';
import type { CeremonyArithmetic } from './arithmetic.js';
import { beaconSeed, checkBeacon, type Beacon } from './beacon.js';
import { RandomStream } from './randomStream.js';
import { challengePoint, contributionHash, transcriptFault, transcriptOf } from './transcript.js';

interface StepParameters {
  /** The key to go on from, and where the next one goes. */
  readonly zkeyPath: string;
  readonly targetPath: string;
  /** Recorded beside the contribution, but not signed by it. At most 64 characters. */
  readonly name?: string | undefined;
  readonly arithmetic: CeremonyArithmetic;
  readonly signal?: AbortSignal | undefined;
  /** From 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

export interface ContributeParameters extends StepParameters {
  /** Any text that others cannot know; it is mixed with the operating system's randomness, never used in its place. */
  readonly entropy?: string | undefined;
}

export interface BeaconParameters extends StepParameters {
  readonly beacon: Beacon;
}

export interface ContributionMade {
  /** From 1. */
  readonly number: number;
  /** 64 bytes, to be published by the contributor. */
  readonly hash: Uint8Array;
}

/**
 * Adds a contribution from fresh randomness.
 * @throws ZkonnxError CEREMONY_INVALID when the contributions so far do not hold together, USAGE for a name that is too long, FILE_NOT_FOUND,
 * ARTIFACT_MALFORMED, FILE_NOT_WRITTEN, CANCELLED
 */
export async function contribute({ entropy = '', ...step }: ContributeParameters): Promise<ContributionMade> {
  const random = randomBytes(64);
  const seed = createHash('blake2b512').update(random).update(entropy).digest();
  random.fill(0);
  return addContribution({ ...step, seed, beacon: undefined });
}

/** Adds what a public random value yields, which ends a ceremony. Everyone gets the same file. @throws as {@link contribute} does */
export async function applyBeacon({ beacon, ...step }: BeaconParameters): Promise<ContributionMade> {
  checkBeacon(beacon);
  return addContribution({ ...step, seed: await beaconSeed({ ...beacon, signal: step.signal }), beacon });
}

const LONGEST_NAME = 64;

async function addContribution({ zkeyPath, targetPath, name, arithmetic, signal, onProgress, seed, beacon }: StepParameters & { readonly seed: Uint8Array; readonly beacon: Beacon | undefined }): Promise<ContributionMade> {
  if (name !== undefined && name.length > LONGEST_NAME) throw new ZkonnxError('USAGE', { message: 'The name of a contributor is too long.', expected: `at most ${LONGEST_NAME} characters`, found: `${name.length}` });
  throwIfAborted(signal);
  const stream = new RandomStream(seed);
  seed.fill(0);
  const file = await BinFileReader.open(zkeyPath, ZKEY_FORMAT);
  const inverted = new Uint8Array(32);
  try {
    const header = await parseHeader(file);
    const { circuitHash, contributions: before } = header;
    const fault = await transcriptFault({ circuitHash, contributions: before, delta: header.delta1, signal });
    if (fault !== undefined) throw new ZkonnxError('CEREMONY_INVALID', { message: `Nothing is added to ${zkeyPath}: ${fault}.`, file: zkeyPath });
    const factor = nonZero(stream);
    const s = stream.g1();
    const sx = times1(s, factor);
    const transcript = transcriptOf({ circuitHash, before, s, sx });
    const spx = times2(challengePoint(transcript), factor);
    const delta1 = times1(header.delta1, factor);
    const delta2 = times2(header.delta2, factor);
    inverted.set(bigintToBytes(inverse(factor)));
    stream.wipe();
    const own: Contribution = { kind: beacon === undefined ? 'contribution' : 'beacon', name: name === '' ? undefined : name, ...(beacon === undefined ? {} : { beacon }), deltaAfter: delta1, s, sx, spx, transcript };
    const total = file.size(ZKEY.c) + file.size(ZKEY.h);
    let done = 0;
    await writeBinFile({ ...ZKEY_FORMAT, path: targetPath, sectionCount: 10, signal }, async (writer) => {
      await writer.section(ZKEY.protocol, async (append) => append(await file.read(ZKEY.protocol)));
      await writer.section(ZKEY.header, async (append) => {
        const bytes = (await file.read(ZKEY.header)).slice();
        bytes.set(g1Bytes(delta1), HEADER_BYTES - 3 * G1_BYTES);
        bytes.set(g2Bytes(delta2), HEADER_BYTES - 2 * G1_BYTES);
        await append(bytes);
      });
      for (const type of [ZKEY.ic, ZKEY.coefficients, ZKEY.a, ZKEY.b1, ZKEY.b2]) await writer.section(type, (append) => eachPiece(file, type, append));
      for (const type of [ZKEY.c, ZKEY.h]) {
        await writer.section(type, (append) =>
          eachPiece(file, type, async (points) => {
            await append(await arithmetic.scalePoints({ points, scalar: inverted, signal }));
            done += points.length;
            onProgress?.(done / total);
          }),
        );
      }
      await writer.section(ZKEY.contributions, (append) => append(encodeContributions(circuitHash, [...before, own])));
    });
    return { number: before.length + 1, hash: contributionHash(own) };
  } finally {
    inverted.fill(0);
    await file.close();
  }
}

/** A multiple of the size of a point. */
const PIECE = 2 ** 22;

async function eachPiece(file: BinFileReader, type: number, use: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  const size = file.size(type);
  for (let position = 0; position < size; position += PIECE) await use(await file.read(type, position, Math.min(PIECE, size - position)));
}

function nonZero(stream: RandomStream): bigint {
  const value = stream.scalar();
  if (value === 0n) throw malformed('the beacon', 'it yields zero');
  return value;
}

function times1(point: G1Affine, factor: bigint): G1Affine {
  return toG1(point).multiply(factor).toAffine();
}

function times2(point: G2Affine, factor: bigint): G2Affine {
  const { x, y } = toG2(point).multiply(factor).toAffine();
  return { x: [x.c0, x.c1], y: [y.c0, y.c1] };
}

