import { VERIFIER_ABI } from './abi.js';
import { loadEthers } from './ethers.js';
import { toEvmProof, type EvmProof, type SnarkjsProof } from './proof.js';

/** What a verifier contract is asked to verify. */
export interface Statement {
  /** Bytes of the public input tensors, one after the other; elements wider than a byte big-endian. Empty if none is public. */
  readonly inputs: Uint8Array;
  /** Bytes of the public output tensors, in the same form. */
  readonly outputs: Uint8Array;
  /** The context of the proof, 0 to r − 1. */
  readonly context: bigint;
  /** As snarkjs writes it, or the eight words for the contract. */
  readonly proof: SnarkjsProof | EvmProof;
}

/**
 * Calldata of `verifyInference`, hexadecimal with 0x. Throws PROOF_MALFORMED for a proof in snarkjs's form that cannot be read;
 * eight words are taken as they are, and lengths are left to the contract.
 */
export async function encodeCalldata({ inputs, outputs, context, proof }: Statement): Promise<string> {
  const { Interface } = await loadEthers();
  return new Interface(VERIFIER_ABI).encodeFunctionData('verifyInference', [inputs, outputs, context, 'pi_a' in proof ? toEvmProof(proof) : proof]);
}
