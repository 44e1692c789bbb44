import { best, candidates } from './candidates.js';
import { centre, type Histogram, type Observer } from './observer.js';

const LEVELS = 256;
/** Stands for empty levels, so that a logarithm exists. */
const FLOOR = 1e-9;

/**
 * The range whose quantized distribution says most about the original one: the smallest Kullback–Leibler divergence from it. Values
 * outside count at the ends. (Migacz, 8-bit inference, GTC 2017.)
 */
export const ENTROPY: Observer = {
  needsHistogram: true,
  range: (histogram) => {
    const counts = withoutZeros(histogram);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const values = Array.from(counts, (_, index) => centre(histogram, index));
    const levelOf = new Int32Array(counts.length);
    return best(candidates(histogram), ({ lo, hi }) => {
      const mass = new Float64Array(LEVELS);
      const parts = new Float64Array(LEVELS);
      const inside = Float64Array.from(counts);
      const at = (value: number): number => Math.min(LEVELS - 1, Math.max(0, Math.floor(((value - lo) / (hi - lo)) * LEVELS)));
      for (let index = 0; index < counts.length; index++) {
        const value = values[index] as number;
        const level = at(value);
        levelOf[index] = level;
        const outside = value < lo || value > hi;
        // The reference keeps what is cut off, at the ends; the quantized distribution is spread over what lies inside alone.
        if (!outside && (counts[index] as number) > 0) parts[level] = (parts[level] as number) + 1;
        mass[level] = (mass[level] as number) + (outside ? 0 : (counts[index] as number));
        if (outside) inside[index] = 0;
      }
      const kept = mass.reduce((sum, value) => sum + value, 0);
      if (kept === 0) return Infinity;
      const reference = Float64Array.from(inside);
      for (let index = 0; index < counts.length; index++) {
        if (inside[index] !== counts[index]) {
          const end = nearestInside(index, values, lo, hi);
          if (end !== undefined) reference[end] = (reference[end] as number) + (counts[index] as number);
        }
      }
      let divergence = 0;
      for (let index = 0; index < counts.length; index++) {
        const p = (reference[index] as number) / total;
        if (p === 0) continue;
        const level = levelOf[index] as number;
        const q = (inside[index] as number) === 0 ? FLOOR : (mass[level] as number) / (parts[level] as number) / kept;
        divergence += p * Math.log(p / q);
      }
      return divergence;
    });
  },
};

/** What Relu makes of half of all values says nothing about a scale, and 0 is exact in every range: it counts as its neighbours do. */
function withoutZeros({ lo, hi, counts }: Histogram): Float64Array {
  const at = Math.min(counts.length - 1, Math.floor((-lo / (hi - lo)) * counts.length));
  if (at < 0) return counts;
  const near = [counts[at - 1], counts[at + 1]].filter((count) => count !== undefined);
  const result = Float64Array.from(counts);
  result[at] = Math.min(counts[at] as number, near.reduce((sum, count) => sum + count, 0) / near.length);
  return result;
}

/** The part nearest to `index` whose middle lies in the range. */
function nearestInside(index: number, values: readonly number[], lo: number, hi: number): number | undefined {
  const step = (values[1] ?? 0) - (values[0] ?? 0);
  if (!(step > 0)) return undefined;
  const target = (values[index] as number) < lo ? Math.ceil((lo - (values[0] as number)) / step) : Math.floor((hi - (values[0] as number)) / step);
  return target >= 0 && target < values.length ? target : undefined;
}
