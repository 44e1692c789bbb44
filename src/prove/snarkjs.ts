import { witnessToBytes } from '../r1cs/wtnsFile.js';
import { SnarkjsPool } from '../snarkjs/index.js';
import type { ProofSystem } from '../setup/proofSystem.js';
import type { AnyProof } from '../verify/proof.js';
import type { ProverBackend } from './backend.js';

/** What snarkjs announces, and about how much of the work is done by then. */
const MILESTONES: readonly (readonly [message: string, phase: string, fraction: number])[] = [
  ['Reading Wtns', 'reading', 0],
  ['Building ABC', 'evaluating rows', 0.05],
  ['Join ABC', 'dividing by the vanishing polynomial', 0.35],
  ['Reading A Points', 'multiplying A', 0.4],
  ['Reading B1 Points', 'multiplying B in G1', 0.5],
  ['Reading B2 Points', 'multiplying B in G2', 0.55],
  ['Reading C Points', 'multiplying C', 0.7],
  ['Reading H Points', 'multiplying H', 0.8],
  ['> ROUND 1', 'committing to the wires', 0.05],
  ['> ROUND 2', 'committing to the permutation', 0.3],
  ['> ROUND 3', 'dividing by the vanishing polynomial', 0.4],
  ['> ROUND 4', 'evaluating', 0.8],
  ['> ROUND 5', 'opening', 0.85],
];

/**
 * snarkjs as a prover, in `concurrency` worker threads: one proof at a time uses all processors, several side by side use one
 * each. Files are trusted here; {@link selfChecking} looks at them first.
 */
export function snarkjsBackend({ concurrency = 1, system = 'groth16' }: { readonly concurrency?: number; readonly system?: ProofSystem } = {}): ProverBackend {
  const pool = new SnarkjsPool(concurrency);
  return {
    name: 'snarkjs',
    async prove({ zkeyPath, witness, signal, onProgress }) {
      const onMessage =
        onProgress &&
        ((message: string) => {
          const milestone = MILESTONES.find(([announced]) => message.startsWith(announced));
          if (milestone !== undefined) onProgress({ phase: milestone[1], fraction: milestone[2] });
        });
      const { proof, publicSignals } = await pool.prove({ system, zkeyPath, witness: witnessToBytes(witness), signal, onMessage });
      onProgress?.({ phase: 'done', fraction: 1 });
      return { proof: proof as AnyProof, publicSignals };
    },
    close: () => pool.close(),
  };
}
