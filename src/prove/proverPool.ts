import { throwIfAborted } from '../errors/index.js';
import type { Witness } from '../r1cs/witness.js';
import type { ProofWithSignals, ProverBackend } from './backend.js';

export interface ProveAllParameters {
  readonly backend: ProverBackend;
  readonly zkeyPath: string;
  /** Witnesses are taken one by one, when there is room for another proof, so that a generator keeps few of them in memory. */
  readonly witnesses: Iterable<Witness> | AsyncIterable<Witness>;
  /** Proofs side by side. */
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
  /** Hears of every proof as soon as it is made. */
  readonly onProof?: ((proof: ProofWithSignals, index: number) => void) | undefined;
}

/**
 * Proves many witnesses with one key. The proofs come in the order of the witnesses. The first failure stops the others.
 * @throws what the backend or the source of witnesses throws; CANCELLED when the signal is aborted.
 */
export async function proveAll({ backend, zkeyPath, witnesses, concurrency, signal, onProof }: ProveAllParameters): Promise<ProofWithSignals[]> {
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const proofs: ProofWithSignals[] = [];
  const iterator = Symbol.asyncIterator in witnesses ? witnesses[Symbol.asyncIterator]() : witnesses[Symbol.iterator]();
  let taken = 0;
  let turn: Promise<unknown> = Promise.resolve();
  // One request to the source at a time, so that the numbers are the order of the witnesses.
  const take = (): Promise<{ index: number; witness: Witness } | undefined> => {
    const result = turn.then(async () => {
      throwIfAborted(either);
      const next = await iterator.next();
      return next.done === true ? undefined : { index: taken++, witness: next.value };
    });
    turn = result.catch(() => undefined);
    return result;
  };
  const runner = async (): Promise<void> => {
    for (let job = await take(); job !== undefined; job = await take()) {
      const proof = await backend.prove({ zkeyPath, witness: job.witness, signal: either });
      proofs[job.index] = proof;
      onProof?.(proof, job.index);
    }
  };
  const failures: unknown[] = [];
  const runners = Array.from({ length: Math.max(1, concurrency) }, () =>
    runner().catch((error: unknown) => {
      failures.push(error);
      stop.abort();
    }),
  );
  await Promise.all(runners);
  if (failures.length > 0) {
    await iterator.return?.();
    throw failures[0];
  }
  return proofs;
}
