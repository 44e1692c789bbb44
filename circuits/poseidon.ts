/**
 * The Poseidon permutation, as a hash of width − 1 field elements.
 *
 * Statement: out is lane 0 of Poseidon(0, inputs…); circomlib's hash with its parameters.
 * Cost, with t the width, F and P the full and partial rounds, c inputs that are constants: 4(t − 1 − c) + c + 1 + 3t(F − 1) + 3P + t − 1 rows.
 *   Three rows for each S-box; no wire and no row for x^5, which stands in C as a combination of the S-box inputs of the next round.
 *   So A and B hold one entry a row, and the dense layers cost the prover nothing. Of the lanes without an S-box only those that
 *   leave the partial rounds get wires, one row each.
 * Sound, by induction over the rounds: the S-box inputs x of the first round are forced by a row each. x² and x⁴ are forced by theirs, and
 *   x⁴ · x = (MDS⁻¹ · (next − constants))_lane, over all lanes, forces all S-box inputs of the next round, for the matrix has an inverse. In the
 *   partial rounds the row of S-box q holds the S-box input of round q + 1 with the factor 1 / MDS[0][0] and nothing later, so it forces it.
 *   The lanes behind them are forced one by one, and so are x^5 of the last round and out.
 * Assumes nothing of the inputs; one that is an integer must be below the field's order to be meant by its residue.
 */
import type { PoseidonParameters } from '../src/poseidon/parameters.js';
import { fifthPower, isFullRound, poseidonTrace } from '../src/poseidon/poseidon.js';
import { inverse, modulo } from '../src/r1cs/field.js';
import { add, coefficient, constant, scale, subtract, wire, type Coefficient, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { poseidonLayers } from './poseidonLayers.js';

/** @param constants how many of the inputs are constants. */
export function poseidonRows({ width, fullRounds, partialRounds }: Pick<PoseidonParameters, 'width' | 'fullRounds' | 'partialRounds'>, constants: number): number {
  return 4 * (width - 1 - constants) + constants + 1 + 3 * width * (fullRounds - 1) + 3 * partialRounds + width - 1;
}

/**
 * Forces and returns the hash.
 * @param constants the first inputs, as far as they are constants.
 * @param inputs the others.
 * @param output what the hash must be; default: a wire of its own.
 */
export function constrainPoseidon(
  { builder }: ConstraintSystem,
  parameters: PoseidonParameters,
  { constants, inputs, output }: { readonly constants: readonly bigint[]; readonly inputs: readonly LinearCombination[]; readonly output?: LinearCombination | undefined },
): LinearCombination {
  const { prime, width, fullRounds, partialRounds, roundConstants, mds } = parameters;
  const { inverseMds, boxes, exits } = poseidonLayers(parameters);
  const rounds = fullRounds + partialRounds;
  const half = fullRounds / 2;
  const constantOf = (round: number, lane: number): bigint => (roundConstants[round] as readonly bigint[])[lane] as bigint;
  const ownWires = (count: number): LinearCombination[] => Array.from({ length: count }, () => wire(builder.allocate(1)));
  /** The row for x^5 = power, or two more where x is no constant. */
  const enforceBox = (x: LinearCombination | bigint, power: LinearCombination): void => {
    if (typeof x === 'bigint') return builder.enforceZero(reduced(subtract(power, constant(fifthPower(x, prime))), prime));
    const [square, fourth] = ownWires(2) as [LinearCombination, LinearCombination];
    builder.enforce(x, x, square);
    builder.enforce(square, square, fourth);
    builder.enforce(fourth, x, reduced(power, prime));
  };

  let lanes: (LinearCombination | bigint)[] = [0n, ...constants].map((value, lane) => modulo(value + constantOf(0, lane), prime));
  for (const input of inputs) {
    const [x] = ownWires(1) as [LinearCombination];
    builder.enforceZero(subtract(add(input, constant(coefficient(constantOf(0, lanes.length)))), x));
    lanes.push(x);
  }

  const fullRound = (round: number, next: readonly LinearCombination[]): void => {
    const layer = next.map((x, lane) => subtract(x, constant(coefficient(constantOf(round + 1, lane)))));
    lanes.forEach((x, lane) => enforceBox(x, dot(inverseMds[lane] as readonly bigint[], layer)));
    lanes = [...next];
  };
  for (let round = 0; round < half; round++) fullRound(round, ownWires(width));

  const [entry, ...others] = lanes as [LinearCombination, ...LinearCombination[]];
  const basis = [constant(1), ...others];
  let x = entry;
  for (const box of boxes) {
    const [next] = ownWires(1) as [LinearCombination];
    basis.push(next);
    enforceBox(x, dot(box.slice(0, basis.length), basis));
    x = next;
  }
  const behind = ownWires(width - 1);
  behind.forEach((own, lane) => builder.enforceZero(subtract(dot(exits[lane] as readonly bigint[], basis), own)));
  lanes = [x, ...behind];

  for (let round = half + partialRounds; round < rounds - 1; round++) fullRound(round, ownWires(width));

  const [factor, ...factors] = mds[0] as readonly [bigint, ...bigint[]];
  const powers = ownWires(width - 1);
  const out = output ?? (ownWires(1)[0] as LinearCombination);
  const rest = subtract(out, dot(factors, powers));
  lanes.forEach((lane, i) => enforceBox(lane, i === 0 ? scale(rest, inverse(factor, prime)) : (powers[i - 1] as LinearCombination)));
  return out;
}

/**
 * Writes the wires, given the inputs, constants first, in [0, prime).
 * @param ownOutput whether the hash has a wire of its own.
 */
export function assignPoseidon(
  sink: WitnessSink,
  first: number,
  parameters: PoseidonParameters,
  { constants, inputs, ownOutput }: { readonly constants: readonly bigint[]; readonly inputs: readonly bigint[]; readonly ownOutput: boolean },
): { readonly next: number; readonly output: bigint } {
  const { prime, width, fullRounds, partialRounds } = parameters;
  const { states, output } = poseidonTrace(parameters, [...constants, ...inputs]);
  const rounds = fullRounds + partialRounds;
  let next = first;
  const put = (value: bigint): void => sink.setWide(next++, value);
  const putBox = (x: bigint): void => {
    const square = (x * x) % prime;
    put(square);
    put((square * square) % prime);
  };
  const fixed = constants.length + 1;
  states[0]?.slice(fixed).forEach(put);
  for (let round = 0; round < rounds; round++) {
    const state = states[round] as readonly bigint[];
    const following = states[round + 1];
    const full = isFullRound(parameters, round);
    if (following === undefined) {
      state.slice(1).forEach((value) => put(fifthPower(value, prime)));
      if (ownOutput) put(output);
    } else if (full) following.forEach(put);
    else put(following[0] as bigint);
    (full ? state.slice(round === 0 ? fixed : 0) : state.slice(0, 1)).forEach(putBox);
    if (!full && isFullRound(parameters, round + 1)) following?.slice(1, width).forEach(put);
  }
  return { next, output };
}

/** The same modulo the prime, with small coefficients. */
function reduced({ wires, coefficients }: LinearCombination, prime: bigint): LinearCombination {
  return { wires, coefficients: coefficients.map((value) => coefficient(modulo(BigInt(value), prime))) };
}

function dot(factors: readonly bigint[], combinations: readonly LinearCombination[]): LinearCombination {
  const wires: number[] = [];
  const coefficients: Coefficient[] = [];
  combinations.forEach((combination, i) => {
    const scaled = scale(combination, factors[i] as bigint);
    wires.push(...scaled.wires);
    coefficients.push(...scaled.coefficients);
  });
  return { wires, coefficients };
}
