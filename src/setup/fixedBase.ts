/**
 * Multiples of the two generators of BN254 by many scalars: for every window of a few bits all multiples of the generator are in
 * a table, so that a multiple is the sum of one table entry per window (Brickell, Gordon, McCurley, Wilson, EUROCRYPT '92, with
 * signed digits). Many multiples advance together, in affine coordinates, and share one inversion per window (Montgomery's trick).
 *
 * Coordinates are kept in (−q, q): a remainder keeps the sign of its dividend and nothing is gained by making it positive.
 */
import { inverse } from '../r1cs/field.js';
import { BASE_PRIME as Q, G1_BYTES, G2_BYTES, storeCoordinate } from './baseField.js';

/** The generator of G1 (EIP-196). */
const G1_GENERATOR = [1n, 2n] as const;

/** The generator of G2, coordinates x.c0, x.c1, y.c0, y.c1 (EIP-197, which writes c1 first). */
const G2_GENERATOR = [
  10857046999023057135944570762232829481370756359578518086990519993285655852781n,
  11559732032986387107991004021392285783925812861821192530917403151452391805634n,
  8495653923123431417604973247489272438418190587263600148770280649306958101930n,
  4082367875863433681332203403145435568316851327593401208105741076214120093531n,
] as const;

const SCALAR_BITS = 254;

export type Group = 'g1' | 'g2';

/** How many windows a scalar has. The last one takes in the carry of the signed digits. */
export function windowCount(windowBits: number): number {
  return Math.ceil((SCALAR_BITS + 1) / windowBits);
}

/** The width of the window that makes `count` multiples, with a table of their own, in the fewest additions. */
export function bestWindow(count: number): number {
  const additions = (bits: number) => windowCount(bits) * (count + 2 ** (bits - 1));
  let best = 4;
  for (let bits = 5; bits <= 15; bits++) if (additions(bits) < additions(best)) best = bits;
  return best;
}

/** Affine points whose number is fixed; a point that was never set is at infinity. Coordinates lie side by side, 2 or 4 of them. */
interface Points {
  readonly coordinates: bigint[];
  readonly finite: Uint8Array;
}

/** A group's arithmetic on lists of points. */
interface GroupArithmetic {
  readonly bytes: number;
  readonly coordinateCount: number;
  readonly generator: readonly bigint[];
  /**
   * For each i: the point `targets[i]` of `points` += the point `sources[i]` of `from`, its negative when `negative[i]` is 1. All
   * are finite; targets are distinct. A sum at infinity becomes so.
   */
  addBatch(batch: Batch): void;
}

interface Batch {
  readonly points: Points;
  readonly targets: Uint32Array;
  readonly from: Points;
  readonly sources: Uint32Array;
  readonly negative: Uint8Array;
  readonly count: number;
}

/** The table of one generator: entry w·2^(c−1) + d − 1 is d·2^(c·w) times the generator, 1 ≤ d ≤ 2^(c−1). */
export interface FixedBaseTable {
  readonly group: Group;
  readonly windowBits: number;
  readonly entries: Points;
}

/** Builds the table: windowCount · 2^(windowBits − 1) additions. */
export function fixedBaseTable(group: Group, windowBits: number): FixedBaseTable {
  const arithmetic = GROUPS[group];
  const windows = windowCount(windowBits);
  const perWindow = 2 ** (windowBits - 1);
  const entries = newPoints(arithmetic, windows * perWindow);
  const bases = newPoints(arithmetic, 1);
  const one = new Uint32Array(1);
  setPoint(arithmetic, bases, 0, arithmetic.generator);
  for (let window = 0; window < windows; window++) {
    copyPoint(arithmetic, entries, window * perWindow, bases, 0, false);
    if (window + 1 === windows) break;
    for (let doubling = 0; doubling < windowBits; doubling++) {
      const source = newPoints(arithmetic, 1);
      copyPoint(arithmetic, source, 0, bases, 0, false);
      arithmetic.addBatch({ points: bases, targets: one, from: source, sources: one, negative: new Uint8Array(1), count: 1 });
    }
  }
  // From the multiples 1 … have, all windows at once: the multiples have + 1 … 2·have, as sums with the multiple `have`.
  for (let have = 1; have < perWindow; have *= 2) {
    const targets = new Uint32Array(windows * have);
    const sources = new Uint32Array(windows * have);
    let count = 0;
    for (let window = 0; window < windows; window++) {
      for (let multiple = 1; multiple <= have; multiple++) {
        const target = window * perWindow + have + multiple - 1;
        copyPoint(arithmetic, entries, target, entries, window * perWindow + multiple - 1, false);
        targets[count] = target;
        sources[count] = window * perWindow + have - 1;
        count++;
      }
    }
    arithmetic.addBatch({ points: entries, targets, from: entries, sources, negative: new Uint8Array(count), count });
  }
  return { group, windowBits, entries };
}

/**
 * The multiples of the table's generator by `scalars` (32 bytes each, little-endian, below r), as iden3's keys store them:
 * 64 bytes each in G1, 128 in G2; zero bytes for the point at infinity.
 */
export function multiplyFixedBase({ group, windowBits, entries }: FixedBaseTable, scalars: Uint8Array): Uint8Array<ArrayBuffer> {
  const arithmetic = GROUPS[group];
  const words = new Uint32Array(scalars.buffer, scalars.byteOffset, scalars.byteLength / 4);
  const count = words.length / 8;
  const sums = newPoints(arithmetic, count);
  const carries = new Uint8Array(count);
  const targets = new Uint32Array(count);
  const sources = new Uint32Array(count);
  const negative = new Uint8Array(count);
  const half = 2 ** (windowBits - 1);
  for (let window = 0; window < windowCount(windowBits); window++) {
    let pending = 0;
    for (let index = 0; index < count; index++) {
      let digit = bitsAt(words, index * 8, window * windowBits, windowBits) + (carries[index] as number);
      carries[index] = digit > half ? 1 : 0;
      if (digit > half) digit -= 2 * half;
      if (digit === 0) continue;
      const entry = window * half + Math.abs(digit) - 1;
      if (sums.finite[index] === 0) {
        copyPoint(arithmetic, sums, index, entries, entry, digit < 0);
        continue;
      }
      targets[pending] = index;
      sources[pending] = entry;
      negative[pending] = digit < 0 ? 1 : 0;
      pending++;
    }
    arithmetic.addBatch({ points: sums, targets, from: entries, sources, negative, count: pending });
  }
  return encodePoints(arithmetic, sums, count);
}

/** `count` ≤ 16 bits of a scalar of eight words; zero beyond its end. */
function bitsAt(words: Uint32Array, start: number, bit: number, count: number): number {
  const word = bit >>> 5;
  if (word >= 8) return 0;
  const shift = bit & 31;
  let value = (words[start + word] as number) >>> shift;
  if (shift + count > 32 && word < 7) value |= (words[start + word + 1] as number) << (32 - shift);
  return value & (2 ** count - 1);
}

function newPoints({ coordinateCount }: GroupArithmetic, count: number): Points {
  return { coordinates: new Array<bigint>(count * coordinateCount).fill(0n), finite: new Uint8Array(count) };
}

function setPoint({ coordinateCount }: GroupArithmetic, points: Points, index: number, coordinates: readonly bigint[]): void {
  for (let which = 0; which < coordinateCount; which++) points.coordinates[index * coordinateCount + which] = coordinates[which] as bigint;
  points.finite[index] = 1;
}

function copyPoint({ coordinateCount }: GroupArithmetic, to: Points, target: number, from: Points, source: number, negate: boolean): void {
  for (let which = 0; which < coordinateCount; which++) {
    const value = from.coordinates[source * coordinateCount + which] as bigint;
    to.coordinates[target * coordinateCount + which] = negate && which >= coordinateCount / 2 ? -value : value;
  }
  to.finite[target] = from.finite[source] as number;
}

function encodePoints({ bytes, coordinateCount }: GroupArithmetic, points: Points, count: number): Uint8Array<ArrayBuffer> {
  const words = new BigUint64Array((count * bytes) / 8);
  for (let index = 0; index < count; index++) {
    if (points.finite[index] === 0) continue;
    for (let which = 0; which < coordinateCount; which++) {
      const position = index * coordinateCount + which;
      storeCoordinate(words, position * 4, points.coordinates[position] as bigint);
    }
  }
  return new Uint8Array(words.buffer);
}

function isZero(value: bigint): boolean {
  return value === 0n || value === Q || value === -Q;
}

/** Replaces every value by its inverse modulo q, with one inversion; none is zero. */
function invertAll(values: bigint[], count: number): void {
  if (count === 0) return;
  const prefixes = new Array<bigint>(count);
  let product = 1n;
  for (let index = 0; index < count; index++) {
    prefixes[index] = product;
    product = (product * (values[index] as bigint)) % Q;
  }
  let suffix = inverse(product, Q);
  for (let index = count - 1; index >= 0; index--) {
    const value = values[index] as bigint;
    values[index] = (suffix * (prefixes[index] as bigint)) % Q;
    suffix = (suffix * value) % Q;
  }
}

/** The slope of a chord is dy / dx; the tangent's is 3x² / 2y. */
function addBatchG1({ points, targets, from, sources, negative, count }: Batch): void {
  const { coordinates } = points;
  const numerators = new Array<bigint>(count);
  const denominators = new Array<bigint>(count);
  for (let index = 0; index < count; index++) {
    const at = (targets[index] as number) * 2;
    const other = (sources[index] as number) * 2;
    const x = coordinates[at] as bigint;
    const y = coordinates[at + 1] as bigint;
    const otherY = from.coordinates[other + 1] as bigint;
    const signedY = negative[index] === 1 ? -otherY : otherY;
    const dx = (from.coordinates[other] as bigint) - x;
    if (!isZero(dx)) {
      numerators[index] = signedY - y;
      denominators[index] = dx;
    } else if (isZero(signedY - y)) {
      numerators[index] = 3n * x * x;
      denominators[index] = 2n * y;
    } else {
      points.finite[targets[index] as number] = 0;
      numerators[index] = 0n;
      denominators[index] = 1n;
    }
  }
  invertAll(denominators, count);
  for (let index = 0; index < count; index++) {
    const at = (targets[index] as number) * 2;
    const slope = ((numerators[index] as bigint) * (denominators[index] as bigint)) % Q;
    const x = coordinates[at] as bigint;
    const sum = (slope * slope - x - (from.coordinates[(sources[index] as number) * 2] as bigint)) % Q;
    coordinates[at + 1] = (slope * (x - sum) - (coordinates[at + 1] as bigint)) % Q;
    coordinates[at] = sum;
  }
}

/** As in G1, over c0 + c1·u with u² = −1: the inverse is the conjugate over the norm, and only norms are inverted. */
function addBatchG2({ points, targets, from, sources, negative, count }: Batch): void {
  const { coordinates } = points;
  const numerators0 = new Array<bigint>(count);
  const numerators1 = new Array<bigint>(count);
  const norms = new Array<bigint>(count);
  for (let index = 0; index < count; index++) {
    const at = (targets[index] as number) * 4;
    const other = (sources[index] as number) * 4;
    const x0 = coordinates[at] as bigint;
    const x1 = coordinates[at + 1] as bigint;
    const y0 = coordinates[at + 2] as bigint;
    const y1 = coordinates[at + 3] as bigint;
    const otherY0 = from.coordinates[other + 2] as bigint;
    const otherY1 = from.coordinates[other + 3] as bigint;
    let n0 = (negative[index] === 1 ? -otherY0 : otherY0) - y0;
    let n1 = (negative[index] === 1 ? -otherY1 : otherY1) - y1;
    let d0 = (from.coordinates[other] as bigint) - x0;
    let d1 = (from.coordinates[other + 1] as bigint) - x1;
    if (isZero(d0) && isZero(d1)) {
      if (isZero(n0) && isZero(n1)) {
        n0 = (3n * (x0 * x0 - x1 * x1)) % Q;
        n1 = (6n * x0 * x1) % Q;
        d0 = 2n * y0;
        d1 = 2n * y1;
      } else {
        points.finite[targets[index] as number] = 0;
        d0 = 1n;
      }
    }
    norms[index] = (d0 * d0 + d1 * d1) % Q;
    numerators0[index] = (n0 * d0 + n1 * d1) % Q;
    numerators1[index] = (n1 * d0 - n0 * d1) % Q;
  }
  invertAll(norms, count);
  for (let index = 0; index < count; index++) {
    const at = (targets[index] as number) * 4;
    const other = (sources[index] as number) * 4;
    const inverted = norms[index] as bigint;
    const s0 = ((numerators0[index] as bigint) * inverted) % Q;
    const s1 = ((numerators1[index] as bigint) * inverted) % Q;
    const x0 = coordinates[at] as bigint;
    const x1 = coordinates[at + 1] as bigint;
    const sum0 = (s0 * s0 - s1 * s1 - x0 - (from.coordinates[other] as bigint)) % Q;
    const sum1 = (2n * s0 * s1 - x1 - (from.coordinates[other + 1] as bigint)) % Q;
    const fall0 = x0 - sum0;
    const fall1 = x1 - sum1;
    coordinates[at + 2] = (s0 * fall0 - s1 * fall1 - (coordinates[at + 2] as bigint)) % Q;
    coordinates[at + 3] = (s0 * fall1 + s1 * fall0 - (coordinates[at + 3] as bigint)) % Q;
    coordinates[at] = sum0;
    coordinates[at + 1] = sum1;
  }
}

const GROUPS: Readonly<Record<Group, GroupArithmetic>> = {
  g1: { bytes: G1_BYTES, coordinateCount: 2, generator: G1_GENERATOR, addBatch: addBatchG1 },
  g2: { bytes: G2_BYTES, coordinateCount: 4, generator: G2_GENERATOR, addBatch: addBatchG2 },
};
