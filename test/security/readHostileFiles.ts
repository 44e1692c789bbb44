/**
 * The process that reads broken files with one reader: `node readHostileFiles.js READER FROM TO`. Tells its parent which execution
 * it is at, and of each error that is not ours.
 */
import { ZkonnxError } from '../../src/errors/index.js';
import type { HostileReader } from './hostileFolder.js';
import { READERS } from './hostileReaders.js';
import { mutate } from './mutate.js';
import { randomNumbers } from './experiment.js';

export type Report = { readonly at: number } | { readonly alarm: string; readonly file: string } | { readonly done: true };

const MOST_MEMORY = 1.5e9;
const [name = '', from = '0', to = '0'] = process.argv.slice(2);
const { seeds, read } = READERS[name] as HostileReader;
const good = await seeds();
const tell = (report: Report): void => void process.send?.(report);

for (const bytes of good) await attempt(bytes, true);
for (let index = Number(from); index < Number(to); index++) {
  if (index % 100 === 0) {
    tell({ at: index });
    const { rss } = process.memoryUsage();
    if (rss > MOST_MEMORY) tell({ alarm: `${(rss / 1e9).toFixed(1)} GB of memory at execution ${index}`, file: '' });
    // Lets messages out.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const random = randomNumbers(1_000_003 + index);
  await attempt(mutate(good[Math.floor(random() * good.length)] as Uint8Array, good, random), false);
}
tell({ done: true });
process.disconnect();

async function attempt(bytes: Uint8Array, mustBeRead: boolean): Promise<void> {
  try {
    await read(bytes);
  } catch (error) {
    if (error instanceof ZkonnxError && error.code !== 'INTERNAL' && !mustBeRead) return;
    tell({ alarm: error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 4).join(' ') : String(error), file: Buffer.from(bytes).toString('base64').slice(0, 4000) });
  }
}
