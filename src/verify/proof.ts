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
