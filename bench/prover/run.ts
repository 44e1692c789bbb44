// The prover's benchmark: the native engine against snarkjs, warm and in one process, on the same files, in turn.
//   npm run bench:prover -- [--quick] [--write] [--rapidsnark PATH]
// --quick leaves out the domains above 2^16; --write puts the figures into docs/performance.md and README.md; --rapidsnark adds
// rows against that program, given the same key and witness (docs/performance.md says how to build one). The last line is `snarkjs N.N× at 2^18`. Takes about five minutes.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as snarkjs from 'snarkjs';
import { loadNativeEngine, type InstructionSet, type NativeKey, type NativeTimings } from '../../src/prove/native.js';
import { writeCircuit, type CircuitParameters, type CircuitSizes } from './circuit.js';
import { inTurn, megabytes, ms, timed, times, Times } from './measure.js';
import { againstRapidsnark, describeRapidsnark } from './rapidsnark.js';
import { markdown, printRow, writeInto, type Row } from './table.js';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false }, write: { type: 'boolean', default: false }, rapidsnark: { type: 'string' } } });
const found = loadNativeEngine();
if (found === undefined) throw new Error('the native engine was not built; run `node scripts/native/build.mjs --verbose`');
const engine = found;
const info = engine.info();
const ifma = info.isa === 'ifma';
const folder = mkdtempSync(join(tmpdir(), 'zkonnx-bench-prover-'));
process.once('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});
const before = loadavg()[0] ?? 0;

const rows: Row[] = [];
const report = (row: Row): void => {
  rows.push(row);
  printRow(row);
};

interface Files {
  readonly r1cs: string;
  readonly wtns: string;
  readonly zkey: string;
  readonly sizes: CircuitSizes;
}
const prepare = async (name: string, parameters: Pick<CircuitParameters, 'log2' | 'wide' | 'dense'>): Promise<Files> => {
  const files = { r1cs: join(folder, `${name}.r1cs`), wtns: join(folder, `${name}.wtns`), zkey: join(folder, `${name}.zkey`) };
  const sizes = writeCircuit({ ...files, ...parameters });
  await engine.setupDev({ r1csPath: files.r1cs, zkeyPath: files.zkey });
  return { ...files, sizes };
};
const remove = ({ r1cs, wtns, zkey }: Files): void => {
  for (const path of [r1cs, wtns, zkey]) rmSync(path);
};

const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${info.threads} threads, ${(totalmem() / 2 ** 30).toFixed(0)} GB, Node ${process.version}; instruction set ${info.isa} (available: ${info.available.join(', ')})`;
console.log(machine);

// ---- proofs, and the curve -------------------------------------------------------------------------------------------
const AGAINST_SNARKJS: Record<number, { readonly bar: number; readonly rounds: number }> = { 14: { bar: 25, rounds: 10 }, 16: { bar: 35, rounds: 6 }, 18: { bar: 40, rounds: 4 } };
const WITHOUT_IFMA = 12;
const curve: { log2: number; time: number }[] = [];
let phases: { timings: NativeTimings; total: number } | undefined;
let headline = { log2: 0, ratio: 0 };
const kept = new Map<number, Files>();
for (const log2 of options.quick ? [14, 16] : [14, 15, 16, 17, 18, 19, 20]) {
  const files = await prepare(String(log2), { log2 });
  const witness = new Uint8Array(readFileSync(files.wtns));
  const peer = AGAINST_SNARKJS[log2];
  const keys = new Map<InstructionSet, NativeKey>();
  for (const isa of peer === undefined ? [info.isa] : info.available) {
    const key = await engine.loadKey({ zkeyPath: files.zkey, isa });
    await key.prove({ witness, selfCheck: true });
    keys.set(isa, key);
  }
  let fastest = Infinity;
  const prove = (isa: InstructionSet) => async () => {
    const start = performance.now();
    const { timings } = await (keys.get(isa) as NativeKey).prove({ witness });
    const total = performance.now() - start;
    if (isa !== info.isa || total >= fastest) return;
    fastest = total;
    if (log2 === 18) phases = { timings, total };
  };
  if (peer === undefined) {
    const { own } = await inTurn(5, { own: { runs: 1, step: prove(info.isa) } });
    curve.push({ log2, time: own.best });
    if (log2 === 20) report({ measure: 'prove, domain 2^20', value: String(own), bar: '2.5 s with IFMA', met: ifma ? own.best < 2500 : undefined });
  } else {
    const [key, input] = [{ type: 'mem', data: new Uint8Array(readFileSync(files.zkey)) }, { type: 'mem', data: witness }] as const;
    const { proof, publicSignals } = await snarkjs.groth16.prove(key, input);
    if (log2 === 14 && !(await snarkjs.groth16.verify(await snarkjs.zKey.exportVerificationKey(files.zkey), publicSignals, proof))) throw new Error('snarkjs does not verify its own proof');
    const contenders = Object.fromEntries(info.available.map((isa) => [isa, { runs: 4, step: prove(isa) }])) as Record<InstructionSet, { runs: number; step: () => Promise<void> }>;
    const measured = await inTurn(peer.rounds, { ...contenders, snarkjs: { runs: 1, step: () => snarkjs.groth16.prove(key, input) } });
    for (const isa of info.available) {
      const [own, theirs, needed] = [measured[isa], measured.snarkjs, isa === 'ifma' ? peer.bar : WITHOUT_IFMA];
      const ratio = theirs.best / own.best;
      report({ measure: `prove, bit-heavy, 2^${log2}, ${isa}`, value: String(own), peer: `snarkjs ${theirs}`, ratio: `${times(ratio)} (${times(theirs.middle / own.middle)})`, bar: `≥ ${needed}×`, met: ratio >= needed });
      if (isa !== info.isa) continue;
      curve.push({ log2, time: own.best });
      headline = { log2, ratio };
    }
    if (options.rapidsnark !== undefined) {
      const ours = Object.fromEntries(info.available.map((isa) => [isa, new Times()])) as Record<InstructionSet, Times>;
      const own = async (): Promise<void> => {
        for (const isa of info.available) for (let run = 0; run < 4; run++) ours[isa].add(await timed(prove(isa)));
      };
      const rapidsnark = await againstRapidsnark(options.rapidsnark, { ...files, folder }, peer.rounds, own);
      const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
      if (!(await snarkjs.groth16.verify(await snarkjs.zKey.exportVerificationKey(files.zkey), read('public.json') as string[], read('proof.json')))) throw new Error("rapidsnark's proof does not verify");
      const theirs = rapidsnark.own.count === 0 ? rapidsnark.whole : rapidsnark.own;
      for (const isa of info.available) {
        const [ratio, needed] = [theirs.best / ours[isa].best, isa === 'ifma' ? 5 : 1.5];
        report({ measure: `prove, bit-heavy, 2^${log2}, ${isa}`, value: String(ours[isa]), peer: describeRapidsnark(rapidsnark), ratio: `${times(ratio)} (${times(theirs.middle / ours[isa].middle)})`, bar: `≥ ${needed}×`, met: ratio >= needed });
      }
    }
  }
  for (const key of keys.values()) key.release();
  if (log2 === 14 || log2 === 16 || log2 === 18 || log2 === 20) kept.set(log2, files);
  else remove(files);
}

if (!options.quick) {
  const files = await prepare('wide', { log2: 18, wide: true });
  const key = await engine.loadKey({ zkeyPath: files.zkey });
  const witness = new Uint8Array(readFileSync(files.wtns));
  await key.prove({ witness, selfCheck: true });
  const { own } = await inTurn(8, { own: { runs: 1, step: () => key.prove({ witness }) } });
  report({ measure: `prove, two thirds full-size scalars, 2^18, ${info.isa}`, value: String(own), bar: '0.5 s with IFMA', met: ifma ? own.best < 500 : undefined });
  key.release();
  remove(files);
}

// ---- keys ------------------------------------------------------------------------------------------------------------
{
  const { r1cs: r1csPath } = kept.get(14) as Files;
  const [ptauPath, own, tau, theirs] = ['14.ptau', 'own.zkey', 'tau.zkey', 'snarkjs.zkey'].map((name) => join(folder, name)) as [string, string, string, string];
  await engine.makeDevPtau({ power: 14, ptauPath });
  const measured = await inTurn(3, {
    development: { runs: 3, step: () => engine.setupDev({ r1csPath, zkeyPath: own }) },
    tau: { runs: 1, step: () => engine.setupFromPtau({ r1csPath, ptauPath, zkeyPath: tau }) },
    snarkjs: { runs: 1, step: () => snarkjs.zKey.newZKey(r1csPath, ptauPath, theirs) },
  });
  const ratio = (name: 'development' | 'tau'): string => `${times(measured.snarkjs.best / measured[name].best)} (${times(measured.snarkjs.middle / measured[name].middle)})`;
  report({ measure: 'development key, 2^14', value: String(measured.development), peer: `snarkjs ${measured.snarkjs}`, ratio: ratio('development'), bar: '≥ 60×', met: measured.snarkjs.best / measured.development.best >= 60 });
  const same = Buffer.compare(readFileSync(tau), readFileSync(theirs)) === 0;
  report({ measure: 'key from powers of tau, 2^14', value: String(measured.tau), peer: `snarkjs ${measured.snarkjs}`, ratio: ratio('tau'), bar: 'same bytes', met: same });
}
if (!options.quick) {
  const files = await prepare('dense', { log2: 17, dense: 100 });
  const { own } = await inTurn(3, { own: { runs: 1, step: () => engine.setupDev({ r1csPath: files.r1cs, zkeyPath: files.zkey }) } });
  report({ measure: `development key, ${files.sizes.rows.toLocaleString('en')} rows, ${files.sizes.nonZeros.toLocaleString('en')} non-zeros`, value: String(own), bar: '1.5 s with IFMA', met: ifma ? own.best < 1500 : undefined });
  remove(files);
}

// ---- memory ----------------------------------------------------------------------------------------------------------
if (existsSync('/proc/self/clear_refs')) {
  const child = (...args: string[]): Record<string, number> =>
    JSON.parse(execFileSync(process.execPath, [fileURLToPath(new URL('./child.js', import.meta.url)), ...args], { encoding: 'utf8' })) as Record<string, number>;
  for (const log2 of options.quick ? [16] : [18, 20]) {
    const { zkey, wtns } = kept.get(log2) as Files;
    const { idle, peak } = child('peak', zkey, wtns) as { idle: number; peak: number };
    const allowed = statSync(zkey).size + 200 * 2 ** log2;
    report({
      measure: `growth of memory during a proof, 2^${log2}`,
      value: `${megabytes(peak - idle)}, ${((peak - idle) / 2 ** log2).toFixed(0)} bytes a row, mapped pages included`,
      bar: `${megabytes(statSync(zkey).size)} of key + 200 bytes a row`,
      met: peak - idle <= allowed,
    });
  }
  const small = await prepare('10', { log2: 10 });
  const { early, late } = child('many', small.zkey, small.wtns, '1000') as { early: number; late: number };
  report({ measure: 'memory after 20 and after 1,000 proofs', value: `${megabytes(early)}, ${megabytes(late)}`, bar: '5% + 8 MB', met: late <= early * 1.05 + 8e6 });
}

// ---- pages -----------------------------------------------------------------------------------------------------------
const curveText = curve.map(({ log2, time }) => `2^${log2} ${ms(time)} (${((time * 1e6) / 2 ** log2).toFixed(0)} ns a row)`).join(', ');
const pages = [`Machine: ${machine}. Load average before: ${before.toFixed(1)}. Best of several runs, the middle one in brackets.`, markdown(rows), `Growth with the domain: ${curveText}.`];
if (phases !== undefined) {
  const { timings, total } = phases;
  const names: Record<keyof NativeTimings, string> = { witness: 'sorting the witness', rows: 'rows of A and B', transform: 'transforms', scalars: 'quotient and digits', sums: 'multi-scalar multiplications', finish: 'combining and blinding' };
  const shares = (Object.keys(names) as (keyof NativeTimings)[]).map((name) => `${names[name]} ${((100 * timings[name]) / total).toFixed(1)}%`);
  pages.push(`Share of each phase at 2^18: ${shares.join(', ')}.`);
  // the quotient's: windows of 15 bits, see docs/performance.md
  const additions = 17 * (2 ** 18 + 1.4 * 2 ** 14);
  pages.push(`The quotient's ${(additions / 1e6).toFixed(2)} million additions at 2^18, had they all of the time of the multiplications: ${((timings.sums * info.threads * 1e6) / additions).toFixed(1)} ns each on each of ${info.threads} threads.`);
}
const text = `${pages.join('\n\n')}\n`;
console.log(text);
if (options.write) {
  writeInto('docs/performance.md', text);
  writeInto('README.md', `Against snarkjs, warm and in one process${options.rapidsnark === undefined ? '' : ', and against rapidsnark, whose own time for a proof is taken (no start, no key to read)'}, on the same key and witness ([docs/performance.md](docs/performance.md)):\n\n${markdown(rows.filter(({ peer }) => peer !== undefined))}\n\nMachine: ${machine}.\n`);
}
console.log(`snarkjs ${times(headline.ratio)} at 2^${headline.log2}`);
process.exit(0);
