/** Modulus of the coordinates of BN254. */
export const Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** A point of G1, affine. */
export interface G1 {
  readonly x: bigint;
  readonly y: bigint;
}

/** A point of G2, affine; each coordinate is [real, imaginary]. */
export interface G2 {
  readonly x: readonly [bigint, bigint];
  readonly y: readonly [bigint, bigint];
}

export function negateG1({ x, y }: G1): G1 {
  return { x, y: negate(y) };
}

export function negateG2({ x, y }: G2): G2 {
  return { x, y: [negate(y[0]), negate(y[1])] };
}

function negate(coordinate: bigint): bigint {
  return coordinate === 0n ? 0n : Q - coordinate;
}
