import { BASE_PRIME } from '../setup/baseField.js';
import { parseFflonkProof } from '../verify/fflonk.js';
import { parsePlonkProof } from '../verify/plonk.js';
import { malformedProof, parseDecimal, parseList, type AnyProof, type Groth16Proof } from '../verify/proof.js';
import type { G1Point } from '../verify/points.js';

/** A proof as the contract takes it: A.x, A.y, B.x (imaginary, real), B.y (imaginary, real), C.x, C.y. */
export type EvmProof = readonly [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/**
 * The eight words of a proof in the order of EIP-197, which has the imaginary part of a G2 coordinate first. Whether the points
 * are on the curve is left to the contract.
 *
 * @throws PROOF_MALFORMED when a coordinate is missing, or is not a decimal number below the modulus of the curve.
 */
export function toEvmProof({ pi_a: a, pi_b: b, pi_c: c }: Groth16Proof): EvmProof {
  const [bx, by] = coordinates('pi_b', b, (pair) => {
    const parts = parseList(pair, 2)?.map(parseDecimal);
    return parts?.every((part) => part !== undefined) ? (parts as [bigint, bigint]) : undefined;
  }, ([real, imaginary]) => real === 1n && imaginary === 0n);
  const [ax, ay] = coordinates('pi_a', a, parseDecimal, (z) => z === 1n);
  const [cx, cy] = coordinates('pi_c', c, parseDecimal, (z) => z === 1n);
  const words: EvmProof = [ax, ay, bx[1], bx[0], by[1], by[0], cx, cy];
  if (words.some((word) => word >= BASE_PRIME)) throw malformedProof('a coordinate of the proof is not below the modulus of the curve');
  return words;
}

/** x and y of a point whose z is one. */
function coordinates<T>(name: string, point: unknown, read: (json: unknown) => T | undefined, isOne: (z: T) => boolean): [T, T] {
  const [x, y, z] = parseList(point, 3)?.map(read) ?? [];
  if (x === undefined || y === undefined || z === undefined || !isOne(z)) throw malformedProof(`${name} of the proof cannot be read`, 'an affine point in snarkjs’s form');
  return [x, y];
}

/** Words of a proof of PLONK or FFLONK: the coordinates of its commitments, then its evaluations. */
export type EvmUniversalProof = readonly bigint[];
export const UNIVERSAL_PROOF_WORDS = 24;

/**
 * The words of a proof of any system, as the contract of its key takes them: 8 of Groth16, 24 of the others.
 * @throws PROOF_MALFORMED when it cannot be read
 */
export function proofWords(proof: AnyProof): EvmProof | EvmUniversalProof {
  if (proof.protocol === 'groth16') return toEvmProof(proof);
  const parsed: Readonly<Record<string, bigint | G1Point>> = proof.protocol === 'plonk' ? parsePlonkProof(proof) : parseFflonkProof(proof);
  // The parsers list what they read in the order of snarkjs's contracts.
  return Object.values(parsed).flatMap((part) => {
    if (typeof part === 'bigint') return [part];
    const { x, y } = part.toAffine();
    return [x, y];
  });
}
