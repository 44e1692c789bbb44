/** The multiplicative subgroups that Groth16 interpolates on: the 2^k-th roots of unity of the scalar field. */
import { FIELD_PRIME as R, inverse, power } from '../r1cs/field.js';

/** 2^28 divides r − 1; no domain is larger, and proving needs one of twice the size. */
const LARGEST_POWER = 28;

/** 5 generates the multiplicative group, and is the non-residue that iden3's tools take their roots from. */
const GENERATOR = 5n;

/** The primitive 2^k-th root of unity that snarkjs uses. */
export function rootOfUnity(k: number): bigint {
  let root = power(GENERATOR, (R - 1n) >> BigInt(LARGEST_POWER));
  for (let order = LARGEST_POWER; order > k; order--) root = (root * root) % R;
  return root;
}

/** log2 of the domain for a system: as snarkjs has it, the least power of two above rows + public signals (each signal has a row of its own, and so has the constant). */
export function domainPower(rowCount: number, publicCount: number): number {
  return Math.floor(Math.log2(Math.max(1, rowCount + publicCount))) + 1;
}

/** Largest domain that a key can have. */
export const LARGEST_DOMAIN_POWER = LARGEST_POWER - 1;

/** τ^n − 1, which vanishes on the domain of size n = 2^k. */
export function vanishingAt(tau: bigint, k: number): bigint {
  return (power(tau, 1n << BigInt(k)) - 1n + R) % R;
}

/**
 * The Lagrange polynomials of a coset s·⟨ω⟩ of size n at τ, outside the coset:
 * L_i(τ) = (τ^n − s^n)·s·ω^i / (n·s^n·(τ − s·ω^i)), with one inversion for all.
 */
export function lagrangeAt({ tau, power: k, shift = 1n }: { readonly tau: bigint; readonly power: number; readonly shift?: bigint }): bigint[] {
  const size = 2 ** k;
  const root = rootOfUnity(k);
  const points = new Array<bigint>(size);
  const prefixes = new Array<bigint>(size);
  let point = shift;
  let product = 1n;
  for (let index = 0; index < size; index++) {
    points[index] = point;
    prefixes[index] = product;
    product = (product * (tau - point)) % R;
    point = (point * root) % R;
  }
  const exponent = BigInt(size);
  const shiftPower = power(shift, exponent);
  const factor = ((power(tau, exponent) - shiftPower + R) * inverse((exponent * shiftPower) % R)) % R;
  let suffix = inverse(((product % R) + R) % R);
  for (let index = size - 1; index >= 0; index--) {
    point = points[index] as bigint;
    const inverted = (suffix * (prefixes[index] as bigint)) % R;
    suffix = (suffix * (tau - point)) % R;
    points[index] = ((((factor * point) % R) * inverted) % R + R) % R;
  }
  return points;
}
