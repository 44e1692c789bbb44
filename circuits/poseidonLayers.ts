/**
 * The linear layers of Poseidon, solved for what the S-boxes give: x^5 of each S-box as a combination of the S-box inputs around it.
 * So the rows of the gadget need no wire for x^5, and everything dense stands in C, which costs the prover nothing.
 */
import type { PoseidonParameters } from '../src/poseidon/parameters.js';
import { inverse, modulo } from '../src/r1cs/field.js';

export interface PoseidonLayers {
  /** The inverse of the MDS matrix. */
  readonly inverseMds: readonly (readonly bigint[])[];
  /**
   * The partial rounds over the basis [1, e_1 … e_{width − 1}, y_1 … y_partialRounds]: e are the lanes other than the first as they enter
   * the first partial round, y_q is lane 0 as it enters the S-box of partial round q; y_partialRounds enters the full round behind.
   * Entry q is what the S-box of partial round q gives.
   */
  readonly boxes: readonly (readonly bigint[])[];
  /** Lanes 1 … width − 1 as they enter the full round behind the partial ones, over the same basis. */
  readonly exits: readonly (readonly bigint[])[];
}

const known = new WeakMap<PoseidonParameters, PoseidonLayers>();

export function poseidonLayers(parameters: PoseidonParameters): PoseidonLayers {
  const found = known.get(parameters) ?? { inverseMds: invertMatrix(parameters.mds, parameters.prime), ...partialLayers(parameters) };
  known.set(parameters, found);
  return found;
}

/** Follows the lanes symbolically: first over what the S-boxes give, which is then replaced by what enters the next one. */
function partialLayers({ prime, width, fullRounds, partialRounds, roundConstants, mds }: PoseidonParameters): Pick<PoseidonLayers, 'boxes' | 'exits'> {
  const others = width - 1;
  const first = mds[0] as readonly bigint[];
  const divisor = inverse(first[0] as bigint, prime);
  const size = width + partialRounds;
  const boxes: bigint[][] = [];
  // Over [1, e …, S-box 0, S-box 1, …].
  let lanes = Array.from({ length: others }, (_, lane) => Array.from({ length: size }, (_, i) => BigInt(i === lane + 1)));
  /** Σ factor_lane · lane. */
  const combined = (factors: readonly bigint[]): bigint[] => Array.from({ length: size }, (_, i) => lanes.reduce((sum, lane, j) => sum + (factors[j + 1] as bigint) * (lane[i] as bigint), 0n) % prime);
  const overInputs = (vector: readonly bigint[]): bigint[] => {
    const result = [...vector.slice(0, width), ...new Array<bigint>(partialRounds).fill(0n)];
    boxes.forEach((box, q) => box.forEach((value, i) => (result[i] = (result[i] as bigint) + (vector[width + q] as bigint) * value)));
    return result.map((value) => value % prime);
  };
  for (let q = 0; q < partialRounds; q++) {
    const constants = roundConstants[fullRounds / 2 + q + 1] as readonly bigint[];
    // y = constant + first[0] · box + the other lanes
    const rest = overInputs(combined(first));
    rest[0] = (rest[0] as bigint) + (constants[0] as bigint);
    const box = rest.map((value) => modulo(-value * divisor, prime));
    box[width + q] = divisor;
    const next = mds.slice(1).map((row, lane) => {
      const vector = combined(row);
      vector[0] = ((vector[0] as bigint) + (constants[lane + 1] as bigint)) % prime;
      vector[width + q] = row[0] as bigint;
      return vector;
    });
    boxes.push(box);
    lanes = next;
  }
  return { boxes, exits: lanes.map(overInputs) };
}

/** Gauss and Jordan. The matrix must have an inverse, as an MDS matrix has. */
function invertMatrix(matrix: readonly (readonly bigint[])[], prime: bigint): bigint[][] {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => BigInt(i === j))]);
  for (let column = 0; column < size; column++) {
    const pivot = rows.findIndex((row, i) => i >= column && row[column] !== 0n);
    if (pivot < 0) throw new RangeError('a matrix without an inverse');
    [rows[column], rows[pivot]] = [rows[pivot] as bigint[], rows[column] as bigint[]];
    const factor = inverse((rows[column] as bigint[])[column] as bigint, prime);
    const own = (rows[column] as bigint[]).map((value) => (value * factor) % prime);
    rows[column] = own;
    rows.forEach((row, i) => {
      const by = row[column] as bigint;
      if (i !== column && by !== 0n) rows[i] = row.map((value, j) => modulo(value - by * (own[j] as bigint), prime));
    });
  }
  return rows.map((row) => row.slice(size));
}
