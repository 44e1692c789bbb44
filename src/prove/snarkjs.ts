import { witnessToBytes } from '../r1cs/wtnsFile.js';
import { SnarkjsPool } from '../snarkjs/index.js';
import type { Groth16Proof } from '../verify/proof.js';
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
];

/**
 * snarkjs as a prover, in `concurrency` worker threads: one proof at a time uses all processors, several side by side use one
 * each. Files are trusted here; {@link selfChecking} looks at them first.
 */
export function snarkjsBackend({ concurrency = 1 }: { readonly concurrency?: number } = {}): ProverBackend {
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
      const { proof, publicSignals } = await pool.prove({ zkeyPath, witness: witnessToBytes(witness), signal, onMessage });
      onProgress?.({ phase: 'done', fraction: 1 });
      return { proof: proof as Groth16Proof, publicSignals };
    },
    close: () => pool.close(),
  };
}
