/** snarkjs in worker threads. */
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import type { SnarkjsNewKeyTask, SnarkjsProof, SnarkjsProveTask, SnarkjsSolidityTask, SnarkjsSystem, SnarkjsUniversalKeyTask } from './worker.js';

export interface SnarkjsProveParameters {
  /** Which system the key is of. */
  readonly system: SnarkjsSystem;
  readonly zkeyPath: string;
  /** The bytes of a `.wtns` file; they are handed over and must not be used afterwards. */
  readonly witness: Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal | undefined;
  /** Hears what snarkjs says it is doing. */
  readonly onMessage?: ((message: string) => void) | undefined;
}

/** Threads that run snarkjs. They start when they are needed; {@link SnarkjsPool.close} ends them. */
export class SnarkjsPool {
  readonly #threads: Piscina;
  readonly #singleThread: boolean;

  /** One task at a time uses all processors; more than one use one each. */
  constructor(concurrency: number) {
    this.#singleThread = concurrency > 1;
    this.#threads = new Piscina({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: concurrency,
      idleTimeout: Infinity,
      // A file that snarkjs leaves open after an error would be reported on stderr as a leak of ours.
      trackUnmanagedFds: true,
    });
  }

  /** Makes a proof. @throws CANCELLED, or INTERNAL when snarkjs fails. */
  async prove({ system, zkeyPath, witness, signal, onMessage }: SnarkjsProveParameters): Promise<SnarkjsProof> {
    const channel = onMessage === undefined ? undefined : new MessageChannel();
    channel?.port1.on('message', (message: unknown) => onMessage?.(String(message)));
    const task: SnarkjsProveTask = { system, zkeyPath, witness, singleThread: this.#singleThread, progress: channel?.port2 };
    try {
      return (await this.#run('prove', task, [witness.buffer, ...(channel === undefined ? [] : [channel.port2])], signal)) as SnarkjsProof;
    } finally {
      channel?.port1.close();
    }
  }

  /** Makes the key that a ceremony begins with. @throws CANCELLED, or INTERNAL when snarkjs cannot. */
  async newKey(task: SnarkjsNewKeyTask, signal?: AbortSignal): Promise<void> {
    await this.#run('newKey', task, [], signal);
  }

  /** Makes the key of a universal system. @throws CANCELLED, or INTERNAL when snarkjs cannot. */
  async universalKey(task: SnarkjsUniversalKeyTask, signal?: AbortSignal): Promise<void> {
    await this.#run('universalKey', task, [], signal);
  }

  /** The Solidity verifier of a key of a universal system. @throws CANCELLED, or INTERNAL when snarkjs cannot. */
  async solidityVerifier(task: SnarkjsSolidityTask, signal?: AbortSignal): Promise<string> {
    return (await this.#run('solidityVerifier', task, [], signal)) as string;
  }

  /** Ends the threads; proofs that are still being made reject. */
  close(): Promise<void> {
    return this.#threads.destroy();
  }

  async #run(name: string, task: object, transferList: readonly (ArrayBuffer | MessageChannel['port1'])[], signal: AbortSignal | undefined): Promise<unknown> {
    throwIfAborted(signal);
    try {
      return await this.#threads.run(task, { name, transferList: [...transferList], signal: signal ?? null });
    } catch (cause) {
      throwIfAborted(signal);
      throw new ZkonnxError('INTERNAL', { message: `snarkjs failed: ${cause instanceof Error ? cause.message : String(cause)}`, cause });
    }
  }
}
