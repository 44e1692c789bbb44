/** rapidsnark's prover on the same key and witness: a program of its own, that makes a few proofs each time it is called. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ms, Times } from './measure.js';

export interface Rapidsnark {
  /** The whole process, start to exit, when it makes one proof. */
  readonly whole: Times;
  /** What the program says its proofs took, without start and key; empty when it does not say. */
  readonly own: Times;
}

/**
 * `program` is called as `program KEY.zkey WITNESS.wtns proof.json public.json`, with RUNS in the environment, and may print a line `proved in
 * 12.3 ms` for each proof (bench/prover/rapidsnark/main.go does); between the calls, `other` runs.
 */
export async function againstRapidsnark(program: string, files: { readonly zkey: string; readonly wtns: string; readonly folder: string }, rounds: number, other: () => Promise<unknown>): Promise<Rapidsnark> {
  const [whole, own] = [new Times(), new Times()];
  const call = (runs: number): number => {
    const start = performance.now();
    const { status, stdout, stderr, error } = spawnSync(program, [files.zkey, files.wtns, join(files.folder, 'proof.json'), join(files.folder, 'public.json')], { encoding: 'utf8', env: { ...process.env, RUNS: String(runs) } });
    const time = performance.now() - start;
    if (error !== undefined || status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`);
    for (const [, value, unit] of (stdout + stderr).matchAll(/prove[^\n]*?([0-9]+(?:\.[0-9]+)?)\s*(ms|s)\b/gi)) own.add(Number(value) * (unit === 's' ? 1000 : 1));
    return time;
  };
  for (let round = 0; round < rounds; round++) {
    whole.add(call(1));
    await other();
    call(4);
    await other();
  }
  return { whole, own };
}

export function describeRapidsnark({ whole, own }: Rapidsnark): string {
  return own.count === 0 ? `rapidsnark ${whole} (whole process)` : `rapidsnark ${own}, whole process ${ms(whole.best)}`;
}
