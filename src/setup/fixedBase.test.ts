import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { bn254 } from '@noble/curves/bn254.js';
import { FIELD_PRIME } from '../r1cs/field.js';
import { bigintToBytes } from '../r1cs/words.js';
import { loadCoordinate } from './baseField.js';
import { bestWindow, fixedBaseTable, multiplyFixedBase, windowCount } from './fixedBase.js';

function packed(scalars: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(scalars.length * 32);
  scalars.forEach((scalar, index) => bytes.set(bigintToBytes(scalar), index * 32));
  return bytes;
}

/** Multiples around every power of two, where carries ripple, both ends of the field, and random ones. */
function interestingScalars(windowBits: number): bigint[] {
  const scalars = [0n, 1n, 2n, 3n, FIELD_PRIME - 1n, FIELD_PRIME - 2n, FIELD_PRIME >> 1n, (FIELD_PRIME >> 1n) + 1n];
  for (let bit = BigInt(windowBits) - 1n; bit < 254n; bit += BigInt(windowBits)) {
    for (const delta of [-1n, 0n, 1n]) if ((1n << bit) + delta < FIELD_PRIME) scalars.push((1n << bit) + delta);
  }
  for (let index = 0; index < 20; index++) scalars.push(BigInt(`0x${randomBytes(40).toString('hex')}`) % FIELD_PRIME);
  return scalars;
}

for (const windowBits of [2, 5, 8]) {
  test(`multiples of the G1 generator agree with noble, windows of ${windowBits} bits`, () => {
    const scalars = interestingScalars(windowBits);
    const words = new BigUint64Array(multiplyFixedBase(fixedBaseTable('g1', windowBits), packed(scalars)).buffer);
    scalars.forEach((scalar, index) => {
      const expected = scalar === 0n ? { x: 0n, y: 0n } : bn254.G1.Point.BASE.multiply(scalar).toAffine();
      assert.equal(loadCoordinate(words, index * 8), expected.x, `x of ${scalar}`);
      assert.equal(loadCoordinate(words, index * 8 + 4), expected.y, `y of ${scalar}`);
    });
  });

  test(`multiples of the G2 generator agree with noble, windows of ${windowBits} bits`, () => {
    const scalars = interestingScalars(windowBits);
    const words = new BigUint64Array(multiplyFixedBase(fixedBaseTable('g2', windowBits), packed(scalars)).buffer);
    const zero = { c0: 0n, c1: 0n };
    scalars.forEach((scalar, index) => {
      const { x, y } = scalar === 0n ? { x: zero, y: zero } : bn254.G2.Point.BASE.multiply(scalar).toAffine();
      const found = [0, 4, 8, 12].map((offset) => loadCoordinate(words, index * 16 + offset));
      assert.deepEqual(found, [x.c0, x.c1, y.c0, y.c1], `multiple ${scalar}`);
    });
  });
}

test('windows cover the scalar and its last carry, and grow with the number of multiples', () => {
  for (let bits = 2; bits <= 15; bits++) assert.ok(windowCount(bits) * bits >= 255);
  assert.ok(bestWindow(10) < bestWindow(10_000));
  assert.ok(bestWindow(10_000) < bestWindow(1_000_000));
});
