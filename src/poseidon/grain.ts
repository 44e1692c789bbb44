/**
 * The generator of Poseidon's constants: an 80-bit Grain register in self-shrinking mode, begun from the parameters of the instance.
 * (Grassi, Khovratovich, Rechberger, Roy, Schofnegger: Poseidon, USENIX Security 2021, appendices E and F.)
 */
import { inverse } from '../r1cs/field.js';

export interface GrainParameters {
  readonly prime: bigint;
  readonly width: number;
  readonly fullRounds: number;
  readonly partialRounds: number;
}

export interface GrainConstants {
  /** roundConstants[round][lane]. */
  readonly roundConstants: readonly (readonly bigint[])[];
  /** mds[row][column]. */
  readonly mds: readonly (readonly bigint[])[];
}

/** Round constants and the MDS matrix for the S-box x^α over a prime field. */
export function grainConstants({ prime, width, fullRounds, partialRounds }: GrainParameters): GrainConstants {
  const fieldBits = prime.toString(2).length;
  // Prime field, S-box x^α, bits of the field, lanes, rounds, and thirty ones.
  const start = [[1, 2], [0, 4], [fieldBits, 12], [width, 12], [fullRounds, 10], [partialRounds, 10], [2 ** 30 - 1, 30]] as const;
  const register = new GrainRegister(start.map(([value, bits]) => value.toString(2).padStart(bits, '0')).join(''));
  const belowPrime = (): bigint => {
    for (;;) {
      const value = register.integer(fieldBits);
      if (value < prime) return value;
    }
  };
  const list = (count: number, next: () => bigint): bigint[] => Array.from({ length: count }, next);
  const roundConstants = Array.from({ length: fullRounds + partialRounds }, () => list(width, belowPrime));
  // Cauchy's matrix 1 / (x + y) of numbers that all differ.
  let numbers: bigint[];
  do numbers = list(2 * width, () => register.integer(fieldBits) % prime);
  while (new Set(numbers).size < numbers.length);
  const mds = numbers.slice(0, width).map((x) => numbers.slice(width).map((y) => inverse((x + y) % prime, prime)));
  return { roundConstants, mds };
}

const LENGTH = 80;
const TAPS = [62, 51, 38, 23, 13, 0] as const;

/** Bits that are kept before the last ones are moved to the front: moving seldom is faster than a ring. */
const KEPT = 2 ** 12;

class GrainRegister {
  readonly #bits = new Uint8Array(KEPT);
  #oldest = 0;

  constructor(start: string) {
    this.#bits.set(Uint8Array.from(start, Number));
    for (let step = 0; step < 2 * LENGTH; step++) this.#step();
  }

  /** The next bit of the register. */
  #step(): number {
    const bits = this.#bits;
    if (this.#oldest + LENGTH === KEPT) {
      bits.copyWithin(0, this.#oldest);
      this.#oldest = 0;
    }
    let bit = 0;
    for (const tap of TAPS) bit ^= bits[this.#oldest + tap] as number;
    bits[this.#oldest++ + LENGTH] = bit;
    return bit;
  }

  /** A number of so many bits, most significant first. Of each two bits of the register the second counts if the first is 1. */
  integer(bits: number): bigint {
    let digits = '';
    while (digits.length < bits) {
      const counts = this.#step();
      const bit = this.#step();
      if (counts === 1) digits += bit === 1 ? '1' : '0';
    }
    return BigInt(`0b${digits}`);
  }
}
