/**
 * Verification of FFLONK proofs, as snarkjs makes them. Runs in Node and in browsers. (Gabizon, Williamson, "fflonk",
 * https://eprint.iacr.org/2021/1167.)
 *
 * Three polynomials hold all others: C0(X) = Σ X^i·p_i(X^8) of the key, C1 of four and C2 of three of the prover. Opened where X^8, X^4
 * and X^3 are ξ (and ξω, for the permutation's next value), what they evaluate to is a polynomial of low degree in X, so that no roots
 * of unity are needed to interpolate it.
 */
import type { FflonkVerificationKey } from '../setup/universal/universalKeyFile.js';
import { inverse, power } from '../r1cs/field.js';
import { rootOfUnity } from '../setup/domain.js';
import type { G1Point } from './points.js';
import { malformedProof, type FflonkProof } from './proof.js';
import { parseSignals } from './signals.js';
import { challenge } from './transcript.js';
import { G1_GENERATOR, add, atChallenge, combination, keyElement, keyPoint, malformedKey, multiply, opens, parseCommonKey, proofElement, proofPoint, type CommonKey } from './universalParts.js';

const COMMITMENTS = ['C1', 'C2', 'W1', 'W2'] as const;
/** In the order of the transcript; the last is for contracts, which do not compute inverses, but is checked here as well. */
const EVALUATIONS = ['ql', 'qr', 'qm', 'qo', 'qc', 's1', 's2', 's3', 'a', 'b', 'c', 'z', 'zw', 't1w', 't2w', 'inv'] as const;
const ROOTS = ['w3', 'w4', 'w8', 'wr'] as const;

/** A key whose points are of their groups, and whose roots are what they are said to be. */
export type FflonkKey = CommonKey & { readonly C0: G1Point } & Readonly<Record<(typeof ROOTS)[number], bigint>>;
/** A proof whose points are finite points of G1 and whose evaluations are field elements. */
export type ParsedFflonkProof = Readonly<Record<(typeof COMMITMENTS)[number], G1Point>> & Readonly<Record<(typeof EVALUATIONS)[number], bigint>>;

/** @throws ARTIFACT_MALFORMED */
export function parseFflonkKey(key: FflonkVerificationKey): FflonkKey {
  const common = parseCommonKey(key);
  const roots = Object.fromEntries(ROOTS.map((name) => [name, keyElement(key[name], name)])) as Record<(typeof ROOTS)[number], bigint>;
  const fits = roots.w3 !== 1n && power(roots.w3, 3n) === 1n && roots.w4 === rootOfUnity(2) && roots.w8 === rootOfUnity(3) && power(roots.wr, 3n) === common.omega;
  if (!fits) throw malformedKey('has roots of unity of other orders than 3, 4 and 8, or no third root of ω');
  return { ...common, ...roots, C0: keyPoint(key.C0, 'C0') };
}

/** @throws PROOF_MALFORMED */
export function parseFflonkProof({ polynomials, evaluations }: FflonkProof): ParsedFflonkProof {
  if (typeof polynomials !== 'object' || typeof evaluations !== 'object' || (polynomials as unknown) === null || (evaluations as unknown) === null) throw malformedProof('the proof has no polynomials and evaluations');
  const points = Object.fromEntries(COMMITMENTS.map((name) => [name, proofPoint(polynomials[name], name)])) as Record<(typeof COMMITMENTS)[number], G1Point>;
  const values = Object.fromEntries(EVALUATIONS.map((name) => [name, proofElement(evaluations[name], name)])) as Record<(typeof EVALUATIONS)[number], bigint>;
  return { ...points, ...values };
}

/**
 * Whether a proof verifies.
 *
 * @throws PROOF_MALFORMED when the proof or the signals cannot be read, or are not reduced; ARTIFACT_MALFORMED when the key cannot.
 */
export function verifyFflonk({ verificationKey, proof: json, publicSignals }: { readonly verificationKey: FflonkVerificationKey; readonly proof: FflonkProof; readonly publicSignals: readonly (string | bigint)[] }): boolean {
  const key = parseFflonkKey(verificationKey);
  const proof = parseFflonkProof(json);
  const signals = parseSignals(publicSignals, key.publicCount);
  const { C1, C2, W1, W2, ql, qr, qm, qo, qc, s1, s2, s3, a, b, c, z, zw, t1w, t2w } = proof;

  const beta = challenge(key.C0, ...signals, C1);
  const gamma = challenge(beta);
  const seed = challenge(gamma, C2);
  const alpha = challenge(seed, ql, qr, qm, qo, qc, s1, s2, s3, a, b, c, z, zw, t1w, t2w);
  const y = challenge(alpha, W1);
  // ξ has the roots of the orders 8, 4 and 3 that the polynomials are opened at.
  const xi = power(seed, 24n);
  const next = multiply(xi, key.omega);

  const at = atChallenge(key, xi, signals);
  if (at === undefined) return false;
  const overVanishing = inverse(at.vanishing);
  const gates = add(multiply(ql, a), multiply(qr, b), multiply(qm, a, b), multiply(qo, c), qc, at.publicInput);
  const betaXi = multiply(beta, xi);
  const identity = multiply(add(a, betaXi, gamma), add(b, multiply(betaXi, key.k1), gamma), add(c, multiply(betaXi, key.k2), gamma), z);
  const permuted = multiply(add(a, multiply(beta, s1), gamma), add(b, multiply(beta, s2), gamma), add(c, multiply(beta, s3), gamma), zw);
  const t0 = multiply(gates, overVanishing);
  const t1 = multiply(add(z, -1n), at.lagrange, overVanishing);
  const t2 = multiply(add(identity, -permuted), overVanishing);

  // What vanishes where C0, C1 and C2 are opened, at y.
  const cube = power(y, 3n);
  const [atXi, atNext] = [add(cube, -xi), add(cube, -next)];
  const [vanishing0, vanishing1, vanishing2] = [add(power(y, 8n), -xi), add(power(y, 4n), -xi), multiply(atXi, atNext)];
  if (vanishing1 === 0n || vanishing2 === 0n) return false;
  // All that a contract divides by: what vanishes, and the denominators of the Lagrange polynomials on the roots of ξ and ξω, multiplied out.
  const onRoots = [8n ** 8n, power(xi, 7n), vanishing0, 4n ** 4n, power(xi, 3n), vanishing1, -(27n ** 2n), power(multiply(xi, next), 2n), power(add(xi, -next), 6n), vanishing2];
  if (multiply(proof.inv, at.vanishing, vanishing1, vanishing2, at.denominator, add(multiply(...onRoots))) !== 1n) return false;
  const opened0 = polynomialAt([ql, qr, qo, qm, qc, s1, s2, s3], y);
  const opened1 = polynomialAt([a, b, c, t0], y);
  // The polynomial of degree 5 that is z + X·t1 + X²·t2 where X³ = ξ, and the next values where X³ = ξω.
  const opened2 = multiply(add(multiply(polynomialAt([z, t1, t2], y), atNext), -multiply(polynomialAt([zw, t1w, t2w], y), atXi)), inverse(add(xi, -next)));
  const weight1 = multiply(alpha, vanishing0, inverse(vanishing1));
  const weight2 = multiply(alpha, alpha, vanishing0, inverse(vanishing2));
  const combined = combination(
    [1n, key.C0],
    [weight1, C1],
    [weight2, C2],
    [-add(opened0, multiply(weight1, opened1), multiply(weight2, opened2)), G1_GENERATOR],
    [-vanishing0, W1],
    [y, W2],
  );
  return opens(W2, key.tau, combined);
}

/** The polynomial with these coefficients, lowest first, at x. */
function polynomialAt(coefficients: readonly bigint[], x: bigint): bigint {
  return coefficients.reduceRight((value, coefficient) => add(multiply(value, x), coefficient), 0n);
}
