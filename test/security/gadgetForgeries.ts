/**
 * The tests of the gadgets, as attacks: over a small prime all assignments, and again without each row, where a forgery must appear;
 * over the real prime each wire of many honest witnesses, alone and with another. A gadget whose test does none of this is an alarm.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { addTallies, type Attack, type Tally } from '../soundness/ledger.js';
import type { Experiment, Finding, Scale } from './experiment.js';

/** No gadgets: the interface, and constants. */
const NO_GADGETS = new Set(['constraintSystem', 'poseidonLayers']);
/** Gadgets too wide for a search over all assignments, with the reason why their parts suffice. */
const COMPOSED: Readonly<Record<string, string>> = {
  commitment: 'a chain of blocks of poseidon, which is tried with few rounds',
  softmax: 'maxima, minterms, roundings (significant) and levels (quotientLevel), each of which is tried',
};
/** For the fast tests, whose run attacks all gadgets over the small prime anyway. */
const SAMPLE = ['select', 'fit'];

export const gadgetForgeries: Experiment = {
  name: 'gadgets',
  about: 'every gadget: all assignments over a small prime, with and without each row; changed wires over the real one',
  forgeries: true,
  run: (scale) => Promise.resolve(attackGadgets(scale)),
};

export function gadgetNames(): string[] {
  return readdirSync('circuits')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -3))
    .filter((name) => !NO_GADGETS.has(name));
}

function attackGadgets(scale: Scale): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'zkonnx-lab-'));
  const totals = new Map<Attack, Tally>();
  const alarms: string[] = [];
  const names = scale === 'full' ? gadgetNames() : SAMPLE;
  try {
    for (const name of names) {
      const ledger = join(folder, name);
      const { status, stdout } = spawnSync(process.execPath, ['--test', `--test-concurrency=${availableParallelism()}`, join('dist', 'circuits', `${name}.test.js`)], {
        env: { ...withoutTestContext(), ZKONNX_LEDGER: ledger },
        encoding: 'utf8',
      });
      if (status !== 0) alarms.push(`${name}: ${/not ok .*/.exec(stdout)?.[0] ?? `its test ended with status ${String(status)}`}`);
      const lines = readLedger(ledger);
      const { tried = 0, controls = 0 } = lines.find(([attack]) => attack === 'all assignments')?.[1] ?? {};
      if ((tried === 0 || controls === 0) && COMPOSED[name] === undefined) alarms.push(`${name}: its test does not try all assignments with and without its rows`);
      for (const [attack, tally] of lines) totals.set(attack, addTallies(totals.get(attack) ?? { tried: 0, accepted: 0, controls: 0, controlsWon: 0 }, tally));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return [...totals].map(([attack, tally], index) => ({ attack, ...tally, accepted: tally.accepted + (index === 0 ? alarms.length : 0), alarms: index === 0 ? alarms : [] }));
}

function readLedger(path: string): (readonly [Attack, Tally])[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as [Attack, Tally]);
  } catch {
    return [];
  }
}

/** A test run inside of a test run would report to the outer one instead of running. */
function withoutTestContext(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_TEST_CONTEXT'));
}
