/** The base field of BN254, of order q, and how iden3's keys store points: affine, Montgomery form, little-endian. (EIP-196.) */
import { inverse } from '../r1cs/field.js';
import { loadBigint, storeBigint } from '../r1cs/words.js';

/** The order q of the field that the coordinates of points live in. */
export const BASE_PRIME = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** An affine point of G1; (0, 0) stands for the point at infinity. */
export interface G1Affine {
  readonly x: bigint;
  readonly y: bigint;
}

/** An affine point of G2, coordinates [c0, c1] for c0 + c1·u; all zero stands for the point at infinity. */
export interface G2Affine {
  readonly x: readonly [bigint, bigint];
  readonly y: readonly [bigint, bigint];
}

export const G1_BYTES = 64;
export const G2_BYTES = 128;

const MONTGOMERY_INVERSE = inverse((1n << 256n) % BASE_PRIME, BASE_PRIME);

/** Writes a coordinate, in (−q, q), in Montgomery form. */
export function storeCoordinate(words: BigUint64Array, index: number, value: bigint): void {
  const positive = value < 0n ? value + BASE_PRIME : value;
  storeBigint(words, index, (positive << 256n) % BASE_PRIME);
}

/** Reads a coordinate in Montgomery form; undefined when it is not reduced. */
export function loadCoordinate(words: BigUint64Array, index: number): bigint | undefined {
  const value = loadBigint(words, index);
  return value < BASE_PRIME ? (value * MONTGOMERY_INVERSE) % BASE_PRIME : undefined;
}
