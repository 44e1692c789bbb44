/** Proofs, in snarkjs's JSON form. */
import { ZkonnxError } from '../errors/index.js';

/** x, y, z as decimal strings; z is 1. */
export type ProofG1 = [string, string, string];
/** x, y, z, each [c0, c1]; z is [1, 0]. */
export type ProofG2 = [[string, string], [string, string], [string, string]];

/** A Groth16 proof over BN254. */
export interface Groth16Proof {
  readonly pi_a: ProofG1;
  readonly pi_b: ProofG2;
  readonly pi_c: ProofG1;
  readonly protocol: 'groth16';
  readonly curve: 'bn128';
}

/** A PLONK proof over BN254: commitments, and evaluations as decimal strings. */
export interface PlonkProof {
  readonly A: ProofG1;
  readonly B: ProofG1;
  readonly C: ProofG1;
  readonly Z: ProofG1;
  readonly T1: ProofG1;
  readonly T2: ProofG1;
  readonly T3: ProofG1;
  readonly Wxi: ProofG1;
  readonly Wxiw: ProofG1;
  readonly eval_a: string;
  readonly eval_b: string;
  readonly eval_c: string;
  readonly eval_s1: string;
  readonly eval_s2: string;
  readonly eval_zw: string;
  readonly protocol: 'plonk';
  readonly curve: 'bn128';
}

/** An FFLONK proof over BN254: commitments, and evaluations as decimal strings. */
export interface FflonkProof {
  readonly polynomials: Readonly<Record<'C1' | 'C2' | 'W1' | 'W2', ProofG1>>;
  readonly evaluations: Readonly<Record<'ql' | 'qr' | 'qm' | 'qo' | 'qc' | 's1' | 's2' | 's3' | 'a' | 'b' | 'c' | 'z' | 'zw' | 't1w' | 't2w' | 'inv', string>>;
  readonly protocol: 'fflonk';
  readonly curve: 'bn128';
}

/** A proof of any system, told apart by its protocol. */
export type AnyProof = Groth16Proof | PlonkProof | FflonkProof;

/** The error for a proof that cannot be read. */
export function malformedProof(message: string, expected?: string, found?: string): ZkonnxError {
  return new ZkonnxError('PROOF_MALFORMED', { message, expected, found });
}

/** A non-negative integer in decimal, without leading zeros; undefined for anything else. */
export function parseDecimal(value: unknown): bigint | undefined {
  return typeof value === 'string' && value.length <= 80 && /^(0|[1-9][0-9]*)$/.test(value) ? BigInt(value) : undefined;
}

/** A list of `length` values; undefined for anything else. */
export function parseList(value: unknown, length: number): readonly unknown[] | undefined {
  return Array.isArray(value) && value.length === length ? (value as readonly unknown[]) : undefined;
}
