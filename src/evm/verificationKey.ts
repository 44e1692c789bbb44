import { bn254 } from '@noble/curves/bn254.js';
import { z } from 'zod';
import { ZkonnxError } from '../errors/index.js';
import { Q, type G1, type G2 } from './curve.js';

const coordinate = z.string().regex(/^(0|[1-9][0-9]{0,77})$/, 'a decimal number');
const g1 = z.tuple([coordinate, coordinate, z.literal('1')]);
const g2 = z.tuple([z.tuple([coordinate, coordinate]), z.tuple([coordinate, coordinate]), z.tuple([z.literal('1'), z.literal('0')])]);
const schema = z.object({
  protocol: z.literal('groth16'),
  curve: z.literal('bn128'),
  nPublic: z.int().nonnegative(),
  vk_alpha_1: g1,
  vk_beta_2: g2,
  vk_gamma_2: g2,
  vk_delta_2: g2,
  IC: z.array(g1),
});

/** A verification key whose points are on their curves and in their groups, and whose secrets are not plainly known. */
export interface CheckedKey {
  readonly alpha: G1;
  readonly beta: G2;
  readonly gamma: G2;
  readonly delta: G2;
  /** One point for the constant 1, then one for each public signal. */
  readonly ic: readonly G1[];
}

/**
 * Reads a verification key in snarkjs's JSON form and refuses every key that anyone could forge proofs for by looking at it:
 * - delta equal to gamma or to the generator, up to sign: the second phase of the setup was skipped (A = alpha, B = beta,
 *   C = −IC(x) then verifies for any x; this has emptied contracts in 2026);
 * - alpha or beta equal to the generator: the first phase was skipped;
 * - a public signal whose IC point is infinity is not bound to the proof at all, and two that have the same point, up to sign,
 *   can be traded against each other.
 * gamma may be the generator, as it is in every key that snarkjs makes, or any other point.
 *
 * Throws ARTIFACT_MALFORMED.
 */
export function checkVerificationKey(key: unknown): CheckedKey {
  const parsed = schema.safeParse(key);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refuse(`it is not a Groth16 key over BN254 in the JSON form of snarkjs (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`);
  }
  const json = parsed.data;
  if (json.IC.length !== json.nPublic + 1) throw refuse(`it has ${json.nPublic} public signals and ${json.IC.length} IC points instead of ${json.nPublic + 1}`);
  const checked: CheckedKey = {
    alpha: readG1(json.vk_alpha_1, 'vk_alpha_1'),
    beta: readG2(json.vk_beta_2, 'vk_beta_2'),
    gamma: readG2(json.vk_gamma_2, 'vk_gamma_2'),
    delta: readG2(json.vk_delta_2, 'vk_delta_2'),
    ic: json.IC.map((point, index) => readG1(point, `IC[${index}]`)),
  };
  refuseKnownSecrets(checked);
  refuseUnboundSignals(checked.ic);
  return checked;
}

function refuseKnownSecrets({ alpha, beta, gamma, delta }: CheckedKey): void {
  const generator1 = bn254.G1.Point.BASE.toAffine();
  const generator2 = bn254.G2.Point.BASE.toAffine();
  const isGenerator2 = (point: G2): boolean => point.x[0] === generator2.x.c0 && point.x[1] === generator2.x.c1;
  if (isGenerator2(delta)) throw refuse('vk_delta_2 is the generator: the second phase of the setup was skipped, so anyone can forge proofs');
  if (delta.x[0] === gamma.x[0] && delta.x[1] === gamma.x[1]) throw refuse('vk_delta_2 equals vk_gamma_2 up to sign, so anyone can forge proofs');
  if (alpha.x === generator1.x) throw refuse('vk_alpha_1 is the generator: its secret is known');
  if (isGenerator2(beta)) throw refuse('vk_beta_2 is the generator: its secret is known');
}

function refuseUnboundSignals(ic: readonly G1[]): void {
  // Equal up to sign is the same x coordinate. IC[0] belongs to the constant 1, which nobody chooses.
  const seen = new Map<bigint, number>();
  for (const [index, { x }] of ic.entries()) {
    if (index === 0) continue;
    const other = seen.get(x);
    if (other !== undefined) throw refuse(`IC[${other}] and IC[${index}] are equal up to sign, so the public signals ${other - 1} and ${index - 1} can be traded against each other`);
    seen.set(x, index);
  }
}

function readG1([x, y]: z.infer<typeof g1>, name: string): G1 {
  const point = { x: inField(x, name), y: inField(y, name) };
  try {
    // Throws unless the point is on the curve; BN254 has no other points in G1, and infinity has no affine form.
    bn254.G1.Point.fromAffine(point).assertValidity();
  } catch (cause) {
    throw refuse(`${name} is not a point of G1`, cause);
  }
  return point;
}

function readG2([x, y]: z.infer<typeof g2>, name: string): G2 {
  const [x0, x1, y0, y1] = [inField(x[0], name), inField(x[1], name), inField(y[0], name), inField(y[1], name)] as const;
  try {
    const point = bn254.G2.Point.fromAffine({ x: { c0: x0, c1: x1 }, y: { c0: y0, c1: y1 } });
    point.assertValidity();
    if (!point.isTorsionFree()) throw new Error('not in the subgroup of prime order');
  } catch (cause) {
    throw refuse(`${name} is not a point of G2`, cause);
  }
  return { x: [x0, x1], y: [y0, y1] };
}

function inField(text: string, name: string): bigint {
  const value = BigInt(text);
  if (value >= Q) throw refuse(`a coordinate of ${name} is not below the modulus of the curve`);
  return value;
}

function refuse(reason: string, cause?: unknown): ZkonnxError {
  return new ZkonnxError('ARTIFACT_MALFORMED', {
    message: `The verification key is refused: ${reason}.`,
    fix: 'Make a new key with `zkonnx setup`, or get the published one of the ceremony again.',
    cause,
  });
}
