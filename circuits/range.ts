/**
 * Range checks. All of them are asked for through {@link RangeChecks} and written at the end of compilation, so that another
 * strategy (a lookup argument) can replace the bits without a change to any gadget.
 *
 * Statement: a value is an integer in [0, max], max < 2^52.
 * Cost: k = ⌈log2(max + 1)⌉ rows and wires; k rows and k − 1 wires for a value that has a wire, or terms, of its own.
 * Sound because each of the k bits is forced into {0, 1} by its own row b · (b − 1) = 0, and the weights 1, 2, …, 2^(k−2) and
 * max + 1 − 2^(k−1) reach exactly 0 … max: the first k − 1 bits reach 0 … 2^(k−1) − 1, the last adds between 1 and 2^(k−1). Several
 * bit patterns may stand for one value when max + 1 is no power of two; nothing but the value leaves the gadget.
 * A value v that is already a combination has no wire for its first bit, of weight 1: that bit is v − Σ, the sum over the others,
 * and the row (v − Σ) · (v − Σ − 1) = 0 forces it into {0, 1}.
 * max + 1 and every difference of a checked value to [0, max] must stay below the field's order.
 */
import type { R1csBuilder } from '../src/r1cs/builder.js';
import { add, constant, subtract, wire, ZERO, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';

/** Number of bits that reach exactly 0 … max. */
export function rangeBits(max: number): number {
  let bits = 0;
  for (let reach = 1; reach <= max; reach *= 2) bits++;
  return bits;
}

/** The weights of the bits of a value in [0, max]. */
export function rangeWeights(max: number): number[] {
  const bits = rangeBits(max);
  return Array.from({ length: bits }, (_, bit) => (bit === bits - 1 ? max + 1 - 2 ** (bits - 1) : 2 ** bit));
}

/** The bits, least first, of a value in [0, max]. */
export function digits(value: number, weights: readonly number[]): number[] {
  const last = weights.at(-1);
  if (last === undefined) return [];
  const low = 2 ** (weights.length - 1);
  // The last bit is set only where the others do not suffice.
  const top = value >= low ? 1 : 0;
  const rest = value - top * last;
  return [...weights.slice(0, -1).map((weight) => Math.floor(rest / weight) % 2), top];
}

/** Collects range checks and writes their rows at the end. */
export class RangeChecks {
  readonly #builder: R1csBuilder;
  readonly #rows: (() => void)[] = [];

  constructor(builder: R1csBuilder) {
    this.#builder = builder;
  }

  /** Rows that are still to be written. */
  get pendingRows(): number {
    return this.#rows.length;
  }

  /** A new value in [0, max], as a combination of rangeBits(max) new consecutive wires. */
  fresh(max: number): LinearCombination {
    const bits = this.booleans(rangeBits(max));
    return { wires: bits, coefficients: rangeWeights(max) };
  }

  /** New consecutive wires in {0, 1}: one row each. */
  booleans(count: number): number[] {
    const first = count === 0 ? 0 : this.#builder.allocate(count);
    const bits = Array.from({ length: count }, (_, bit) => first + bit);
    for (const bit of bits) this.#rows.push(() => this.#builder.enforce({ wires: [bit], coefficients: [1] }, { wires: [0, bit], coefficients: [-1, 1] }, ZERO));
    return bits;
  }

  /**
   * Forces a combination into [0, max], with rangeBits(max) − 1 new wires. For max = 0 it must be zero.
   * @returns the bits, by the weights of {@link rangeWeights}.
   */
  check(value: LinearCombination, max: number): LinearCombination[] {
    const weights = rangeWeights(max);
    if (weights.length === 0) {
      this.#rows.push(() => this.#builder.enforceZero(value));
      return [];
    }
    const others = this.booleans(weights.length - 1);
    const first = subtract(value, { wires: others, coefficients: weights.slice(1) });
    this.#rows.push(() => this.#builder.enforce(first, subtract(first, constant(1)), ZERO));
    return [first, ...others.map((bit) => wire(bit))];
  }

  /** Writes the rows of everything asked for. */
  resolve(): void {
    for (const write of this.#rows) write();
    this.#rows.length = 0;
  }
}

/** Rows of {@link RangeChecks.check}. Those of {@link RangeChecks.fresh} are {@link rangeBits}. */
export function checkRows(max: number): number {
  return max === 0 ? 1 : rangeBits(max);
}

/** Writes the bits of {@link RangeChecks.fresh}; returns the next free wire. */
export function assignFresh(sink: WitnessSink, first: number, max: number, value: number): number {
  const bits = digits(value, rangeWeights(max));
  bits.forEach((bit, index) => sink.set(first + index, bit));
  return first + bits.length;
}

/** Writes the bits of {@link RangeChecks.check}; returns the next free wire. */
export function assignCheck(sink: WitnessSink, first: number, max: number, value: number): number {
  const bits = digits(value, rangeWeights(max)).slice(1);
  bits.forEach((bit, index) => sink.set(first + index, bit));
  return first + bits.length;
}

/** A wire of its own for a combination. One row. */
export function materialise(builder: R1csBuilder, combination: LinearCombination): number {
  const own = builder.allocate(1);
  builder.enforceZero(add(combination, { wires: [own], coefficients: [-1] }));
  return own;
}
