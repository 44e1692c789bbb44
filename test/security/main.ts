/** `npm run lab [NAME...]`: all experiments, or those named; last line `N forgeries tried, K accepted`. */
import Table from 'cli-table3';
import type { Experiment, Finding } from './experiment.js';
import { faults } from './faults.js';
import { gadgetForgeries } from './gadgetForgeries.js';
import { hostileFiles } from './hostileFiles.js';
import { intervals } from './intervals.js';
import { modelForgeries } from './modelForgeries.js';
import { verifierAgreement } from './verifierAgreement.js';

const EXPERIMENTS: readonly Experiment[] = [gadgetForgeries, modelForgeries, intervals, verifierAgreement, hostileFiles, faults];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !EXPERIMENTS.some((experiment) => experiment.name === name));
if (unknown.length > 0) {
  console.error(`no experiment is called ${unknown.join(', ')}; there are ${EXPERIMENTS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const table = new Table({ head: ['experiment', 'attack', 'tried', 'accepted', 'controls', 'won'], style: { head: [], border: [] }, colAligns: ['left', 'left', 'right', 'right', 'right', 'right'] });
const findings: Finding[] = [];
let forgeries = 0;
let accepted = 0;
for (const { name, about, forgeries: areForgeries, run } of EXPERIMENTS.filter((experiment) => names.length === 0 || names.includes(experiment.name))) {
  console.log(`${name}: ${about}`);
  const start = performance.now();
  const own = merged(await run('full'));
  for (const { attack, tried, accepted, controls, controlsWon, alarms } of own) {
    table.push([name, attack, tried.toLocaleString('en'), accepted, controls.toLocaleString('en'), controlsWon.toLocaleString('en')]);
    for (const alarm of alarms.slice(0, 20)) console.log(`  ALARM ${attack}: ${alarm}`);
  }
  findings.push(...own);
  if (areForgeries) {
    forgeries += own.reduce((sum, { tried }) => sum + tried, 0);
    accepted += own.reduce((sum, finding) => sum + finding.accepted, 0);
  }
  console.log(`  ${((performance.now() - start) / 1000).toFixed(0)} s`);
}
console.log(table.toString());
const lost = findings.reduce((sum, { controls, controlsWon }) => sum + controls - controlsWon, 0);
if (lost > 0) console.log(`${lost} controls lost: an attack that should succeed does not, so it proves nothing`);
console.log(`${forgeries} forgeries tried, ${accepted} accepted`);
process.exitCode = lost > 0 || findings.some((finding) => finding.accepted > 0) ? 1 : 0;

/** One line for each attack. */
function merged(all: readonly Finding[]): Finding[] {
  const byAttack = new Map<string, Finding>();
  for (const one of all) {
    const other = byAttack.get(one.attack);
    byAttack.set(one.attack, other === undefined ? one : {
      attack: one.attack,
      tried: one.tried + other.tried,
      accepted: one.accepted + other.accepted,
      controls: one.controls + other.controls,
      controlsWon: one.controlsWon + other.controlsWon,
      alarms: [...other.alarms, ...one.alarms],
    });
  }
  return [...byAttack.values()];
}
