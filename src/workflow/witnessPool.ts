import { Piscina } from 'piscina';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import type { GeneratedWitness, GenerateWitnessParameters } from '../compile/index.js';
import { unsettle, type Settled } from './settled.js';
import type { WitnessTask } from './witnessWorker.js';

export interface WitnessPoolParameters {
  readonly planPath: string;
  readonly planSha256: string;
  readonly threads: number;
}

/** Threads that make witnesses; close it after use. */
export interface WitnessPool {
  generate(request: Omit<GenerateWitnessParameters, 'plan'>, signal?: AbortSignal): Promise<GeneratedWitness>;
  close(): Promise<void>;
}

/** Threads start when they are needed, and keep the plan. */
export function openWitnessPool({ planPath, planSha256, threads }: WitnessPoolParameters): WitnessPool {
  const pool = new Piscina({ filename: new URL('./witnessWorker.js', import.meta.url).href, minThreads: 0, maxThreads: threads, idleTimeout: Infinity });
  return {
    async generate({ inputs, context }, signal) {
      throwIfAborted(signal);
      const task: WitnessTask = { planPath, planSha256, inputs, context };
      try {
        return unsettle((await pool.run(task, { name: 'generate', signal: signal ?? null })) as Settled<GeneratedWitness>);
      } catch (cause) {
        if (signal?.aborted) throw new ZkonnxError('CANCELLED', { cause });
        throw cause;
      }
    },
    close: () => pool.destroy(),
  };
}
