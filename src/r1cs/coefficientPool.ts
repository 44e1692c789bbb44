import type { Coefficient } from './linearCombination.js';

/** Coefficients from −32768 to 32767 have fixed ids, so that weights need no lookup. */
const SMALL_OFFSET = 32_768;
const SMALL_COUNT = 65_536;

/**
 * Gives each distinct coefficient a small id, so that a matrix entry takes four bytes whatever the size of its coefficient.
 * Ids depend only on the order of first use, which keeps compilation deterministic.
 */
export class CoefficientPool {
  readonly #large: Coefficient[] = [];
  readonly #ids = new Map<Coefficient, number>();

  /** The id of a coefficient in canonical form. */
  id(value: Coefficient): number {
    if (typeof value === 'number' && value >= -SMALL_OFFSET && value < SMALL_OFFSET) return value + SMALL_OFFSET;
    const known = this.#ids.get(value);
    if (known !== undefined) return known;
    const id = SMALL_COUNT + this.#large.length;
    this.#large.push(value);
    this.#ids.set(value, id);
    return id;
  }

  /** The coefficient with this id, signed. */
  value(id: number): Coefficient {
    if (id < SMALL_COUNT) return id - SMALL_OFFSET;
    const value = this.#large[id - SMALL_COUNT];
    if (value === undefined) throw new RangeError(`no coefficient has the id ${id}`);
    return value;
  }

  /** One more than the largest id in use. */
  get size(): number {
    return SMALL_COUNT + this.#large.length;
  }
}
