/** Where a program meets the verifier: public words and commitments. */
import { constrainCommitment } from '../../circuits/commitment.js';
import type { ConstraintSystem } from '../../circuits/constraintSystem.js';
import { constrainWords, packedWords } from '../../circuits/pack.js';
import { wire, type LinearCombination } from '../r1cs/linearCombination.js';
import { commitmentHeader } from '../verify/commitment.js';
import { commitmentSignal } from '../verify/packing.js';
import { elementCount, type PublicLayout, type PublicTensor } from '../verify/publicLayout.js';
import { committedParts, type Committed } from '../verify/visibility.js';
import { packParameters } from './packParameters.js';

/** Element `index` of tensor `tensor` of a part. */
export type BoundaryElement = (part: Committed, tensor: number, index: number) => LinearCombination;

/** Forces the public signals but the context. The wires of each commitment come last: its salt, then those of the hash. */
export function constrainBoundary(cs: ConstraintSystem, layout: PublicLayout, element: BoundaryElement): void {
  for (const side of ['outputs', 'inputs'] as const) {
    if (layout.visibility[side] === 'public') layout[side].forEach((tensor, t) => constrainTensor(cs, tensor, (i) => element(side, t, i)));
  }
  for (const part of committedParts(layout.visibility)) constrainPart(cs, layout, part, element);
}

/** Forces the public words of a tensor. */
export function constrainTensor(cs: ConstraintSystem, tensor: PublicTensor, element: (index: number) => LinearCombination): void {
  constrainWords(cs, elementCount(tensor), element, packParameters(tensor));
}

/** Forces the commitment of tensors. The salt may be any field element. */
export function constrainPart(cs: ConstraintSystem, layout: PublicLayout, part: Committed, element: BoundaryElement): void {
  const salt = wire(cs.builder.allocate(1));
  const words = layout[part].flatMap((tensor, t) => packedWords(elementCount(tensor), (i) => element(part, t, i), packParameters(tensor)));
  constrainCommitment(cs, { constants: commitmentHeader(part, layout[part]), hidden: [salt, ...words], commitment: wire(1 + commitmentSignal(layout, part)) });
}
