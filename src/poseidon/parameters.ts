/**
 * Parameters of Poseidon over BN254, as circomlib has them: x^5, 8 full rounds, and partial rounds by width. Round constants and MDS
 * matrix come out of the generator of grain.ts, so that no table of them is kept: a width takes between 5 and 100 ms, once.
 */
import { FIELD_PRIME } from '../r1cs/field.js';
import { grainConstants } from './grain.js';

/** A Poseidon permutation with the S-box x^5. */
export interface PoseidonParameters {
  /** The order of the field; 5 must not divide prime − 1. */
  readonly prime: bigint;
  /** Elements of the state: one of capacity, and the inputs. */
  readonly width: number;
  /** Even: half of them before the partial rounds, half behind. */
  readonly fullRounds: number;
  readonly partialRounds: number;
  /** roundConstants[round][lane]. */
  readonly roundConstants: readonly (readonly bigint[])[];
  /** mds[row][column]. */
  readonly mds: readonly (readonly bigint[])[];
}

/** The most inputs of one permutation. */
export const MOST_INPUTS = 16;

const FULL_ROUNDS = 8;

/** Partial rounds for 1 to 16 inputs. */
const PARTIAL_ROUNDS = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68] as const;

/** Full and partial rounds for 1 to 16 inputs; known without making the constants. */
export function poseidonRounds(inputs: number): Pick<PoseidonParameters, 'width' | 'fullRounds' | 'partialRounds'> {
  const partialRounds = PARTIAL_ROUNDS[inputs - 1];
  if (partialRounds === undefined) throw new RangeError(`Poseidon of ${inputs} inputs`);
  return { width: inputs + 1, fullRounds: FULL_ROUNDS, partialRounds };
}

const known = new Map<number, PoseidonParameters>();

/** The parameters for 1 to 16 inputs. */
export function poseidonParameters(inputs: number): PoseidonParameters {
  const found = known.get(inputs);
  if (found !== undefined) return found;
  const rounds = poseidonRounds(inputs);
  const parameters: PoseidonParameters = { ...rounds, prime: FIELD_PRIME, ...grainConstants({ ...rounds, prime: FIELD_PRIME }) };
  known.set(inputs, parameters);
  return parameters;
}
