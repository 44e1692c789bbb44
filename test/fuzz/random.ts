/** Random choices that a seed repeats (mulberry32). */
export class Random {
  #state: number;

  /** @param seeds whole numbers; another one anywhere gives other choices */
  constructor(...seeds: readonly number[]) {
    this.#state = seeds.reduce((state, seed) => Math.imul(state ^ seed, 0x9e3779b1) + 0x7f4a7c15, 0x2545f491) >>> 0;
  }

  /** In [0, 1). */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from lo to hi, both included. */
  int(lo: number, hi: number): number {
    const size = hi - lo + 1;
    // One draw has 32 bits.
    return lo + (size <= 2 ** 32 ? Math.floor(this.unit() * size) : Math.floor(((this.unit() + this.unit() / 2 ** 32) * size) % size));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.int(0, choices.length - 1)] as T;
  }

  ints(count: number, lo: number, hi: number): number[] {
    return Array.from({ length: count }, () => this.int(lo, hi));
  }

  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }
}
