import { ZkonnxError } from '../errors/index.js';
import { Q } from './curve.js';

/** A Groth16 proof in the JSON form of snarkjs. */
export interface SnarkjsProof {
  readonly pi_a: readonly string[];
  readonly pi_b: readonly (readonly string[])[];
  readonly pi_c: readonly string[];
}

/** A proof as the contract takes it: A.x, A.y, B.x (imaginary, real), B.y (imaginary, real), C.x, C.y. */
export type EvmProof = readonly [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/**
 * The eight words of a proof in the order of EIP-197, which has the imaginary part of a G2 coordinate first.
 * Throws PROOF_MALFORMED when a coordinate is missing, or is not a decimal number below the modulus of the curve; whether the
 * points are on the curve is left to the contract.
 */
export function toEvmProof({ pi_a: a, pi_b: b, pi_c: c }: SnarkjsProof): EvmProof {
  const { x: ax, y: ay } = affine('pi_a', a);
  const { x: cx, y: cy } = affine('pi_c', c);
  const [bx, by, bz] = b;
  if (b.length !== 3 || bx?.length !== 2 || by?.length !== 2 || bz?.length !== 2 || bz[0] !== '1' || bz[1] !== '0') {
    throw malformed('pi_b', 'three pairs of numbers, the last one 1 and 0', JSON.stringify(b));
  }
  return [ax, ay, read('pi_b', bx[1]), read('pi_b', bx[0]), read('pi_b', by[1]), read('pi_b', by[0]), cx, cy];
}

function affine(name: string, point: readonly string[]): { x: bigint; y: bigint } {
  if (point.length !== 3 || point[2] !== '1') throw malformed(name, 'two coordinates and "1"', JSON.stringify(point));
  return { x: read(name, point[0]), y: read(name, point[1]) };
}

function read(name: string, text: string | undefined): bigint {
  if (text === undefined || !/^(0|[1-9][0-9]{0,77})$/.test(text)) throw malformed(name, 'a decimal number', String(text));
  const value = BigInt(text);
  if (value >= Q) throw malformed(name, 'a coordinate below the modulus of the curve', text);
  return value;
}

function malformed(name: string, expected: string, found: string): ZkonnxError {
  return new ZkonnxError('PROOF_MALFORMED', { message: `${name} of the proof cannot be read.`, expected, found });
}
