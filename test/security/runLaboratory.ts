/** Runs the parts of experiments, as many side by side as there are processors. */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { finding, merged, type Experiment, type Finding } from './experiment.js';

export interface Outcome {
  readonly experiment: Experiment;
  /** One for each attack. */
  readonly findings: readonly Finding[];
  /** Of all its parts together. */
  readonly seconds: number;
}

/** @param onPart called when a part has ended. */
export async function runLaboratory(experiments: readonly Experiment[], onPart: (experiment: string, part: string, seconds: number) => void): Promise<Outcome[]> {
  const outcomes = new Map(experiments.map(({ name }) => [name, { found: [] as (readonly Finding[])[], seconds: 0 }]));
  const queue = experiments.flatMap(({ name, parts }) => parts('full').map((part, index) => ({ experiment: name, part: part.name, index })));
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { experiment, part, index } = next;
      const start = performance.now();
      const found = await inProcess(experiment, part);
      const seconds = (performance.now() - start) / 1000;
      const outcome = outcomes.get(experiment) as { found: (readonly Finding[])[]; seconds: number };
      // In the order of the parts, whichever ended first.
      outcome.found[index] = found;
      outcome.seconds += seconds;
      onPart(experiment, part, seconds);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return experiments.map((experiment) => {
    const { found, seconds } = outcomes.get(experiment.name) as { found: (readonly Finding[])[]; seconds: number };
    return { experiment, findings: merged(found.flat()), seconds };
  });
}

/** A part that ends without findings is an alarm. */
function inProcess(experiment: string, part: string): Promise<readonly Finding[]> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL('./runPart.js', import.meta.url)), [experiment, part], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let findings: readonly Finding[] | undefined;
    let stderr = '';
    child.stderr?.on('data', (data: Buffer) => (stderr = (stderr + data.toString()).slice(-2000)));
    child.on('message', (message) => (findings = message as readonly Finding[]));
    child.on('close', (status, signal) => resolve(findings ?? [finding(`${part}: did not end`, 0, [`status ${String(status)}, signal ${String(signal)}: ${stderr.slice(-1000)}`])]));
  });
}
