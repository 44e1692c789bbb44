/** Runs programs in processes of their own: whole time, from start to exit, and the largest resident memory. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Measured<T> {
  /** What the program printed, as JSON. */
  readonly result: T;
  /** Milliseconds from start to exit. */
  readonly ms: number;
  /** Bytes. */
  readonly peakMemory: number;
}

const REPORTER = new URL('./reportMemory.js', import.meta.url).href;

/** Runs a compiled module of ours with Node. */
export function measure<T>(module: URL, args: readonly string[]): Promise<Measured<T>> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, ['--import', REPORTER, fileURLToPath(module), ...args], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    const output = ['', '', ''];
    [child.stdout, child.stderr, child.stdio[3]].forEach((stream, index) => {
      stream?.on('data', (data: Buffer) => (output[index] += data.toString()));
    });
    child.on('error', reject);
    child.on('close', (status) => {
      const ms = performance.now() - start;
      const [stdout = '', stderr = '', memory = ''] = output;
      if (status !== 0) reject(new Error(`${args.join(' ')} ended with ${status}: ${stdout}${stderr}`));
      else resolve({ result: JSON.parse(stdout) as T, ms, peakMemory: Number(memory) * 1024 });
    });
  });
}

/** The middle one of several runs, by time. */
export async function median<T>(runs: number, once: () => Promise<Measured<T>>): Promise<Measured<T>> {
  const results: Measured<T>[] = [];
  for (let run = 0; run < runs; run++) results.push(await once());
  return results.sort((a, b) => a.ms - b.ms)[Math.floor(runs / 2)] as Measured<T>;
}
