/** The points that a verifier needs, as a proving key has them, in snarkjs's JSON form. Needs no arithmetic of the curve. */
import { malformed, type BinFileReader } from '../r1cs/binFile.js';
import { G1_BYTES, type G1Affine, type G2Affine } from './baseField.js';
import { ZKEY, readG1, type ZkeyHeader } from './zkeyFile.js';

/** x, y, z as decimal strings. */
export type G1Json = [string, string, string];
/** x, y, z, each [c0, c1]. */
export type G2Json = [[string, string], [string, string], [string, string]];
/** What the equation of a verifier is made of; {@link VerificationKey} without the pairing that nobody needs. */
export interface VerifierPoints {
  readonly protocol: 'groth16';
  readonly curve: 'bn128';
  /** Public signals, without the constant. */
  readonly nPublic: number;
  readonly vk_alpha_1: G1Json;
  readonly vk_beta_2: G2Json;
  readonly vk_gamma_2: G2Json;
  readonly vk_delta_2: G2Json;
  /** nPublic + 1 points. */
  readonly IC: G1Json[];
}

/**
 * Reads the points. Whether they are on the curve is not looked at: whoever uses them does that.
 * @throws ARTIFACT_MALFORMED, also when a public signal has no point of its own, so that any value of it would fit.
 */
export async function readVerifierPoints(file: BinFileReader, header: ZkeyHeader): Promise<VerifierPoints> {
  const bytes = await file.read(ZKEY.ic);
  const ic = Array.from({ length: header.publicCount + 1 }, (_, index) => {
    const isInfinity = bytes.subarray(index * G1_BYTES, (index + 1) * G1_BYTES).every((byte) => byte === 0);
    if (isInfinity && index > 0) throw malformed(file.name, `public signal ${index} is not bound by the key`);
    return isInfinity ? INFINITY : g1Json(readG1(file.name, bytes, index * G1_BYTES));
  });
  return {
    protocol: 'groth16',
    curve: 'bn128',
    nPublic: header.publicCount,
    vk_alpha_1: g1Json(header.alpha1),
    vk_beta_2: g2Json(header.beta2),
    vk_gamma_2: g2Json(header.gamma2),
    vk_delta_2: g2Json(header.delta2),
    IC: ic,
  };
}

const INFINITY: G1Json = ['0', '1', '0'];

function g1Json({ x, y }: G1Affine): G1Json {
  return [String(x), String(y), '1'];
}

function g2Json({ x, y }: G2Affine): G2Json {
  return [
    [String(x[0]), String(x[1])],
    [String(y[0]), String(y[1])],
    ['1', '0'],
  ];
}
