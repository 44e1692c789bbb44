/** What the verifiers of PLONK and FFLONK have in common. */
import { bn254 } from '@noble/curves/bn254.js';
import { ZkonnxError } from '../errors/index.js';
import { FIELD_PRIME, inverse, modulo, power } from '../r1cs/field.js';
import { rootOfUnity } from '../setup/domain.js';
import type { UniversalVerificationKey } from '../setup/universal/universalKeyFile.js';
import { parseG1, parseG2, type G1Point, type G2Point } from './points.js';
import { malformedProof, parseDecimal, parseList } from './proof.js';

const { ZERO, BASE } = bn254.G1.Point;

/** The domain of a circuit, and what its key and its proofs are opened with. */
export interface CommonKey {
  readonly publicCount: number;
  /** The domain has 2^power gates. */
  readonly power: number;
  readonly omega: bigint;
  readonly k1: bigint;
  readonly k2: bigint;
  /** τ in G2. */
  readonly tau: G2Point;
}

/** The error for a verification key that cannot be read. */
export function malformedKey(message: string): ZkonnxError {
  return new ZkonnxError('ARTIFACT_MALFORMED', { message: `the verification key ${message}` });
}

/** @throws ARTIFACT_MALFORMED */
export function parseCommonKey({ protocol, curve, nPublic, power: domainPower, k1, k2, X_2, w }: UniversalVerificationKey): CommonKey {
  if (curve !== 'bn128') throw malformedKey(`of ${protocol} is not of the curve bn128`);
  if (!Number.isSafeInteger(domainPower) || domainPower < 3 || domainPower > 28) throw malformedKey('has no domain of 2^3 to 2^28 gates');
  if (!Number.isSafeInteger(nPublic) || nPublic < 0 || nPublic > 2 ** domainPower) throw malformedKey('has no number of public signals that fits into its domain');
  const [second, third] = [keyElement(k1, 'k1'), keyElement(k2, 'k2')];
  const omega = rootOfUnity(domainPower);
  if (keyElement(w, 'w') !== omega) throw malformedKey('has another generator of the domain than 5^((r − 1)/n)');
  // The three wires of a gate have cosets of their own: else the permutation binds nothing.
  const size = 1n << BigInt(domainPower);
  const cosets = [second, third, multiply(second, inverse(third))];
  if (second === 0n || third === 0n || cosets.some((quotient) => power(quotient, size) === 1n)) throw malformedKey('has no k1 and k2 of three different cosets');
  const tau = parseG2(X_2);
  if (tau === undefined) throw malformedKey('has an X_2 that is not a finite point of G2');
  if (tau.equals(bn254.G2.Point.BASE) || tau.negate().equals(bn254.G2.Point.BASE)) throw malformedKey('has the generator for X_2: τ is known, and anyone can forge proofs');
  return { publicCount: nPublic, power: domainPower, omega, k1: second, k2: third, tau };
}

/** An element of a verification key. @throws ARTIFACT_MALFORMED */
export function keyElement(json: unknown, name: string): bigint {
  const value = parseDecimal(json);
  if (value === undefined || value >= FIELD_PRIME) throw malformedKey(`has no field element ${name}`);
  return value;
}

/** A commitment of a verification key, which is at infinity where the polynomial is zero. @throws ARTIFACT_MALFORMED */
export function keyPoint(json: unknown, name: string): G1Point {
  const [x, y, z] = parseList(json, 3) ?? [];
  if (x === '0' && y === '1' && z === '0') return ZERO;
  const point = parseG1(json);
  if (point === undefined) throw malformedKey(`has a ${name} that is not a point of G1`);
  return point;
}

/** A commitment of a proof. @throws PROOF_MALFORMED */
export function proofPoint(json: unknown, name: string): G1Point {
  const point = parseG1(json);
  if (point === undefined) throw malformedProof(`${name} is not a finite point of its group, in snarkjs's form`);
  return point;
}

/** An evaluation of a proof. @throws PROOF_MALFORMED */
export function proofElement(json: unknown, name: string): bigint {
  const value = parseDecimal(json);
  if (value === undefined || value >= FIELD_PRIME) throw malformedProof(`${name} is not a field element`, 'a decimal integer in [0, r)', String(json).slice(0, 100));
  return value;
}

/** The product of field elements. */
export function multiply(...factors: readonly bigint[]): bigint {
  return factors.reduce((product, factor) => (product * factor) % FIELD_PRIME, 1n);
}

/** The sum of field elements, which may be negative. */
export function add(...terms: readonly bigint[]): bigint {
  return modulo(terms.reduce((sum, term) => sum + term, 0n));
}

/** Inverses of elements that are not 0, by one inversion (Montgomery's trick). */
export function inverses(values: readonly bigint[]): bigint[] {
  const prefixes: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    prefixes.push(product);
    product = multiply(product, value);
  }
  let suffix = inverse(product);
  const result = new Array<bigint>(values.length);
  for (let index = values.length - 1; index >= 0; index--) {
    result[index] = multiply(suffix, prefixes[index] as bigint);
    suffix = multiply(suffix, values[index] as bigint);
  }
  return result;
}

/** Σ scalar·point. */
export function combination(...terms: readonly (readonly [scalar: bigint, point: G1Point])[]): G1Point {
  return terms.reduce((sum, [scalar, point]) => {
    const reduced = modulo(scalar);
    return reduced === 0n || point.is0() ? sum : sum.add(point.multiplyUnsafe(reduced));
  }, ZERO);
}

/** The generator of G1. */
export const G1_GENERATOR: G1Point = BASE;

/** Whether e(left, τ) = e(right, 1). */
export function opens(left: G1Point, tau: G2Point, right: G1Point): boolean {
  const pairs = [
    { g1: left.negate(), g2: tau },
    { g1: right, g2: bn254.G2.Point.BASE },
  ].filter(({ g1 }) => !g1.is0());
  // A pairing with the point at infinity is 1; the library refuses such pairs.
  return pairs.length === 0 || bn254.fields.Fp12.eql(bn254.pairingBatch(pairs), bn254.fields.Fp12.ONE);
}

/** What the public signals contribute at a point, and what vanishes on the domain there. */
export interface AtChallenge {
  /** x^n. */
  readonly xn: bigint;
  /** x^n − 1. */
  readonly vanishing: bigint;
  /** The first Lagrange polynomial. */
  readonly lagrange: bigint;
  /** −Σ signal·Lagrange. */
  readonly publicInput: bigint;
  /** The product of the denominators of the Lagrange polynomials, n·(x − ω^i). */
  readonly denominator: bigint;
}

/** The values at x; undefined in the negligible case that x lies in the domain. */
export function atChallenge({ power: domainPower, omega }: CommonKey, x: bigint, signals: readonly bigint[]): AtChallenge | undefined {
  let xn = x;
  for (let doubling = 0; doubling < domainPower; doubling++) xn = multiply(xn, xn);
  const vanishing = modulo(xn - 1n);
  if (vanishing === 0n) return undefined;
  // L_i(x) = ω^i·(x^n − 1) / (n·(x − ω^i)).
  const points: bigint[] = [];
  let point = 1n;
  for (let index = 0; index < Math.max(1, signals.length); index++) {
    points.push(point);
    point = multiply(point, omega);
  }
  const size = 1n << BigInt(domainPower);
  const denominators = points.map((root) => multiply(size, modulo(x - root)));
  const inverted = inverses(denominators);
  const lagrange = points.map((root, index) => multiply(root, vanishing, inverted[index] as bigint));
  const publicInput = modulo(-signals.reduce((sum, signal, index) => sum + multiply(signal, lagrange[index] as bigint), 0n));
  return { xn, vanishing, lagrange: lagrange[0] as bigint, publicInput, denominator: multiply(...denominators) };
}
