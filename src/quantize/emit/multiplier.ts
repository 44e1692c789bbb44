/** Fractions with small denominators near real numbers: the remainder of a division by D takes ⌈log2 D⌉ rows of a circuit. */

export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}

const LARGEST_DENOMINATOR = 2 ** 20;

/**
 * The fraction with the smallest odd denominator between a value and (1 + slack) times the value. An odd denominator never
 * makes a tie, and so never a difference between ways of rounding.
 */
export function fractionAbove(value: number, slack: number): Fraction {
  const highest = value * (1 + slack);
  for (let denominator = 1; denominator < LARGEST_DENOMINATOR; denominator += 2) {
    const numerator = Math.ceil(value * denominator);
    if (numerator <= highest * denominator && numerator > 0) return { numerator, denominator };
    // For small values nothing happens before the denominator comes near the reciprocal.
    if (numerator === 1 && denominator < 1 / highest - 4) denominator = Math.floor(1 / highest / 2) * 2 - 3;
  }
  return { numerator: Math.max(1, Math.ceil(value * (LARGEST_DENOMINATOR - 1))), denominator: LARGEST_DENOMINATOR - 1 };
}

/**
 * Numerators over the smallest common denominator such that, with each ratio times its span, all errors together stay below the
 * tolerance. Ratios may be negative.
 */
export function commonFractions(terms: readonly { readonly ratio: number; readonly span: number }[], tolerance: number, largest: number): { numerators: number[]; denominator: number } {
  const of = (denominator: number): number[] => terms.map(({ ratio }) => Math.round(ratio * denominator));
  const error = (denominator: number, numerators: readonly number[]): number => terms.reduce((total, { ratio, span }, index) => total + Math.abs((numerators[index] as number) / denominator - ratio) * span, 0);
  let best = { numerators: of(1), denominator: 1 };
  let least = error(1, best.numerators);
  for (let denominator = 2; denominator <= largest && least > tolerance; denominator++) {
    const numerators = of(denominator);
    const own = error(denominator, numerators);
    if (own < least) {
      least = own;
      best = { numerators, denominator };
    }
  }
  return best;
}
