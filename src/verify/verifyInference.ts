import type { AnyVerificationKey } from '../setup/anyVerificationKey.js';
import { packPublic, type Commitments, type Context, type TensorsByName } from './packing.js';
import type { AnyProof } from './proof.js';
import type { PublicLayout } from './publicLayout.js';
import { verifyProof } from './verifyProof.js';

export interface VerifyInferenceParameters {
  readonly verificationKey: AnyVerificationKey;
  /** Of the model; written beside the verification key. */
  readonly layout: PublicLayout;
  readonly proof: AnyProof;
  /** The value that the requester chose for this proof. */
  readonly context: Context;
  /** The public inputs, quantized, by name; left out where they are private or hashed. */
  readonly inputs?: TensorsByName | undefined;
  /** The public outputs, quantized, by name; left out where they are private or hashed. */
  readonly outputs?: TensorsByName | undefined;
  /** Of everything that is hashed: what the verifier expects, not what the prover says. `commit` makes them. */
  readonly commitments?: Commitments | undefined;
}

/**
 * Whether a proof shows that the model of the verification key gives these outputs for these inputs, made for this context.
 * The answer is worth as much as the key: whoever made a development key can forge proofs for it.
 *
 * @throws PROOF_MALFORMED, ARTIFACT_MALFORMED, INPUT_MISSING, INPUT_UNKNOWN, INPUT_SHAPE, INPUT_RANGE
 */
export function verifyInference({ verificationKey, layout, proof, context, inputs, outputs, commitments }: VerifyInferenceParameters): boolean {
  return verifyProof({ verificationKey, proof, publicSignals: packPublic({ layout, outputs, context, inputs, commitments }) });
}
