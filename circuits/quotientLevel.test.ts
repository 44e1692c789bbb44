import { describe, it } from 'node:test';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { seeded } from '../test/support/seeded.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignQuotientLevel, constrainQuotientLevel, quotientLevelRows, type QuotientLevelParameters } from './quotientLevel.js';

/** The meaning, from the definition. */
function levelOf(n: number, s: number, { thresholds, shift }: QuotientLevelParameters): number {
  const value = n * 2 ** shift;
  const levels = thresholds.slice(0, -1).flatMap((start, k) => {
    const end = thresholds[k + 1] as number;
    const inside = k % 2 === 0 ? value >= start * s && value <= end * s : value > start * s && value < end * s;
    return inside ? [k] : [];
  });
  if (levels.length !== 1) throw new Error(`${levels.length} levels`);
  return levels[0] as number;
}

function gadget(parameters: QuotientLevelParameters, inputs: readonly (readonly number[])[], prime = 1009) {
  return {
    prime,
    build: (cs: ConstraintSystem, [n, s]: readonly LinearCombination[]) => [constrainQuotientLevel(cs, n as LinearCombination, s as LinearCombination, parameters)],
    assign: (sink: WitnessSink, first: number, [n, s]: readonly number[]) => assignQuotientLevel(sink, first, BigInt(n as number), BigInt(s as number), parameters),
    inputs,
    expected: ([n, s]: readonly number[]) => [levelOf(n as number, s as number, parameters)],
    rows: quotientLevelRows(parameters),
  };
}

describe('quotient level', () => {
  const small = (thresholds: readonly number[], shift: number, largest: number) => {
    const inputs: number[][] = [];
    for (let s = 1; s <= largest; s++) for (let n = 0; n * 2 ** shift < (thresholds.at(-1) as number) * s; n++) inputs.push([n, s]);
    return gadget({ thresholds, shift, largest: BigInt(largest) }, inputs);
  };
  it('exhaustive, every row needed', () => {
    assertSound(small([0, 1, 3, 6], 1, 3));
    assertSound(small([0, 1, 3, 5, 8], 1, 2));
    assertSound(small([0, 2, 5, 11, 14, 20], 2, 2));
  });

  it('the witness satisfies the rows for 255 levels', () => {
    const random = seeded(5);
    const thresholds = [0, ...Array.from({ length: 255 }, (_, k) => (2 * k + 1) * 2 ** 25 + (k % 2 === 0 ? 3 : -3)), 257 * 2 ** 26];
    const inputs = Array.from({ length: 30 }, () => {
      const s = 1 + Math.floor(random() * 2 ** 14);
      return [Math.floor(random() * 256 * s), s];
    });
    assertHonest({ ...gadget({ thresholds, shift: 26, largest: 2n ** 40n }, inputs), rows: 200 });
  });
});
