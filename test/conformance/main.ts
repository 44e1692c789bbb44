/**
 * `npm run conformance`: the node tests of ONNX as circuits. Every case is proven, refused with a reason that refusals.ts lists,
 * or a failure. Options: --filter PART runs the cases whose name contains PART, --json prints a line of JSON per case (the summary
 * goes to stderr then), --write writes summary.json, which docs/operators.md is made from.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { casesFolder, listCases } from './cases.js';
import { judge, unusedRules } from './refusals.js';
import { SUMMARY_PATH, summaryOf } from './summary.js';
import { runCase, type CaseOutcome } from './verdict.js';

const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false }, filter: { type: 'string', default: '' }, write: { type: 'boolean', default: false } } });
const say = options.json ? (line: string) => process.stderr.write(`${line}\n`) : (line: string) => process.stdout.write(`${line}\n`);

const folder = casesFolder();
const cases = listCases(folder);
if (cases === undefined) {
  say(`SKIPPED: the ONNX node tests are not at ${folder}; set ZKONNX_SHARED to the folder that holds onnx-node-tests.`);
  process.exit(0);
}

const outcomes: CaseOutcome[] = [];
const problems: string[] = [];
for (const entry of cases.filter(({ name }) => name.includes(options.filter))) {
  const outcome = judge(await runCase(folder, entry));
  outcomes.push(outcome);
  if (options.json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  if (outcome.verdict === 'failed') problems.push(`FAILED ${outcome.name}: ${outcome.message ?? ''}`);
}
if (options.filter === '') {
  problems.push(...unusedRules(cases.map(({ name }) => name)).map((rule) => `FAILED refusals.ts: no case is called ${rule}; remove it`));
  const summary = summaryOf(outcomes);
  if (options.write) writeFileSync(SUMMARY_PATH, summary);
  else if (readFileSync(SUMMARY_PATH, 'utf8') !== summary) problems.push(`FAILED ${SUMMARY_PATH} is not current; run: npm run conformance -- --write && npm run docs`);
}
problems.forEach(say);

const count = (verdict: CaseOutcome['verdict'], of = outcomes) => of.filter((outcome) => outcome.verdict === verdict).length;
const line = (of: readonly CaseOutcome[]) => `${count('proven', [...of])} proven, ${count('refused', [...of])} refused, ${count('failed', [...of])} failed`;
for (const kind of ['integer and quantized', 'wrapped'] as const) say(`${kind}: ${line(outcomes.filter((outcome) => outcome.kind === kind))}`);
const failed = problems.length;
say(`${count('proven')} proven, ${count('refused')} refused, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
