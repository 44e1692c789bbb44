/** Points of BN254 from snarkjs's JSON, checked: reduced coordinates, on the curve, in the subgroup of order r, finite. */
import { bn254 } from '@noble/curves/bn254.js';
import { parseDecimal, parseList } from './proof.js';

export type G1Point = InstanceType<typeof bn254.G1.Point>;
export type G2Point = InstanceType<typeof bn254.G2.Point>;

/** The point, or undefined when the JSON is not one. */
export function parseG1(json: unknown): G1Point | undefined {
  const [x, y, z] = parseList(json, 3)?.map(parseDecimal) ?? [];
  if (x === undefined || y === undefined || z !== 1n) return undefined;
  return valid(() => {
    const point = bn254.G1.Point.fromAffine({ x: reduced(x), y: reduced(y) });
    point.assertValidity();
    return finite(point);
  });
}

/** The point, or undefined when the JSON is not one. */
export function parseG2(json: unknown): G2Point | undefined {
  const [x, y, z] = parseList(json, 3)?.map((pair) => parseList(pair, 2)?.map(parseDecimal)) ?? [];
  const [x0, x1] = x ?? [];
  const [y0, y1] = y ?? [];
  if (x0 === undefined || x1 === undefined || y0 === undefined || y1 === undefined || z?.[0] !== 1n || z[1] !== 0n) return undefined;
  const { Fp2 } = bn254.fields;
  return valid(() => {
    const point = bn254.G2.Point.fromAffine({ x: Fp2.fromBigTuple([reduced(x0), reduced(x1)]), y: Fp2.fromBigTuple([reduced(y0), reduced(y1)]) });
    // On this twist the validity includes that the point is in the subgroup.
    point.assertValidity();
    return finite(point);
  });
}

/** The library takes (0, 0) for the point at infinity, as the EVM does, and finds that valid. */
function finite<T extends G1Point | G2Point>(point: T): T {
  if (point.is0()) throw new RangeError('the point at infinity');
  return point;
}

function reduced(coordinate: bigint): bigint {
  if (coordinate >= bn254.fields.Fp.ORDER) throw new RangeError('a coordinate is not below q');
  return coordinate;
}

function valid<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
