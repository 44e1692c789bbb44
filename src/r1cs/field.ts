/** The scalar field of BN254, the field of our circuits; its order r. (Ethereum EIP-196.) */
export const FIELD_PRIME = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** The representative of `value` in [0, prime). */
export function modulo(value: bigint, prime: bigint = FIELD_PRIME): bigint {
  const remainder = value % prime;
  return remainder < 0n ? remainder + prime : remainder;
}

/** `base^exponent` in the field. */
export function power(base: bigint, exponent: bigint, prime: bigint = FIELD_PRIME): bigint {
  let result = 1n;
  let square = modulo(base, prime);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}

/**
 * The multiplicative inverse of a value that is not 0 modulo the (prime) order; 0 for 0. By Euclid's algorithm, whose numbers are
 * as small as the value after one step: witnesses are full of inverses of small numbers.
 */
export function inverse(value: bigint, prime: bigint = FIELD_PRIME): bigint {
  // Both times factor · value ≡ the number, modulo the order.
  let [number, next] = [prime, modulo(value, prime)];
  let [factor, nextFactor] = [0n, 1n];
  if (next === 0n) return 0n;
  while (next !== 1n) {
    const quotient = number / next;
    [number, next] = [next, number - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return modulo(nextFactor, prime);
}
