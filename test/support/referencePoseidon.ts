/** circomlibjs's Poseidon, the reference for ours. GPL-3.0: tests only. */
import { buildPoseidonReference } from 'circomlibjs';

/** Hashes 1 to 16 field elements. */
export async function referencePoseidon(): Promise<(inputs: readonly bigint[]) => bigint> {
  const hash = await buildPoseidonReference();
  return (inputs) => hash.F.toObject(hash([...inputs]));
}
