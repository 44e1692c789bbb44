import type { Tensor } from '../../onnx/graph.js';
import { addDeviation, deviationOf, newDeviation } from './deviation.js';
import type { OutputDrift } from './driftReport.js';

const BINS = 41;
const SAMPLE = 400;
const TOP = 5;

/** Collects what one output says in both models, one inference after the other. */
export class OutputStatistics {
  private readonly name: string;
  private readonly sum = newDeviation();
  private readonly errors: number[] = [];
  private readonly pairs: (readonly [float: number, quantized: number])[] = [];
  private cosines = 0;
  private inferences = 0;
  private first = 0;
  private amongFive = 0;
  private classes = 0;

  constructor(name: string) {
    this.name = name;
  }

  add(float: Tensor, quantized: Tensor): void {
    const expected = Float64Array.from(float.data as ArrayLike<number>, Number);
    const found = Float64Array.from(quantized.data as ArrayLike<number>, Number);
    expected.forEach((value, index) => {
      const other = found[index] as number;
      addDeviation(this.sum, value, other);
      this.errors.push(other - value);
      this.pairs.push([value, other]);
    });
    this.inferences++;
    this.cosines += cosine(expected, found);
    this.classes = isScores(float.shape) ? expected.length : 0;
    if (this.classes > 0) this.addRanks(expected, found);
  }

  private addRanks(expected: Float64Array, found: Float64Array): void {
    const winner = largest(expected);
    const rank = found.reduce((before, value, index) => before + Number(value > (found[winner] as number) || (value === found[winner] && index < winner)), 0);
    if (rank === 0) this.first++;
    if (rank < TOP) this.amongFive++;
  }

  result(): OutputDrift {
    const share = (count: number): number => count / Math.max(1, this.inferences);
    return {
      name: this.name,
      ...deviationOf(this.sum),
      cosine: share(this.cosines),
      ...(this.classes > 1 ? { top1Agreement: share(this.first) } : {}),
      ...(this.classes > TOP ? { top5Agreement: share(this.amongFive) } : {}),
      histogram: histogramOf(this.errors, this.sum.maxAbsoluteError),
      sample: evenly(this.pairs, SAMPLE),
    };
  }
}

/** Whether an output is one list of scores: [classes] or [1, classes]. */
export function isScores(shape: readonly number[]): boolean {
  return shape.length === 1 || (shape.length === 2 && shape[0] === 1);
}

/** The index of the largest element, the first of several. */
export function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) if ((values[index] as number) > (values[best] as number)) best = index;
  return best;
}

/** 1 for two vectors of zeros, 0 for one. */
function cosine(a: Float64Array, b: Float64Array): number {
  let product = 0;
  let squaresOfA = 0;
  let squaresOfB = 0;
  a.forEach((value, index) => {
    const other = b[index] as number;
    product += value * other;
    squaresOfA += value * value;
    squaresOfB += other * other;
  });
  if (squaresOfA === 0 || squaresOfB === 0) return squaresOfA === squaresOfB ? 1 : 0;
  return product / Math.sqrt(squaresOfA * squaresOfB);
}

function histogramOf(errors: readonly number[], most: number): OutputDrift['histogram'] {
  const reach = Number.isFinite(most) && most > 0 ? most : 1;
  const counts = new Array<number>(BINS).fill(0);
  for (const error of errors) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor(((error + reach) / (2 * reach)) * BINS)));
    if (Number.isFinite(error)) counts[bin] = (counts[bin] as number) + 1;
  }
  return { lo: -reach, hi: reach, counts };
}

/** At most `count` elements of a list, with equal steps between them. */
function evenly<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, index) => list[Math.floor((index * list.length) / count)] as T);
}
