/** Poseidon in plain integers: the hash of up to 16 field elements, and of a list of any length. */
import { MOST_INPUTS, poseidonParameters, type PoseidonParameters } from './parameters.js';

/** What a permutation goes through. */
export interface PoseidonTrace {
  /** States[round][lane] as they enter the S-boxes, round constants added. In a partial round only lane 0 has an S-box. */
  readonly states: readonly (readonly bigint[])[];
  /** Lane 0 in the end: the hash. */
  readonly output: bigint;
}

/** The permutation of (0, inputs…), step by step. Inputs in [0, prime). */
export function poseidonTrace(parameters: PoseidonParameters, inputs: readonly bigint[]): PoseidonTrace {
  const { prime, fullRounds, partialRounds, roundConstants, mds } = parameters;
  const states: bigint[][] = [];
  let state = [0n, ...inputs];
  for (let round = 0; round < fullRounds + partialRounds; round++) {
    const constants = roundConstants[round] as readonly bigint[];
    const entering = state.map((value, lane) => (value + (constants[lane] as bigint)) % prime);
    states.push(entering);
    const boxed = isFullRound(parameters, round) ? entering.map((value) => fifthPower(value, prime)) : [fifthPower(entering[0] as bigint, prime), ...entering.slice(1)];
    state = mds.map((row) => boxed.reduce((sum, value, lane) => sum + (row[lane] as bigint) * value, 0n) % prime);
  }
  return { states, output: state[0] as bigint };
}

/** Whether every lane has an S-box in a round. */
export function isFullRound({ fullRounds, partialRounds }: PoseidonParameters, round: number): boolean {
  return round < fullRounds / 2 || round >= fullRounds / 2 + partialRounds;
}

/** x^5. */
export function fifthPower(value: bigint, prime: bigint): bigint {
  const square = (value * value) % prime;
  return (((square * square) % prime) * value) % prime;
}

/** circomlib's Poseidon of 1 to 16 field elements. */
export function poseidon(inputs: readonly bigint[]): bigint {
  return poseidonTrace(poseidonParameters(inputs.length), inputs).output;
}

/**
 * How a list of elements is hashed, block by block: the first block takes up to 16 of them, every other one the hash so far and up to
 * 15 more. Collisions of the chain are collisions of Poseidon as long as no list is the beginning of another one, which a length at
 * its front sees to.
 * @returns the number of elements that each block takes.
 */
export function chainBlocks(elements: number): number[] {
  const blocks = [Math.min(elements, MOST_INPUTS)];
  for (let taken = blocks[0] as number; taken < elements; taken += blocks.at(-1) as number) blocks.push(Math.min(elements - taken, MOST_INPUTS - 1));
  return blocks;
}

/** The hash of a list that is not empty and says its own length. */
export function poseidonChain(elements: readonly bigint[]): bigint {
  let taken = 0;
  let hash: bigint | undefined;
  for (const size of chainBlocks(elements.length)) {
    const block = elements.slice(taken, taken + size);
    hash = poseidon(hash === undefined ? block : [hash, ...block]);
    taken += size;
  }
  return hash as bigint;
}
