/** What the verifier of a proof sees of the inputs, the outputs and the weights. */

/**
 * `public`: the values are public signals. `private`: nothing of them is. `hashed`: one public signal is their commitment
 * (commitment.ts), and the values are private.
 */
export type TensorVisibility = 'public' | 'private' | 'hashed';

/** `fixed`: constants of the circuit, readable by everyone who holds it. `hashed`: private, with one public commitment. */
export type WeightsVisibility = 'fixed' | 'hashed';

export interface Visibility {
  readonly inputs: TensorVisibility;
  readonly outputs: TensorVisibility;
  readonly weights: WeightsVisibility;
}

export const TENSOR_VISIBILITIES = ['public', 'private', 'hashed'] as const satisfies readonly TensorVisibility[];
export const WEIGHTS_VISIBILITIES = ['fixed', 'hashed'] as const satisfies readonly WeightsVisibility[];

/** All is public, and the weights are constants. */
export const ALL_PUBLIC: Visibility = { inputs: 'public', outputs: 'public', weights: 'fixed' };

/** What a commitment is of. */
export type Committed = 'inputs' | 'outputs' | 'weights';

/** What is committed to, in the order of the public signals. */
export function committedParts(visibility: Visibility): Committed[] {
  return (['outputs', 'inputs', 'weights'] as const).filter((part) => visibility[part] === 'hashed');
}
