import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

// A thread of compileSolidity.ts: standard JSON in, standard JSON out.
const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string };
parentPort?.postMessage(solc.compile(workerData as string));
