import type { AnyProof } from '../verify/proof.js';
import { UNIVERSAL_VERIFIER_ABI, VERIFIER_ABI } from './abi.js';
import { loadEthers } from './ethers.js';
import { UNIVERSAL_PROOF_WORDS, proofWords, type EvmProof, type EvmUniversalProof } from './proof.js';

/** What a verifier contract is asked to verify. */
export interface Statement {
  /** What is public of the inputs and of hashed weights, as `contractBytes` of `zkonnx/verify` makes it. */
  readonly inputs: Uint8Array;
  /** What is public of the outputs. */
  readonly outputs: Uint8Array;
  /** The context of the proof, 0 to r − 1. */
  readonly context: bigint;
  /** As snarkjs writes it, or its words for the contract: 8 of Groth16, 24 of PLONK and FFLONK. */
  readonly proof: AnyProof | EvmProof | EvmUniversalProof;
}

/**
 * Calldata of `verifyInference`, hexadecimal with 0x. Throws PROOF_MALFORMED for a proof in snarkjs's form that cannot be read;
 * words are taken as they are, and lengths are left to the contract.
 */
export async function encodeCalldata({ inputs, outputs, context, proof }: Statement): Promise<string> {
  const { Interface } = await loadEthers();
  const words = 'protocol' in proof ? proofWords(proof) : proof;
  const abi = words.length === UNIVERSAL_PROOF_WORDS ? UNIVERSAL_VERIFIER_ABI : VERIFIER_ABI;
  return new Interface(abi).encodeFunctionData('verifyInference', [inputs, outputs, context, words]);
}
