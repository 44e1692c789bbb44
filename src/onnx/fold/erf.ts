/**
 * The error function in double precision: the Maclaurin series below 2.5 (Abramowitz and Stegun 7.1.6, which only adds positive
 * terms), the continued fraction of the complement beyond (7.1.14). Relative error below 1e-14.
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x)) return NaN;
  const value = a < 2.5 ? series(a) : a < 6 ? 1 - complement(a) : 1;
  return x < 0 ? -value : value;
}

/** erf(x) = 2/√π · e^(−x²) · Σ 2^n x^(2n+1) / (1·3·…·(2n+1)). */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** erfc(x) = e^(−x²) / √π · 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + …)))). */
function complement(x: number): number {
  let fraction = x;
  for (let k = 80; k >= 1; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}
