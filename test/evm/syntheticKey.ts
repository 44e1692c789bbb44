import { bn254 } from '@noble/curves/bn254.js';
import type { VerificationKey } from '../../src/setup/verificationKey.js';
import type { Groth16Proof, ProofG1, ProofG2 } from '../../src/verify/index.js';

/** Order of the groups: scalars are modulo this. */
export const R = bn254.fields.Fr.ORDER;
/** Modulus of the coordinates. */
export const Q = bn254.fields.Fp.ORDER;

/** A verification key in snarkjs's form, and whoever knows its secrets, as every maker of a development key does. */
export interface SyntheticKey {
  readonly verificationKey: VerificationKey;
  /** A valid proof of any statement at all, made from the secrets. */
  prove(publicSignals: readonly bigint[]): Groth16Proof;
}

/** Numbers that look random but are the same in every run: gas depends on which bytes are zero. */
export function* scalars(seed: bigint): Generator<bigint, never> {
  for (let state = seed; ; ) {
    state = (state * 0x5851f42d4c957f2d14057b7ef767814fn + 0x14057b7ef767814fn) % 2n ** 320n;
    yield (state % (R - 1n)) + 1n;
  }
}

/** A Groth16 key without a circuit, from chosen secrets. The public signals are not constrained by anything. */
export function syntheticKey(publicSignals: number, seed = 1n): SyntheticKey {
  const random = scalars(seed);
  const next = (): bigint => random.next().value;
  const { Fr } = bn254.fields;
  const [alpha, beta, delta] = [next(), next(), next()];
  const ic = Array.from({ length: publicSignals + 1 }, next);
  return {
    verificationKey: {
      protocol: 'groth16',
      curve: 'bn128',
      nPublic: publicSignals,
      vk_alpha_1: g1(alpha),
      vk_beta_2: g2(beta),
      vk_gamma_2: g2(1n),
      vk_delta_2: g2(delta),
      vk_alphabeta_12: [],
      IC: ic.map(g1),
    },
    prove(signals) {
      const [a, b] = [next(), next()];
      // e(A, B) = e(alpha, beta) e(IC(x), 1) e(C, delta), in the exponents.
      const statement = signals.reduce((sum, signal, index) => Fr.add(sum, Fr.mul(Fr.create(signal), ic[index + 1] as bigint)), ic[0] as bigint);
      const c = Fr.div(Fr.sub(Fr.sub(Fr.mul(a, b), Fr.mul(alpha, beta)), statement), delta);
      return { pi_a: g1(a), pi_b: g2(b), pi_c: g1(c), protocol: 'groth16', curve: 'bn128' };
    },
  };
}

/** scalar · generator of G1, in snarkjs's form. */
export function g1(scalar: bigint): ProofG1 {
  const { x, y } = bn254.G1.Point.BASE.multiply(scalar).toAffine();
  return [String(x), String(y), '1'];
}

/** scalar · generator of G2, in snarkjs's form. */
export function g2(scalar: bigint): ProofG2 {
  const { x, y } = bn254.G2.Point.BASE.multiply(scalar).toAffine();
  return [[String(x.c0), String(x.c1)], [String(y.c0), String(y.c1)], ['1', '0']];
}

/** A point of the twist that is not in the subgroup of prime order, in snarkjs's form. */
export function outsideSubgroup(): ProofG2 {
  const { Fp2 } = bn254.fields;
  const { x: baseX, y: baseY } = bn254.G2.Point.BASE.toAffine();
  const b = Fp2.sub(Fp2.sqr(baseY), Fp2.mul(Fp2.sqr(baseX), baseX));
  for (let c0 = 1n; ; c0++) {
    const x = Fp2.fromBigTuple([c0, 0n]);
    try {
      const y = Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(x), x), b));
      return [[String(x.c0), String(x.c1)], [String(y.c0), String(y.c1)], ['1', '0']];
    } catch {
      // Not a square: the next x.
    }
  }
}
