/**
 * Verification of PLONK proofs, as snarkjs makes them. Runs in Node and in browsers.
 * (Gabizon, Williamson, Ciobotaru, "PLONK", https://eprint.iacr.org/2019/953, section 8.3; the names are its own.)
 */
import type { PlonkVerificationKey } from '../setup/universal/universalKeyFile.js';
import type { G1Point } from './points.js';
import type { PlonkProof } from './proof.js';
import { parseSignals } from './signals.js';
import { challenge } from './transcript.js';
import { G1_GENERATOR, add, atChallenge, combination, keyPoint, multiply, opens, parseCommonKey, proofElement, proofPoint, type CommonKey } from './universalParts.js';

const COMMITMENTS = ['A', 'B', 'C', 'Z', 'T1', 'T2', 'T3', 'Wxi', 'Wxiw'] as const;
const EVALUATIONS = ['eval_a', 'eval_b', 'eval_c', 'eval_s1', 'eval_s2', 'eval_zw'] as const;
const SELECTORS = ['Qm', 'Ql', 'Qr', 'Qo', 'Qc', 'S1', 'S2', 'S3'] as const;

type Named<Names extends readonly string[], T> = Readonly<Record<Names[number], T>>;

/** A key whose points are of their groups. */
export type PlonkKey = CommonKey & Named<typeof SELECTORS, G1Point>;
/** A proof whose points are finite points of G1 and whose evaluations are field elements. */
export type ParsedPlonkProof = Named<typeof COMMITMENTS, G1Point> & Named<typeof EVALUATIONS, bigint>;

/** @throws ARTIFACT_MALFORMED */
export function parsePlonkKey(key: PlonkVerificationKey): PlonkKey {
  const points = Object.fromEntries(SELECTORS.map((name) => [name, keyPoint(key[name], name)])) as Named<typeof SELECTORS, G1Point>;
  return { ...parseCommonKey(key), ...points };
}

/** @throws PROOF_MALFORMED */
export function parsePlonkProof(proof: PlonkProof): ParsedPlonkProof {
  const points = Object.fromEntries(COMMITMENTS.map((name) => [name, proofPoint(proof[name], name)])) as Named<typeof COMMITMENTS, G1Point>;
  const values = Object.fromEntries(EVALUATIONS.map((name) => [name, proofElement(proof[name], name)])) as Named<typeof EVALUATIONS, bigint>;
  return { ...points, ...values };
}

/**
 * Whether a proof verifies.
 *
 * @throws PROOF_MALFORMED when the proof or the signals cannot be read, or are not reduced; ARTIFACT_MALFORMED when the key cannot.
 */
export function verifyPlonk({ verificationKey, proof: json, publicSignals }: { readonly verificationKey: PlonkVerificationKey; readonly proof: PlonkProof; readonly publicSignals: readonly (string | bigint)[] }): boolean {
  const key = parsePlonkKey(verificationKey);
  const proof = parsePlonkProof(json);
  const signals = parseSignals(publicSignals, key.publicCount);
  const { A, B, C, Z, T1, T2, T3, Wxi, Wxiw, eval_a: a, eval_b: b, eval_c: c, eval_s1: s1, eval_s2: s2, eval_zw: zw } = proof;
  const { Qm, Ql, Qr, Qo, Qc, S1, S2, S3, k1, k2, omega, tau } = key;

  const beta = challenge(Qm, Ql, Qr, Qo, Qc, S1, S2, S3, ...signals, A, B, C);
  const gamma = challenge(beta);
  const alpha = challenge(beta, gamma, Z);
  const xi = challenge(alpha, T1, T2, T3);
  const v = challenge(xi, a, b, c, s1, s2, zw);
  const u = challenge(Wxi, Wxiw);

  const at = atChallenge(key, xi, signals);
  if (at === undefined) return false;
  const { xn, vanishing, lagrange, publicInput } = at;
  const first = multiply(alpha, alpha, lagrange);
  const permuted = multiply(add(a, multiply(beta, s1), gamma), add(b, multiply(beta, s2), gamma));
  // The constant part of the linearization polynomial.
  const r0 = add(publicInput, -first, -multiply(alpha, permuted, add(c, gamma), zw));
  const betaXi = multiply(beta, xi);
  const identity = multiply(add(a, betaXi, gamma), add(b, multiply(betaXi, k1), gamma), add(c, multiply(betaXi, k2), gamma), alpha);
  const [v2, v3, v4, v5] = [2, 3, 4, 5].map((exponent) => multiply(...new Array<bigint>(exponent).fill(v))) as [bigint, bigint, bigint, bigint];
  // What all openings at ξ and ξω are batched into, less what they are said to be.
  const combined = combination(
    [multiply(a, b), Qm],
    [a, Ql],
    [b, Qr],
    [c, Qo],
    [1n, Qc],
    [add(identity, first, u), Z],
    [-multiply(permuted, alpha, beta, zw), S3],
    [-vanishing, T1],
    [-multiply(vanishing, xn), T2],
    [-multiply(vanishing, xn, xn), T3],
    [v, A],
    [v2, B],
    [v3, C],
    [v4, S1],
    [v5, S2],
    [add(r0, -multiply(v, a), -multiply(v2, b), -multiply(v3, c), -multiply(v4, s1), -multiply(v5, s2), -multiply(u, zw)), G1_GENERATOR],
    [xi, Wxi],
    [multiply(u, xi, omega), Wxiw],
  );
  return opens(combination([1n, Wxi], [u, Wxiw]), tau, combined);
}
