/**
 * Commands that are killed at random moments, disks that are full, folders that cannot be written. After a kill every file under its
 * final name must be whole: the same command completes on what is there, and what comes of it in the end proves and verifies. A full
 * disk and a read-only folder give the error that says so, and leave no file behind.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MAIN, zkonnx, type JsonError } from '../cli/zkonnx.js';
import { finding, randomNumbers, type Experiment, type Finding, type Scale } from './experiment.js';

export const faults: Experiment = {
  name: 'faults',
  about: 'commands killed at random moments, full disks, folders that cannot be written',
  forgeries: false,
  run: async (scale) => {
    const root = mkdtempSync(join(tmpdir(), 'zkonnx-faults-'));
    try {
      return [await kills(root, scale), ...(await refusingFolders(root))];
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
};

const MODEL = resolve('examples/digits/mlp.int8.qoperator.onnx');
const INPUT = resolve('examples/digits/inputs/digit-000.json');

interface Command {
  readonly name: string;
  readonly args: (folder: string) => readonly string[];
  /** Where its work begins: the commands before it have run. */
  readonly after: readonly string[];
}

const COMMANDS: readonly Command[] = [
  { name: 'compile', args: (folder) => ['compile', MODEL, '--out', folder], after: [] },
  { name: 'setup', args: (folder) => ['setup', MODEL, '--dev', '--out', folder], after: ['compile'] },
  { name: 'prove', args: (folder) => ['prove', MODEL, '--input', INPUT, '--out', folder], after: ['compile', 'setup'] },
  { name: 'verify', args: (folder) => ['verify', join(folder, 'proofs', 'digit-000.json')], after: ['compile', 'setup', 'prove'] },
  { name: 'export-verifier', args: (folder) => ['export-verifier', MODEL, '--allow-dev-key', '--out', folder], after: ['compile', 'setup'] },
  { name: 'run', args: (folder) => ['run', MODEL, '--input', INPUT, '--no-chain', '--out', folder], after: [] },
];

async function kills(root: string, scale: Scale): Promise<Finding> {
  const random = randomNumbers(9);
  const alarms: string[] = [];
  let tried = 0;
  for (const { name, args, after } of COMMANDS) {
    const folder = join(root, name);
    const fresh = async (): Promise<void> => {
      rmSync(folder, { recursive: true, force: true });
      for (const earlier of COMMANDS.filter((command) => after.includes(command.name))) await zkonnx(earlier.args(folder), { cwd: root });
    };
    await fresh();
    const start = performance.now();
    const whole = await zkonnx(args(folder), { cwd: root });
    const duration = performance.now() - start;
    if (whole.status !== 0) alarms.push(`${name}: fails undisturbed: ${whole.stderr.slice(-300)}`);
    // The order of things after the last kill: what is left behind is built upon, by a few kills in a row.
    const rounds = scale === 'full' ? 12 : 1;
    for (let round = 0; round < rounds; round++) {
      await fresh();
      for (let kill = 0; kill < (scale === 'full' ? 3 : 1); kill++) {
        tried++;
        await killed([MAIN, ...args(folder)], root, random() * duration);
      }
      const next = await zkonnx([...args(folder), '--json'], { cwd: root });
      if (next.status !== 0) alarms.push(`${name}: the next run fails: ${next.stdout.slice(-500)}`);
      for (const rest of ['prove', 'verify']) {
        const command = COMMANDS.find((each) => each.name === rest) as Command;
        if (name === 'compile' && rest === 'prove') await zkonnx((COMMANDS[1] as Command).args(folder), { cwd: root });
        const last = await zkonnx([...command.args(folder), '--json'], { cwd: root });
        if (last.status !== 0) alarms.push(`${name}: ${rest} fails on what is left: ${last.stdout.slice(-500)}`);
      }
    }
  }
  return finding('kills', tried, alarms);
}

function killed(args: readonly string[], cwd: string, afterMs: number): Promise<void> {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd, stdio: 'ignore', env: { ...process.env, CI: 'true' } });
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
    child.on('exit', () => {
      clearTimeout(timer);
      done();
    });
  });
}

/** On file systems of their own, where the machine lets us mount some. */
async function refusingFolders(root: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [attack, options] of [
    ['full disk', 'size=24k'],
    ['read-only folder', 'size=8m,ro'],
  ] as const) {
    const mount = join(root, options.replace(/\W/g, '-'));
    mkdirSync(mount);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', mount]).status !== 0) {
      console.log(`  ${attack}: skipped, no file system can be mounted here`);
      continue;
    }
    const alarms: string[] = [];
    try {
      const attempts = COMMANDS.filter(({ name }) => ['compile', 'setup', 'run'].includes(name));
      for (const { name, args } of attempts) {
        const { status, stdout, stderr } = await zkonnx([...args(join(mount, name)), '--json'], { cwd: root });
        const code = status === 0 ? 'success' : ((JSON.parse(stdout || '{}') as Partial<JsonError>).error?.code ?? stderr.slice(-300));
        if (code !== 'FILE_NOT_WRITTEN') alarms.push(`${name}: ${code}, not FILE_NOT_WRITTEN`);
      }
      const left = readdirSync(mount, { recursive: true }).map(String).filter((file) => file.endsWith('.tmp'));
      if (left.length > 0) alarms.push(`temporary files are left: ${left.join(', ')}`);
      findings.push(finding(attack, attempts.length, alarms));
    } finally {
      spawnSync('umount', [mount]);
    }
  }
  return findings;
}
