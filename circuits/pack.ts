/**
 * Words of elements, public or hashed, and the context.
 *
 * Statement: each word is Σ (element − least value of its type) · 256^(s · position), elements of s bytes, the first one
 * most significant (layout version 2). The context is any field element.
 * Cost: one row for each public word, none for one that is hashed, none for an element; one row and one wire for the context.
 * Sound: every element is forced into the range of its type (inputs by their range check, results by the interval of the program),
 * a word holds at most 31 bytes, and 2^248 is below the field's order: so a word is the packing of one list of elements only.
 * The row context · context = square keeps the context in the system, and with it in the verification key.
 */
import { add, coefficient, constant, scale, subtract, wire, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { ConstraintSystem } from './constraintSystem.js';

export interface PackParameters {
  /** The public wire of the first word. */
  readonly firstWord: number;
  readonly elementBytes: number;
  readonly elementsPerWord: number;
  /** The least value of the element type. */
  readonly least: bigint;
}

export function packRows(count: number, { elementsPerWord }: Pick<PackParameters, 'elementsPerWord'>): number {
  return Math.ceil(count / elementsPerWord);
}

/** The words of `count` elements. */
export function packedWords(count: number, element: (index: number) => LinearCombination, { elementBytes, elementsPerWord, least }: Omit<PackParameters, 'firstWord'>): LinearCombination[] {
  return Array.from({ length: packRows(count, { elementsPerWord }) }, (_, word) => {
    const start = word * elementsPerWord;
    const size = Math.min(elementsPerWord, count - start);
    const terms = Array.from({ length: size }, (_, i) => {
      const weight = 1n << BigInt(8 * elementBytes * (size - 1 - i));
      return scale(subtract(element(start + i), constant(coefficient(least))), weight);
    });
    return add(...terms);
  });
}

/** Forces consecutive public words to be the packing of `count` elements. */
export function constrainWords({ builder }: ConstraintSystem, count: number, element: (index: number) => LinearCombination, parameters: PackParameters): void {
  packedWords(count, element, parameters).forEach((word, i) => builder.enforceZero(subtract(word, wire(parameters.firstWord + i))));
}

/** Ties the context to the system; takes one wire, its square. */
export function constrainContext({ builder }: ConstraintSystem, context: number): void {
  const square = builder.allocate(1);
  builder.enforce(wire(context), wire(context), wire(square));
}
