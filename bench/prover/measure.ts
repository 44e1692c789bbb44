/** Times on a machine that may be doing other things: many short runs, what is compared in turn, the best and the middle of each. */

/** Milliseconds of several runs of one thing. */
export class Times {
  private readonly all: number[] = [];

  add(time: number): void {
    this.all.push(time);
  }
  get count(): number {
    return this.all.length;
  }
  get best(): number {
    return Math.min(...this.all);
  }
  get middle(): number {
    const sorted = [...this.all].sort((a, b) => a - b);
    const half = Math.floor(sorted.length / 2);
    return sorted.length % 2 === 1 ? (sorted[half] as number) : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
  }
  /** `best (middle)`. */
  toString(): string {
    return `${ms(this.best)} (${ms(this.middle)})`;
  }
}

export async function timed(step: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await step();
  return performance.now() - start;
}

/** Runs the contenders in turn, `rounds` times, each as often in a round as it says, so that what else the machine does falls on all. */
export async function inTurn<Name extends string>(rounds: number, contenders: Record<Name, { readonly runs: number; readonly step: () => Promise<unknown> }>): Promise<Record<Name, Times>> {
  const names = Object.keys(contenders) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, new Times()])) as Record<Name, Times>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      for (let run = 0; run < contenders[name].runs; run++) results[name].add(await timed(contenders[name].step));
    }
  }
  return results;
}

export function ms(value: number): string {
  return value < 100 ? `${value.toFixed(1)} ms` : value < 1000 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(2)} s`;
}
export function times(value: number): string {
  return `${value.toFixed(1)}×`;
}
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
