/**
 * The commitment of a list of field elements: Poseidon, 16 of them at first and then 15 by 15 (src/poseidon).
 *
 * Statement: commitment = chain(constants…, hidden…).
 * Cost: the rows of each block; 642 for a full first block of no constants, so about 43 for an element of a long list.
 * Sound by the rows of each block. That another list has the same commitment is not excluded by rows, but by Poseidon: the constants
 *   begin with the length of the list.
 */
import { poseidonParameters, poseidonRounds } from '../src/poseidon/parameters.js';
import { chainBlocks } from '../src/poseidon/poseidon.js';
import { constant, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignPoseidon, constrainPoseidon, poseidonRows } from './poseidon.js';

/** The constants and hidden elements of each block. The hash so far is hidden. */
function blocksOf(constants: number, hidden: number): { constants: number; hidden: number; chained: boolean }[] {
  let taken = 0;
  return chainBlocks(constants + hidden).map((size, block) => {
    // Constants behind a chained hash are not at the front, so they count as hidden.
    const fixed = block === 0 ? Math.min(size, constants) : 0;
    taken += size;
    return { constants: fixed, hidden: size - fixed, chained: taken > size };
  });
}

export function commitmentRows(constants: number, hidden: number): number {
  return blocksOf(constants, hidden).reduce((rows, block) => rows + poseidonRows(poseidonRounds(block.constants + block.hidden + Number(block.chained)), block.constants), 0);
}

/** Forces `commitment` to be that of the elements. */
export function constrainCommitment(cs: ConstraintSystem, { constants, hidden, commitment }: { readonly constants: readonly bigint[]; readonly hidden: readonly LinearCombination[]; readonly commitment: LinearCombination }): void {
  const elements = [...constants.map((value) => constant(value)), ...hidden];
  const blocks = blocksOf(constants.length, hidden.length);
  let taken = 0;
  let hash: LinearCombination | undefined;
  blocks.forEach((block, index) => {
    const fixed = constants.slice(taken, taken + block.constants);
    taken += block.constants;
    const inputs = [...(hash === undefined ? [] : [hash]), ...elements.slice(taken, taken + block.hidden)];
    taken += block.hidden;
    hash = constrainPoseidon(cs, poseidonParameters(fixed.length + inputs.length), { constants: fixed, inputs, output: index === blocks.length - 1 ? commitment : undefined });
  });
}

/** Writes the wires; elements in [0, r). Returns the next free wire. */
export function assignCommitment(sink: WitnessSink, first: number, { constants, hidden }: { readonly constants: readonly bigint[]; readonly hidden: readonly bigint[] }): number {
  const elements = [...constants, ...hidden];
  const blocks = blocksOf(constants.length, hidden.length);
  let taken = 0;
  let hash: bigint | undefined;
  let next = first;
  blocks.forEach((block, index) => {
    const fixed = constants.slice(taken, taken + block.constants);
    taken += block.constants;
    const inputs = [...(hash === undefined ? [] : [hash]), ...elements.slice(taken, taken + block.hidden)];
    taken += block.hidden;
    const result = assignPoseidon(sink, next, poseidonParameters(fixed.length + inputs.length), { constants: fixed, inputs, ownOutput: index < blocks.length - 1 });
    next = result.next;
    hash = result.output;
  });
  return next;
}
