/** `npm run lab [-- NAME... --write]`: all experiments, or those named; last line `N forgeries tried, K accepted`. `--write` puts the tables into docs/security.md. */
import Table from 'cli-table3';
import { EXPERIMENTS } from './experiments.js';
import { remarkRows, remarksOf, totals, writeLabPage } from './labPage.js';
import { runLaboratory } from './runLaboratory.js';

const write = process.argv.includes('--write');
const names = process.argv.slice(2).filter((argument) => argument !== '--write');
const unknown = names.filter((name) => !EXPERIMENTS.some((experiment) => experiment.name === name));
if (unknown.length > 0) stop(`no experiment is called ${unknown.join(', ')}; there are ${EXPERIMENTS.map(({ name }) => name).join(', ')}`);
if (write && names.length > 0) stop('--write takes the figures of all experiments: leave the names out');

const start = performance.now();
const outcomes = await runLaboratory(EXPERIMENTS.filter(({ name }) => names.length === 0 || names.includes(name)), (experiment, part, seconds) => {
  console.error(`${experiment}: ${part}, ${seconds.toFixed(0)} s`);
});
for (const { experiment, findings, seconds } of outcomes) {
  console.log(`\n${experiment.name}: ${experiment.about} (${seconds.toFixed(0)} s of processors)`);
  const rows = findings.map(({ attack, tried, accepted, controls, controlsWon }) => [attack, tried, accepted, controls, controlsWon].map((cell) => cell.toLocaleString('en')));
  print(['attack', 'tried', 'accepted', 'controls', 'won'], rows, ['left', 'right', 'right', 'right', 'right']);
  for (const { attack, alarms } of findings) for (const alarm of alarms.slice(0, 20)) console.log(`  ALARM ${attack}: ${alarm}`);
}
const remarks = remarksOf(outcomes);
if (remarks.length > 0) {
  console.log('\nWhat one input does not determine, and why it may stay so');
  print(['gadget', 'what', 'why'], remarkRows(remarks), ['left', 'left', 'left']);
}
console.log(`${((performance.now() - start) / 60_000).toFixed(1)} minutes`);
const { forgeries, accepted, lost } = totals(outcomes);
if (lost > 0) console.log(`${lost} controls lost: an attack that should succeed does not, so it proves nothing`);
if (write) await writeLabPage(outcomes);
console.log(`${forgeries} forgeries tried, ${accepted} accepted`);
process.exitCode = lost > 0 || outcomes.some(({ findings }) => findings.some((one) => one.accepted > 0 || one.alarms.length > 0)) ? 1 : 0;

function print(head: string[], rows: readonly string[][], colAligns: ('left' | 'right')[]): void {
  const table = new Table({ head, style: { head: [], border: [] }, colAligns });
  table.push(...rows);
  console.log(table.toString());
}

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}
