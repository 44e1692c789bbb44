/**
 * The tests of the gadgets, as attacks: over a small prime all assignments, and again without each row, where a forgery must appear;
 * over the real prime each wire of many honest witnesses, alone and with another. A gadget whose test does none of this is an alarm.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addTallies, type Attack, type Remark, type Tally } from '../soundness/ledger.js';
import type { Experiment, Finding } from './experiment.js';

/** No gadgets: the interface, and constants. */
const NO_GADGETS = new Set(['constraintSystem', 'poseidonLayers']);
/** For the fast tests, whose run attacks all gadgets over the small prime anyway. */
const SAMPLE = ['select', 'fit'];

export const gadgetForgeries: Experiment = {
  name: 'gadgets',
  about: 'every gadget: all assignments over a small prime, with and without each row; changed wires over the real one',
  forgeries: true,
  parts: (scale) => (scale === 'full' ? gadgetNames() : SAMPLE).map((name) => ({ name, run: () => attackGadget(name) })),
};

export function gadgetNames(): string[] {
  return readdirSync('circuits')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -3))
    .filter((name) => !NO_GADGETS.has(name));
}

function attackGadget(name: string): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'zkonnx-lab-'));
  const ledger = join(folder, name);
  try {
    const { status, stdout } = spawnSync(process.execPath, ['--test', join('dist', 'circuits', `${name}.test.js`)], {
      env: { ...withoutTestContext(), ZKONNX_LEDGER: ledger },
      encoding: 'utf8',
    });
    const alarms: string[] = [];
    if (status !== 0) alarms.push(`${name}: ${/not ok .*/.exec(stdout)?.[0] ?? `its test ended with status ${String(status)}`}`);
    const { tallies, remarks } = readLedger(ledger);
    const complete = (['all assignments', 'elimination'] as const).map((attack) => tallies.get(attack) ?? NONE);
    if (!complete.some(({ tried, controls }) => tried > 0 && controls > 0)) alarms.push(`${name}: its test does not try all assignments with and without its rows`);
    if (!remarks.some(({ kind }) => kind === 'free')) remarks.push({ kind: 'determined', reason: 'every wire has one value for each input' });
    return [
      { attack: 'all assignments', ...NONE, accepted: alarms.length, alarms, remarks: remarks.map((remark) => ({ gadget: name, ...remark })) },
      ...[...tallies].map(([attack, tally]) => ({ attack, ...tally, alarms: [] })),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const NONE: Tally = { tried: 0, accepted: 0, controls: 0, controlsWon: 0 };

function readLedger(path: string): { tallies: Map<Attack, Tally>; remarks: Remark[] } {
  const tallies = new Map<Attack, Tally>();
  const remarks: Remark[] = [];
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter((line) => line !== '') : [];
  for (const line of lines.map((text) => JSON.parse(text) as [Attack, Tally] | Remark)) {
    if (Array.isArray(line)) tallies.set(line[0], addTallies(tallies.get(line[0]) ?? NONE, line[1]));
    else remarks.push(line);
  }
  return { tallies, remarks };
}

/** A test run inside of a test run would report to the outer one instead of running. */
function withoutTestContext(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_TEST_CONTEXT'));
}
