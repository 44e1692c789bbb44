import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { integerBounds } from './integerBounds.js';
import type { IntegerOperation } from './integerOperation.js';
import { evaluateInteger } from './integerValue.js';

type Range = readonly [lo: number, hi: number];

const range = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 6 })).map(([lo, span]): Range => [lo, lo + span]);
const bit = fc.constantFrom<Range>([0, 0], [0, 1], [1, 1]);
const small = fc.integer({ min: -3, max: 3 });

const operations: Readonly<Record<string, fc.Arbitrary<{ operation: IntegerOperation; ranges: readonly Range[] }>>> = {
  fit: fc.tuple(range, fc.boolean()).map(([x, wraps]) => ({ operation: { kind: 'fit', inputs: [0], fit: { lo: -4, hi: 3, wraps } }, ranges: [x] })),
  bilinear: fc.tuple(small, small, small, small, fc.boolean(), range, range).map(([product, left, right, constant, wraps, a, b]) => ({
    operation: { kind: 'bilinear', inputs: [0, 1], product, left, right, constant, fit: { lo: -64, hi: 63, wraps } },
    ranges: [a, b],
  })),
  square: fc.tuple(fc.constantFrom(-2, -1, 1, 2), small, small, range).map(([product, left, constant, a]) => ({
    operation: { kind: 'bilinear', inputs: [0, 0], product, left, right: 0, constant, fit: { lo: -500, hi: 500, wraps: true } },
    ranges: [a, a],
  })),
  compare: fc.tuple(fc.constantFrom('less', 'lessOrEqual', 'equal', 'notEqual'), range, range).map(([relation, a, b]) => ({ operation: { kind: 'compare', inputs: [0, 1], relation }, ranges: [a, b] })),
  select: fc.tuple(bit, range, range).map(([c, a, b]) => ({ operation: { kind: 'select', inputs: [0, 1, 2], }, ranges: [c, a, b] })),
  divide: fc
    .tuple(fc.constantFrom('floor', 'truncate'), fc.constantFrom('quotient', 'remainder'), range, range.filter(([lo, hi]) => lo !== 0 || hi !== 0))
    .map(([rounding, result, a, d]) => ({ operation: { kind: 'divide', inputs: [0, 1], rounding, result }, ranges: [a, d] })),
  bits: range.map((x) => ({ operation: { kind: 'bits', inputs: [0], width: 5, signed: true }, ranges: [x] })),
};

/** Every combination of values; of one value where both operands are the same tensor. */
function* combinations(ranges: readonly Range[], same: boolean): Generator<number[]> {
  const [first, ...rest] = ranges as [Range, ...Range[]];
  for (let x = first[0]; x <= first[1]; x++) {
    if (rest.length === 0) yield [x];
    else if (same) yield [x, x];
    else for (const others of combinations(rest, false)) yield [x, ...others];
  }
}

describe('the bounds of integer primitives hold every value', () => {
  for (const [name, arbitrary] of Object.entries(operations)) {
    it(name, () => {
      fc.assert(
        fc.property(arbitrary, ({ operation, ranges }) => {
          const width = operation.kind === 'bits' ? operation.width : 1;
          const values = [...combinations(ranges, name === 'square')].flatMap((input) => {
            try {
              return [[...evaluateInteger(operation, input.map((x) => Float64Array.of(x)), 'node')]];
            } catch (error) {
              // No proof for this input: a guard, or division by zero.
              assert.equal((error as { code?: string }).code, 'VALUE_UNPROVABLE');
              return [];
            }
          });
          let bounds;
          try {
            bounds = integerBounds(operation, ranges.map(([lo, hi]) => ({ lo: Float64Array.of(lo), hi: Float64Array.of(hi) })), width, 'node');
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'OPERATOR_UNSUPPORTED');
            assert.deepEqual(values, [], 'refused, though some input has a proof');
            return;
          }
          for (const results of values) {
            results.forEach((value, i) => assert.ok(value >= (bounds.lo[i] as number) && value <= (bounds.hi[i] as number), `${value} is outside [${bounds.lo[i]}, ${bounds.hi[i]}]`));
          }
        }),
        { numRuns: 2000 },
      );
    });
  }
});

describe('values of integer primitives', () => {
  const one = (operation: IntegerOperation, ...values: number[]) => evaluateInteger(operation, values.map((value) => Float64Array.of(value)), 'node')[0];
  const int32 = { lo: -(2 ** 31), hi: 2 ** 31 - 1, wraps: true };

  it('wrap around exactly beyond 2^53', () => {
    const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        assert.equal(one({ kind: 'bilinear', inputs: [0, 1], product: 1, left: 0, right: 0, constant: 0, fit: int32 }, a, b), Math.imul(a, b));
        assert.equal(one({ kind: 'fit', inputs: [0], fit: int32 }, a + b), (a + b) | 0);
      }),
    );
  });

  it('divide like big integers', () => {
    const long = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
    fc.assert(
      fc.property(long, long.filter((d) => d !== 0), (a, d) => {
        const truncate = { kind: 'divide', inputs: [0, 1], rounding: 'truncate' } as const;
        assert.equal(one({ ...truncate, result: 'quotient' }, a, d), Number(BigInt(a) / BigInt(d)));
        assert.equal(one({ ...truncate, result: 'remainder' }, a, d), Number(BigInt(a) % BigInt(d)));
      }),
    );
  });
});
