import type { PackParameters } from '../../circuits/pack.js';
import { elementBytes, elementsPerWord, isSigned, type PublicTensor } from '../verify/publicLayout.js';

/** How a tensor is packed into words; into the public wires where it is public. */
export function packParameters(tensor: PublicTensor): PackParameters {
  const bytes = elementBytes(tensor.type);
  return {
    firstWord: 1 + tensor.offset,
    elementBytes: bytes,
    elementsPerWord: elementsPerWord(tensor.type),
    least: isSigned(tensor.type) ? -(1n << BigInt(8 * bytes - 1)) : 0n,
  };
}
