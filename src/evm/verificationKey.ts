import { bn254 } from '@noble/curves/bn254.js';
import { ZkonnxError } from '../errors/index.js';
import { parseG1, parseG2, type G1Point, type G2Point } from '../verify/points.js';
import { parseList } from '../verify/proof.js';
import type { G1Affine, G2Affine } from '../setup/baseField.js';

/** A verification key whose points are finite and in their groups, and whose secrets are not plainly known. */
export interface CheckedKey {
  readonly alpha: G1Affine;
  readonly beta: G2Affine;
  readonly gamma: G2Affine;
  readonly delta: G2Affine;
  /** The point of the constant 1, infinity (0, 0) if the circuit does not use it. */
  readonly constant: G1Affine;
  /** One point for each public signal. */
  readonly signals: readonly G1Affine[];
}

/**
 * Reads a verification key in snarkjs's JSON form and refuses every key that anyone could forge proofs for by looking at it:
 * - delta equal to gamma or to the generator, up to sign: the second phase of the setup was skipped (A = alpha, B = beta,
 *   C = −IC(x) then verifies for any x; this has emptied contracts in 2026);
 * - alpha or beta equal to the generator, up to sign: the first phase was skipped;
 * - a public signal whose IC point is infinity is not bound to the proof at all, and two that have the same point, up to sign,
 *   can be traded against each other.
 * gamma may be the generator, as it is in every key that snarkjs makes, or any other point.
 *
 * @throws ARTIFACT_MALFORMED
 */
export function checkVerificationKey(json: unknown): CheckedKey {
  if (typeof json !== 'object' || json === null) throw refuse('it is not an object');
  const key = json as Readonly<Record<string, unknown>>;
  if (key['protocol'] !== 'groth16' || key['curve'] !== 'bn128') throw refuse('it is not of protocol groth16 and curve bn128');
  const count = key['nPublic'];
  const points = Number.isSafeInteger(count) ? parseList(key['IC'], (count as number) + 1) : undefined;
  if (points === undefined) throw refuse('it does not have one IC point more than public signals');

  const alpha = readG1('vk_alpha_1', key['vk_alpha_1']);
  const [beta, gamma, delta] = [readG2('vk_beta_2', key['vk_beta_2']), readG2('vk_gamma_2', key['vk_gamma_2']), readG2('vk_delta_2', key['vk_delta_2'])];
  const constant = isInfinity(points[0]) ? { x: 0n, y: 0n } : readG1('IC[0]', points[0]).toAffine();
  const signals = points.slice(1).map((point, index) => readG1(`IC[${index + 1}]`, point));

  const { BASE: generator1 } = bn254.G1.Point;
  const { BASE: generator2 } = bn254.G2.Point;
  if (equalUpToSign(delta, generator2)) throw refuse('vk_delta_2 is the generator: the second phase of the setup was skipped, so anyone can forge proofs');
  if (equalUpToSign(delta, gamma)) throw refuse('vk_delta_2 equals vk_gamma_2 up to sign, so anyone can forge proofs');
  if (equalUpToSign(alpha, generator1)) throw refuse('vk_alpha_1 is the generator: its secret is known');
  if (equalUpToSign(beta, generator2)) throw refuse('vk_beta_2 is the generator: its secret is known');
  refuseTradableSignals(signals);

  return { alpha: alpha.toAffine(), beta: affineG2(beta), gamma: affineG2(gamma), delta: affineG2(delta), constant, signals: signals.map((point) => point.toAffine()) };
}

function refuseTradableSignals(signals: readonly G1Point[]): void {
  // Equal up to sign is the same x coordinate.
  const seen = new Map<bigint, number>();
  for (const [index, { x }] of signals.map((point) => point.toAffine()).entries()) {
    const other = seen.get(x);
    if (other !== undefined) throw refuse(`the public signals ${other} and ${index} have the same point up to sign, so they can be traded against each other`);
    seen.set(x, index);
  }
}

function equalUpToSign<P extends { equals(other: P): boolean; negate(): P }>(p: P, q: P): boolean {
  return p.equals(q) || p.negate().equals(q);
}

function readG1(name: string, json: unknown): G1Point {
  const point = parseG1(json);
  if (point === undefined) throw refuse(`${name} is not a finite point of G1 with coordinates below q`);
  return point;
}

function readG2(name: string, json: unknown): G2Point {
  const point = parseG2(json);
  if (point === undefined) throw refuse(`${name} is not a finite point of G2 with coordinates below q`);
  return point;
}

/** Infinity as snarkjs writes it. */
function isInfinity(json: unknown): boolean {
  const [x, y, z] = parseList(json, 3) ?? [];
  return x === '0' && y === '1' && z === '0';
}

function affineG2(point: G2Point): G2Affine {
  const { x, y } = point.toAffine();
  return { x: [x.c0, x.c1], y: [y.c0, y.c1] };
}

function refuse(reason: string): ZkonnxError {
  return new ZkonnxError('ARTIFACT_MALFORMED', {
    message: `The verification key is refused: ${reason}.`,
    fix: 'Make a new key with `zkonnx setup`, or get the published one of the ceremony again.',
  });
}
