/** Broken files for every reader: each must be read or refused with one of our errors, without a crash, a hang or a flood of memory. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { finding, type Experiment, type Finding, type Scale } from './experiment.js';
import { READERS } from './hostileReaders.js';
import type { Report } from './readHostileFiles.js';

export const hostileFiles: Experiment = {
  name: 'files',
  about: 'broken files for every reader: bits, words, cuts, copies and values changed; only our own errors, no crash, no hang, bounded memory',
  forgeries: false,
  run: readAll,
};

/** A hundred executions may take this long. */
const HANG_MS = 60_000;

async function readAll(scale: Scale): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [name, { executions }] of Object.entries(READERS)) findings.push(await readMany(name, scale === 'full' ? executions : Math.ceil(executions / 1000)));
  return findings;
}

function readMany(name: string, executions: number): Promise<Finding> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL('./readHostileFiles.js', import.meta.url)), [name, String(executions), '1'], { execArgv: ['--max-old-space-size=1024'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const alarms = new Map<string, string>();
    let at = 0;
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
      resolve(finding(name, done ? executions : at, [...alarms.values()].map((alarm) => `${name}: ${alarm}`)));
    });
  });
}
