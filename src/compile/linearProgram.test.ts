import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { shadowPrices, type SparseColumn } from './linearProgram.js';

function column(...entries: readonly number[]): SparseColumn {
  return { equations: Int32Array.from(entries.keys()), values: Float64Array.from(entries) };
}

describe('shadowPrices', () => {
  it('a textbook program: maximise 3x + 5y, x ≤ 4, 2y ≤ 12, 3x + 2y ≤ 18', () => {
    const prices = shadowPrices({ columns: [column(1, 0, 3), column(0, 2, 2)], costs: Float64Array.of(3, 5), rhs: Float64Array.of(4, 12, 18), startCosts: new Float64Array(3) });
    assert.deepEqual(Array.from(prices ?? [], (price) => Math.round(price * 1e9) / 1e9), [0, 1.5, 1]);
  });

  it('an unbounded program has none', () => {
    assert.equal(shadowPrices({ columns: [column(-1)], costs: Float64Array.of(1), rhs: Float64Array.of(1), startCosts: new Float64Array(1) }), undefined);
  });

  it('random programs: feasible prices whose value is that of a feasible solution', () => {
    const entry = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(fc.array(fc.tuple(entry, entry, fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (rows, first, second) => {
        // Every variable has a positive coefficient somewhere, so that the program is bounded.
        const columns = rows.map(([a, b]) => column(a, b + (a === 0 ? 1 : 0)));
        const costs = Float64Array.from([...rows.map(([, , cost]) => cost), 0, 0]);
        const prices = shadowPrices({ columns: [...columns, column(1, 0), column(0, 1)], costs, rhs: Float64Array.of(first, second), startCosts: new Float64Array(2) });
        assert.ok(prices !== undefined && prices.every((price) => price >= -1e-6));
        columns.forEach(({ values }, j) => assert.ok((values[0] as number) * (prices[0] as number) + (values[1] as number) * (prices[1] as number) >= (costs[j] as number) - 1e-6));
        // The optimum lies at a vertex: at most two variables, by brute force.
        const dual = (prices[0] as number) * first + (prices[1] as number) * second;
        let best = 0;
        columns.forEach(({ values: [a = 0, b = 0] }, i) => {
          best = Math.max(best, (costs[i] as number) * Math.min(a > 0 ? first / a : Infinity, b > 0 ? second / b : Infinity));
          columns.forEach(({ values: [c = 0, d = 0] }, j) => {
            const determinant = a * d - b * c;
            if (determinant === 0) return;
            const [x, y] = [(first * d - second * c) / determinant, (a * second - b * first) / determinant];
            if (x >= 0 && y >= 0) best = Math.max(best, x * (costs[i] as number) + y * (costs[j] as number));
          });
        });
        assert.ok(Math.abs(dual - best) < 1e-6, `${dual} against ${best}`);
      }),
    );
  });
});
