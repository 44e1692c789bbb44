/** Verification of proofs. Runs in Node and in browsers. Groth16 is here (Groth, EUROCRYPT 2016), the others in files of their own. */
import { bn254 } from '@noble/curves/bn254.js';
import { ZkonnxError } from '../errors/index.js';
import { SYSTEM_NAMES, type ProofSystem } from '../setup/proofSystem.js';
import type { AnyVerificationKey } from '../setup/anyVerificationKey.js';
import type { VerificationKey } from '../setup/verificationKey.js';
import { verifyFflonk } from './fflonk.js';
import { verifyPlonk } from './plonk.js';
import { parseG1, parseG2, type G1Point, type G2Point } from './points.js';
import { malformedProof, parseList, type AnyProof, type FflonkProof, type Groth16Proof, type PlonkProof } from './proof.js';
import { parseSignals } from './signals.js';

export interface VerifyProofParameters {
  /** snarkjs's JSON. */
  readonly verificationKey: AnyVerificationKey;
  /** Of the same system as the key. */
  readonly proof: AnyProof;
  /** Decimal strings or bigints, each in [0, r). */
  readonly publicSignals: readonly (string | bigint)[];
}

/**
 * Whether a proof verifies. The key says by which system.
 *
 * What is checked besides: all points are finite, on the curve and in the subgroup of order r, with coordinates below q; evaluations and
 * public signals are below r, so that x and x + r do not both pass, and signals are as many as the key has; and the second phase of
 * a Groth16 key's setup was not left out, for then anyone can forge proofs.
 *
 * @throws PROOF_MALFORMED when the proof or the signals cannot be read, or are of another system; ARTIFACT_MALFORMED when the key cannot.
 */
export function verifyProof({ verificationKey, proof, publicSignals }: VerifyProofParameters): boolean {
  const key = verificationKey as AnyVerificationKey | null | undefined;
  if (key?.protocol === 'plonk') {
    checkKind(proof, 'plonk');
    return verifyPlonk({ verificationKey: key, proof: proof as PlonkProof, publicSignals });
  }
  if (key?.protocol === 'fflonk') {
    checkKind(proof, 'fflonk');
    return verifyFflonk({ verificationKey: key, proof: proof as FflonkProof, publicSignals });
  }
  return verifyGroth16({ verificationKey: key as VerificationKey, proof: proof as Groth16Proof, publicSignals });
}

/** @throws PROOF_MALFORMED when a proof is of another system or curve than the key */
function checkKind(proof: AnyProof, expected: ProofSystem): void {
  if (typeof proof !== 'object' || proof === null) throw malformedProof('the proof is not an object');
  if (proof.protocol !== expected || proof.curve !== 'bn128') {
    throw malformedProof(`the proof is of another kind than the key, which is of ${SYSTEM_NAMES[expected]}`, `protocol ${expected}, curve bn128`, `protocol ${String(proof.protocol)}, curve ${String(proof.curve)}`.slice(0, 200));
  }
}

interface Groth16Parameters extends VerifyProofParameters {
  readonly verificationKey: VerificationKey;
  readonly proof: Groth16Proof;
}

/** e(−A, B)·e(α, β)·e(IC_0 + Σ x_i·IC_i, γ)·e(C, δ) = 1. */
function verifyGroth16({ verificationKey, proof, publicSignals }: Groth16Parameters): boolean {
  const key = parseVerificationKey(verificationKey);
  const [a, b, c] = parseProof(proof);
  const signals = parseSignals(publicSignals, key.ic.length - 1);
  let combined = key.ic0;
  signals.forEach((signal, index) => {
    if (signal !== 0n) combined = combined.add((key.ic[index + 1] as G1Point).multiplyUnsafe(signal));
  });
  const pairs = [
    { g1: a.negate(), g2: b },
    { g1: key.alpha, g2: key.beta },
    { g1: combined, g2: key.gamma },
    { g1: c, g2: key.delta },
  ];
  // A pairing with the point at infinity is 1; the library refuses such pairs.
  const product = bn254.pairingBatch(pairs.filter(({ g1 }) => !g1.equals(bn254.G1.Point.ZERO)));
  return bn254.fields.Fp12.eql(product, bn254.fields.Fp12.ONE);
}

interface ParsedKey {
  readonly alpha: G1Point;
  readonly beta: G2Point;
  readonly gamma: G2Point;
  readonly delta: G2Point;
  /** As given; the first is a placeholder, which may be at infinity: see ic0. */
  readonly ic: readonly (G1Point | undefined)[];
  readonly ic0: G1Point;
}

function parseVerificationKey(key: VerificationKey): ParsedKey {
  const bad = (message: string): ZkonnxError => new ZkonnxError('ARTIFACT_MALFORMED', { message: `the verification key ${message}` });
  if (typeof key !== 'object' || key === null) throw bad('is not an object');
  if (key.protocol !== 'groth16' || key.curve !== 'bn128') throw bad('is not of protocol groth16 and curve bn128');
  const alpha = parseG1(key.vk_alpha_1);
  const beta = parseG2(key.vk_beta_2);
  const gamma = parseG2(key.vk_gamma_2);
  const delta = parseG2(key.vk_delta_2);
  if (!alpha || !beta || !gamma || !delta) throw bad('has a point that is not a finite point of its group');
  if (gamma.equals(delta)) throw bad('has γ = δ: the second phase of its setup was left out, and anyone can forge proofs for it');
  const list = Array.isArray(key.IC) && Number.isSafeInteger(key.nPublic) ? parseList(key.IC, key.nPublic + 1) : undefined;
  if (list === undefined) throw bad('does not have one point for each public signal');
  const ic = list.map(parseG1);
  if (ic.some((point, index) => index > 0 && point === undefined)) throw bad('has a public signal without a valid point');
  const ic0 = ic[0] ?? (isInfinity(list[0]) ? bn254.G1.Point.ZERO : undefined);
  if (ic0 === undefined) throw bad('has no valid first point');
  return { alpha, beta, gamma, delta, ic, ic0 };
}

/** Only the constant's point may be at infinity, which happens for circuits that do not use it. */
function isInfinity(json: unknown): boolean {
  const [x, y, z] = parseList(json, 3) ?? [];
  return x === '0' && y === '1' && z === '0';
}

function parseProof(proof: Groth16Proof): [G1Point, G2Point, G1Point] {
  checkKind(proof, 'groth16');
  const a = parseG1(proof.pi_a);
  const b = parseG2(proof.pi_b);
  const c = parseG1(proof.pi_c);
  for (const [name, point] of Object.entries({ pi_a: a, pi_b: b, pi_c: c })) {
    if (point === undefined) throw malformedProof(`${name} is not a finite point of its group, in snarkjs's form`);
  }
  return [a as G1Point, b as G2Point, c as G1Point];
}
