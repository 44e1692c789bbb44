/** Negatives of points of BN254. */
import { BASE_PRIME, type G1Affine, type G2Affine } from '../setup/baseField.js';

export function negateG1({ x, y }: G1Affine): G1Affine {
  return { x, y: negate(y) };
}

export function negateG2({ x, y }: G2Affine): G2Affine {
  return { x, y: [negate(y[0]), negate(y[1])] };
}

function negate(coordinate: bigint): bigint {
  return coordinate === 0n ? 0n : BASE_PRIME - coordinate;
}
