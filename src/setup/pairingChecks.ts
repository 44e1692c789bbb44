import { bn254 } from '@noble/curves/bn254.js';
import type { G1Affine, G2Affine } from './baseField.js';

const base = bn254.G2.Point.BASE.toAffine();

/** The generator of G2. */
export const G2_GENERATOR_AFFINE: G2Affine = { x: [base.x.c0, base.x.c1], y: [base.y.c0, base.y.c1] };

export function equalG2(left: G2Affine, right: G2Affine): boolean {
  return left.x[0] === right.x[0] && left.x[1] === right.x[1] && left.y[0] === right.y[0] && left.y[1] === right.y[1];
}

/** Whether two finite points are the same multiple of their generators: e(P, g2) = e(g1, Q). */
export function sameExponent(p: G1Affine, q: G2Affine): boolean {
  const { Fp2, Fp12 } = bn254.fields;
  const product = bn254.pairingBatch([
    { g1: bn254.G1.Point.fromAffine(p), g2: bn254.G2.Point.BASE },
    { g1: bn254.G1.Point.BASE.negate(), g2: bn254.G2.Point.fromAffine({ x: Fp2.fromBigTuple([...q.x]), y: Fp2.fromBigTuple([...q.y]) }) },
  ]);
  return Fp12.eql(product, Fp12.ONE);
}
