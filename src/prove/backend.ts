/** What every prover looks like. */
import type { Witness } from '../r1cs/witness.js';
import type { AnyProof } from '../verify/proof.js';

export interface ProveProgress {
  /** What is being done, in words. */
  readonly phase: string;
  /** How much is done, from 0 to 1; a rough figure. */
  readonly fraction: number;
}

export interface ProveParameters {
  /** A `.zkey` over BN254, of the system that the backend proves in. */
  readonly zkeyPath: string;
  readonly witness: Witness;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ProveProgress) => void) | undefined;
}

export interface ProofWithSignals<Proof extends AnyProof = AnyProof> {
  readonly proof: Proof;
  /** Decimal, without the constant. */
  readonly publicSignals: string[];
}

/** Makes proofs in one system. Several calls at a time are allowed. */
export interface ProverBackend {
  readonly name: string;
  /** Reads a key ahead of its first proof. @throws as prove does of the key */
  prepare?(zkeyPath: string): Promise<void>;
  /** @throws CANCELLED when the signal is aborted, ARTIFACT_MALFORMED for a bad key, KEY_MISMATCH for a witness of another system. */
  prove(parameters: ProveParameters): Promise<ProofWithSignals>;
  /** Ends all threads. The backend cannot be used afterwards. */
  close(): Promise<void>;
}
