import type { Progress } from '../workflow/progress.js';

export interface ProgressBar {
  update(progress: Progress): void;
  /** Takes the bar off the screen. */
  stop(): void;
}

/** A bar on stderr, which is a terminal. */
export async function openProgressBar(): Promise<ProgressBar> {
  const { default: progress } = await import('cli-progress');
  const bar = new progress.SingleBar(
    { format: '{stage} {bar} {percentage}%  {detail}', barsize: 30, hideCursor: true, clearOnComplete: true, stopOnComplete: false, gracefulExit: false, stream: process.stderr },
    progress.Presets.shades_classic,
  );
  let stage: string | undefined;
  return {
    update({ stage: next, fraction, detail = '' }) {
      const payload = { stage: next.padEnd(8), detail };
      if (stage === undefined) bar.start(1, fraction, payload);
      else bar.update(fraction, payload);
      stage = next;
    },
    stop() {
      if (stage !== undefined) bar.stop();
      stage = undefined;
    },
  };
}
