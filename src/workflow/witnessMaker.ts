import { throwIfAborted, ZkonnxError } from '../errors/index.js';
import type { GeneratedWitness, GenerateWitnessParameters } from '../compile/witness.js';
import { unsettle, type Settled } from './settled.js';
import type { WitnessTask } from './witnessWorker.js';

export interface WitnessMakerParameters {
  readonly planPath: string;
  readonly planSha256: string;
  readonly wireCount: number;
  readonly threads: number;
}

/** Makes witnesses; close it after use. */
export interface WitnessMaker {
  generate(request: Omit<GenerateWitnessParameters, 'plan'>, signal?: AbortSignal): Promise<GeneratedWitness>;
  close(): Promise<void>;
}

/** A smaller circuit's witness takes less time, a twentieth of a second at most, than a thread takes to start. */
const WIRES_WORTH_A_THREAD = 2 ** 16;

/**
 * Witnesses are made in threads, which start when they are needed and keep the plan: so that several are made at a time, and
 * none keeps the main thread from hearing Ctrl-C. Those of small circuits, one at a time, are made where they are asked for.
 */
export async function openWitnessMaker(parameters: WitnessMakerParameters): Promise<WitnessMaker> {
  return parameters.threads === 1 && parameters.wireCount < WIRES_WORTH_A_THREAD ? makerHere(parameters) : makerInThreads(parameters);
}

async function makerHere({ planPath }: WitnessMakerParameters): Promise<WitnessMaker> {
  const [{ readPlanFile }, { generateWitness }] = await Promise.all([import('../compile/planFile.js'), import('../compile/witness.js')]);
  const plan = await readPlanFile(planPath);
  return {
    async generate(request, signal) {
      throwIfAborted(signal);
      return generateWitness({ plan, ...request });
    },
    close: async () => undefined,
  };
}

async function makerInThreads({ planPath, planSha256, threads }: WitnessMakerParameters): Promise<WitnessMaker> {
  const { Piscina } = await import('piscina');
  const pool = new Piscina({ filename: new URL('./witnessWorker.js', import.meta.url).href, minThreads: 1, maxThreads: threads, idleTimeout: Infinity });
  return {
    async generate({ inputs, context, salts }, signal) {
      throwIfAborted(signal);
      const task: WitnessTask = { planPath, planSha256, inputs, context, salts };
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
