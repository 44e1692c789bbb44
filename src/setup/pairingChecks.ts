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

/** Points of the library. A point that is not on the curve is its point at infinity: no check accepts that. */
export function toG1(point: G1Affine): InstanceType<typeof bn254.G1.Point> {
  const found = bn254.G1.Point.fromAffine(point);
  return valid(found) ? found : bn254.G1.Point.ZERO;
}

export function toG2({ x, y }: G2Affine): InstanceType<typeof bn254.G2.Point> {
  const { Fp2 } = bn254.fields;
  const found = bn254.G2.Point.fromAffine({ x: Fp2.fromBigTuple([...x]), y: Fp2.fromBigTuple([...y]) });
  // The validity of a point of G2 includes that it is in the subgroup of order r.
  return valid(found) ? found : bn254.G2.Point.ZERO;
}

export function isInfinity(point: { is0(): boolean }): boolean {
  return point.is0();
}

/** Whether to = d·from and to2 = d·from2 for one d: e(from, to2) = e(to, from2). False when a point is infinite or not in its group. */
export function samePair({ from, to, from2, to2 }: { readonly from: G1Affine; readonly to: G1Affine; readonly from2: G2Affine; readonly to2: G2Affine }): boolean {
  const [p, dp, q, dq] = [toG1(from), toG1(to), toG2(from2), toG2(to2)];
  if ([p, dp, q, dq].some(isInfinity)) return false;
  const product = bn254.pairingBatch([
    { g1: p, g2: dq },
    { g1: dp.negate(), g2: q },
  ]);
  return bn254.fields.Fp12.eql(product, bn254.fields.Fp12.ONE);
}

function valid(point: { assertValidity(): void }): boolean {
  try {
    point.assertValidity();
    return true;
  } catch {
    return false;
  }
}
