/** rapidsnark's prover on the same key and witness: a program of its own, called once for each proof. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ms, Times } from './measure.js';

export interface Rapidsnark {
  /** The whole process, start to exit. */
  readonly whole: Times;
  /** What the program says its proof took, if it says so. */
  readonly own: Times | undefined;
}

/** `program` is called as `program KEY.zkey WITNESS.wtns proof.json public.json`; between the runs, `other` runs. */
export async function againstRapidsnark(program: string, zkey: string, wtns: string, folder: string, runs: number, other: () => Promise<unknown>): Promise<Rapidsnark> {
  const [whole, own] = [new Times(), new Times()];
  let said = true;
  for (let run = 0; run <= runs; run++) {
    const start = performance.now();
    const { status, stdout, stderr, error } = spawnSync(program, [zkey, wtns, join(folder, 'proof.json'), join(folder, 'public.json')], { encoding: 'utf8' });
    const time = performance.now() - start;
    if (error !== undefined || status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`);
    const found = /prov\w*[^\n]*?([0-9]+(?:\.[0-9]+)?)\s*(ms|s)\b/i.exec(stdout + stderr);
    if (run > 0) {
      whole.add(time);
      if (found?.[1] === undefined) said = false;
      else own.add(Number(found[1]) * (found[2] === 's' ? 1000 : 1));
    }
    await other();
  }
  return { whole, own: said ? own : undefined };
}

export function describeRapidsnark({ whole, own }: Rapidsnark): string {
  return own === undefined ? `rapidsnark ${whole} (whole process)` : `rapidsnark ${own}, whole process ${ms(whole.best)}`;
}
