/** Broken files for every reader: each must be read or refused with one of our errors, without a crash, a hang or a flood of memory. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { finding, type Experiment, type Finding, type Part, type Scale } from './experiment.js';
import { READERS } from './hostileReaders.js';
import type { Report } from './readHostileFiles.js';

export const hostileFiles: Experiment = {
  name: 'files',
  about: 'broken files for every reader: bits, words, cuts, copies and values changed; only our own errors, no crash, no hang, bounded memory',
  forgeries: false,
  parts: partsOf,
};

/** A hundred executions may take this long. */
const HANG_MS = 60_000;

/** A part reads as many as this. */
const PART = 40_000;

function partsOf(scale: Scale): Part[] {
  return Object.entries(READERS).flatMap(([reader, { executions }]) => {
    const end = scale === 'full' ? executions : Math.ceil(executions / 1000);
    return Array.from({ length: Math.ceil(end / PART) }, (_, index) => index * PART).map((from) => {
      const to = Math.min(end, from + PART);
      return { name: `${reader}, from ${from}`, run: async () => [await readMany(reader, from, to)] };
    });
  });
}

/** Reads the broken files `from` ≤ index < `to` of a reader, in a process of its own. */
function readMany(name: string, from: number, to: number): Promise<Finding> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL('./readHostileFiles.js', import.meta.url)), [name, String(from), String(to)], { execArgv: ['--max-old-space-size=1024'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const alarms = new Map<string, string>();
    let at = from;
    let done = false;
    let stderr = '';
    child.stderr?.on('data', (data: Buffer) => (stderr = (stderr + data.toString()).slice(-2000)));
    let watchdog = setTimeout(hang, HANG_MS);
    function hang(): void {
      alarms.set('hang', `a hang after execution ${at}`);
      child.kill('SIGKILL');
    }
    child.on('message', (report: Report) => {
      clearTimeout(watchdog);
      watchdog = setTimeout(hang, HANG_MS);
      if ('at' in report) at = report.at;
      else if ('done' in report) done = true;
      // One of each kind will do.
      else alarms.set(report.alarm.slice(0, 60), `${report.alarm} ${report.file}`);
    });
    child.on('exit', (status, signal) => {
      clearTimeout(watchdog);
      if (!done && !alarms.has('hang')) alarms.set('crash', `a crash after execution ${at}: status ${String(status)}, signal ${String(signal)}, ${stderr.slice(-500)}`);
      resolve(finding(name, (done ? to : at) - from, [...alarms.values()].map((alarm) => `${name}: ${alarm}`)));
    });
  });
}
