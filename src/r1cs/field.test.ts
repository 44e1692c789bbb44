import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FIELD_PRIME, inverse, modulo, power } from './field.js';

it('an inverse times its value is 1, for small and for large values and over small primes', () => {
  const large = [FIELD_PRIME - 1n, FIELD_PRIME - 12_345n, FIELD_PRIME / 2n, FIELD_PRIME / 3n, power(5n, 1000n), power(7n, 12_345n)];
  for (const value of [1n, 2n, 3n, 255n, 2n ** 31n, 2n ** 52n + 1n, -1n, -7n, ...large]) {
    assert.equal(modulo(value * inverse(value)), 1n, `${value}`);
    // Fermat's little theorem, the other way to it.
    assert.equal(inverse(value), power(value, FIELD_PRIME - 2n));
  }
  for (const prime of [2n, 3n, 101n]) for (let value = 1n; value < prime; value++) assert.equal((value * inverse(value, prime)) % prime, 1n);
});

it('0 has itself', () => {
  assert.equal(inverse(0n), 0n);
  assert.equal(inverse(FIELD_PRIME), 0n);
});
