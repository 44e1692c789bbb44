/** What ceremonies compute with many points: in the native engine, or here. */
import { setImmediate } from 'node:timers/promises';
import { normalizeZ } from '@noble/curves/abstract/curve.js';
import { bn254 } from '@noble/curves/bn254.js';
import { throwIfAborted } from '../../errors/index.js';
import { malformed } from '../../r1cs/binFile.js';
import { bytesToBigint } from '../../r1cs/words.js';
import { G1_BYTES, loadCoordinate, storeCoordinate } from '../baseField.js';

export interface ArithmeticOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Points of G1 in the files' form, 64 bytes each; scalars plain, 32 bytes each, little-endian, below r. */
export interface CeremonyArithmetic {
  /** All points times one scalar. @throws ARTIFACT_MALFORMED when one is not on the curve, CANCELLED */
  scalePoints(options: ArithmeticOptions & { readonly points: Uint8Array; readonly scalar: Uint8Array }): Promise<Uint8Array>;
  /** The sum of points times scalars. @throws ARTIFACT_MALFORMED when one is not on the curve, CANCELLED */
  sumOfMultiples(options: ArithmeticOptions & { readonly points: Uint8Array; readonly scalars: Uint8Array }): Promise<Uint8Array>;
}

type G1Point = InstanceType<typeof bn254.G1.Point>;

/** After that many points, others get their turn. */
const PIECE = 64;

/** Without the native engine; about a thousand points a second. */
export const scriptArithmetic: CeremonyArithmetic = {
  async scalePoints({ points, scalar, signal }) {
    const factor = bytesToBigint(scalar);
    const scaled: G1Point[] = [];
    for (let index = 0; index < points.length / G1_BYTES; index++) {
      await turn(index, signal);
      scaled.push(readPoint(points, index).multiplyUnsafe(factor));
    }
    return writePoints(normalizeZ(bn254.G1.Point, scaled));
  },
  async sumOfMultiples({ points, scalars, signal }) {
    let sum = bn254.G1.Point.ZERO;
    for (let index = 0; index < points.length / G1_BYTES; index++) {
      await turn(index, signal);
      sum = sum.add(readPoint(points, index).multiplyUnsafe(bytesToBigint(scalars, index * 32)));
    }
    return writePoints([sum]);
  },
};

async function turn(index: number, signal: AbortSignal | undefined): Promise<void> {
  if (index % PIECE !== 0) return;
  await setImmediate();
  throwIfAborted(signal);
}

function readPoint(bytes: Uint8Array, index: number): G1Point {
  const words = new BigUint64Array(new Uint8Array(bytes.subarray(index * G1_BYTES, (index + 1) * G1_BYTES)).buffer);
  const x = loadCoordinate(words, 0);
  const y = loadCoordinate(words, 4);
  try {
    if (x === undefined || y === undefined) throw new RangeError('not reduced');
    const point = bn254.G1.Point.fromAffine({ x, y });
    point.assertValidity();
    return point;
  } catch {
    throw malformed('the key', `point ${index} is not on the curve`);
  }
}

function writePoints(points: readonly G1Point[]): Uint8Array {
  const words = new BigUint64Array(points.length * 8);
  points.forEach((point, index) => {
    if (point.is0()) return;
    const { x, y } = point.toAffine();
    storeCoordinate(words, index * 8, x);
    storeCoordinate(words, index * 8 + 4, y);
  });
  return new Uint8Array(words.buffer);
}
