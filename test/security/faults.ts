/**
 * Every command, killed at random moments, on disks that are full, in folders that cannot be written. After a kill every file under its
 * final name must be whole, the same command completes on what is there, and so does what comes after it. A full disk and a read-only
 * folder give the error that says so, and leave no file behind; commands that only read do not need them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MAIN, zkonnx, type CliResult, type JsonError } from '../cli/zkonnx.js';
import { ownPowersOfTau } from '../support/ownPowersOfTau.js';
import { finding, randomNumbers, type Experiment, type Finding } from './experiment.js';
import { argumentsOf, FAULT_COMMANDS, PTAU, PTAU_POWER, type FaultCommand } from './faultCommands.js';
import { brokenFiles } from './wholeFiles.js';

export const faults: Experiment = {
  name: 'faults',
  about: 'every command killed at random moments, on full disks, in folders that cannot be written',
  forgeries: false,
  parts: (scale) =>
    FAULT_COMMANDS.filter(({ name }) => scale === 'full' || name === 'commit').map((command, index) => ({
      name: command.name,
      run: () => inFolderAfter(command, async (root) => [await kills(root, command, scale === 'full' ? 4 : 1, index), ...(await refusingFolders(root, command))]),
    })),
};

/** Kills in a row: what is left behind is built upon. */
const IN_A_ROW = 3;

/** Runs `body` with a folder that has `before` in it: a working folder as it is when the command begins. */
async function inFolderAfter(command: FaultCommand, body: (root: string) => Promise<Finding[]>): Promise<Finding[]> {
  const root = mkdtempSync(join(tmpdir(), 'zkonnx-faults-'));
  try {
    const before = join(root, 'before');
    mkdirSync(before);
    if (command.name.startsWith('ceremony')) await ownPowersOfTau(PTAU_POWER, join(before, PTAU));
    for (const earlier of command.after) {
      const { status, stdout } = await run(before, earlier);
      if (status !== 0) return [finding('kills', 0, [`${command.name}: ${earlier} fails: ${stdout.slice(-500)}`])];
    }
    return await body(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function run(folder: string, command: string): Promise<CliResult> {
  return zkonnx([...argumentsOf(command), '--json'], { cwd: folder });
}

async function kills(root: string, { name, then, done }: FaultCommand, rounds: number, seed: number): Promise<Finding> {
  const random = randomNumbers(900 + seed);
  const alarms: string[] = [];
  const work = join(root, 'work');
  const fresh = (): void => {
    rmSync(work, { recursive: true, force: true });
    cpSync(join(root, 'before'), work, { recursive: true });
  };
  fresh();
  const start = performance.now();
  const whole = await run(work, name);
  const duration = performance.now() - start;
  if (whole.status !== 0) alarms.push(`${name}: fails undisturbed: ${whole.stdout.slice(-500)}`);
  for (let round = 0; round < rounds; round++) {
    fresh();
    for (let kill = 0; kill < IN_A_ROW; kill++) {
      await killed(argumentsOf(name), work, random() * duration);
      alarms.push(...(await brokenFiles(work)).map((file) => `${name}: a file that is not whole: ${file}`));
    }
    const next = await run(work, name);
    if (next.status !== 0 && (done === undefined || codeOf(next) !== done)) alarms.push(`${name}: the next run fails: ${next.stdout.slice(-500)}`);
    for (const later of then) {
      const last = await run(work, later);
      if (last.status !== 0) alarms.push(`${name}: ${later} fails on what is left: ${last.stdout.slice(-500)}`);
    }
  }
  return finding('kills', rounds * IN_A_ROW, alarms);
}

/** What a killed process leaves in the folder for temporary files goes with the folder of the experiment. */
function killed(args: readonly string[], cwd: string, afterMs: number): Promise<void> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: 'ignore', env: { ...process.env, CI: 'true', TMPDIR: dirname(cwd) } });
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
    child.on('exit', () => {
      clearTimeout(timer);
      done();
    });
  });
}

/** On file systems of their own, where the machine lets us mount some. */
async function refusingFolders(root: string, { name, writes }: FaultCommand): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const attack of ['full disk', 'read-only folder'] as const) {
    const mount = join(root, attack.replace(' ', '-'));
    mkdirSync(mount);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', mount]).status !== 0) {
      console.error(`  ${attack}: skipped, no file system can be mounted here`);
      continue;
    }
    try {
      cpSync(join(root, 'before'), mount, { recursive: true });
      if (attack === 'full disk') fill(join(mount, 'filler'));
      else spawnSync('mount', ['-o', 'remount,ro', mount]);
      const result = await run(mount, name);
      const alarms: string[] = [];
      const [expected, found] = [writes ? 'FILE_NOT_WRITTEN' : 'success', result.status === 0 ? 'success' : codeOf(result)];
      if (found !== expected) alarms.push(`${name}: ${found}, not ${expected}`);
      const left = readdirSync(mount, { recursive: true }).map(String).filter((file) => file.endsWith('.tmp'));
      if (left.length > 0) alarms.push(`${name}: temporary files are left: ${left.join(', ')}`);
      rmSync(join(mount, 'filler'), { force: true });
      findings.push(finding(attack, 1, [...alarms, ...(await brokenFiles(mount)).map((file) => `${name}: ${file}`)]));
    } finally {
      spawnSync('umount', [mount]);
    }
  }
  return findings;
}

/** Takes what is left of a disk. */
function fill(path: string): void {
  const chunk = new Uint8Array(1 << 16);
  try {
    for (;;) writeFileSync(path, chunk, { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** The code of the error that a command printed. */
function codeOf({ stdout, stderr }: CliResult): string {
  try {
    return (JSON.parse(stdout) as Partial<JsonError>).error?.code ?? stdout.slice(-300);
  } catch {
    return stderr.slice(-300);
  }
}
