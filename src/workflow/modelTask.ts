/** Work on a model in a thread of its own, so that the caller stays responsive and can stop it at any time. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import type { ModelTask, ModelTaskMessages } from './modelWorker.js';
import { unsettle, type Settled } from './settled.js';

/** How long a task may take to notice that it has been cancelled; then its thread is ended. */
const GRACE_MS = 1500;

export interface ModelTaskParameters<Name extends keyof ModelTaskMessages> {
  readonly name: Name;
  readonly task: Omit<ModelTask<Name>, 'progress' | 'cancelled'>;
  /** The folder in which the task writes, if it does: temporary files that an ended thread left behind are removed. */
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { fraction: number; detail: string }) => void) | undefined;
}

/** Runs one task of modelWorker.ts. @throws what the task throws, CANCELLED. */
export async function runModelTask<Name extends keyof ModelTaskMessages>({ name, task, folder, signal, onProgress }: ModelTaskParameters<Name>): Promise<ModelTaskMessages[Name]['result']> {
  throwIfAborted(signal);
  const thread = new Piscina({ filename: new URL('./modelWorker.js', import.meta.url).href, minThreads: 1, maxThreads: 1, idleTimeout: Infinity });
  const { port1, port2 } = new MessageChannel();
  port1.on('message', (progress: { fraction: number; detail: string }) => onProgress?.(progress));
  port1.unref();
  const cancelled = new Int32Array(new SharedArrayBuffer(4));
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    Atomics.store(cancelled, 0, 1);
    timer = setTimeout(() => void thread.destroy(), GRACE_MS);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const outcome = (await thread.run({ ...task, progress: port2, cancelled }, { name, transferList: [port2] })) as Settled<ModelTaskMessages[Name]['result']>;
    return unsettle(outcome);
  } catch (cause) {
    if (!signal?.aborted) throw cause;
    if (folder !== undefined) await removeTemporaryFiles(folder);
    throw new ZkonnxError('CANCELLED', { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
    port1.close();
    await thread.destroy();
  }
}

/** Files of this process that were being written when their thread ended: see src/files. */
async function removeTemporaryFiles(folder: string): Promise<void> {
  const files = await readdir(folder).catch(() => []);
  const ours = files.filter((file) => file.includes(`.${process.pid}-`) && file.endsWith('.tmp'));
  await Promise.all(ours.map((file) => rm(join(folder, file), { force: true })));
}
