import type { Groth16Proof } from '../verify/proof.js';
import { VERIFIER_ABI } from './abi.js';
import { loadEthers } from './ethers.js';
import { toEvmProof, type EvmProof } from './proof.js';

/** What a verifier contract is asked to verify. */
export interface Statement {
  /** What is public of the inputs and of hashed weights, as `contractBytes` of `zkonnx/verify` makes it. */
  readonly inputs: Uint8Array;
  /** What is public of the outputs. */
  readonly outputs: Uint8Array;
  /** The context of the proof, 0 to r − 1. */
  readonly context: bigint;
  /** As snarkjs writes it, or the eight words for the contract. */
  readonly proof: Groth16Proof | EvmProof;
}

/**
 * Calldata of `verifyInference`, hexadecimal with 0x. Throws PROOF_MALFORMED for a proof in snarkjs's form that cannot be read;
 * eight words are taken as they are, and lengths are left to the contract.
 */
export async function encodeCalldata({ inputs, outputs, context, proof }: Statement): Promise<string> {
  const { Interface } = await loadEthers();
  return new Interface(VERIFIER_ABI).encodeFunctionData('verifyInference', [inputs, outputs, context, 'pi_a' in proof ? toEvmProof(proof) : proof]);
}
