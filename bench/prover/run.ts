// The prover's benchmark: the native engine against snarkjs, warm and in one process, on the same files.
// `npm run bench:prover -- [--quick] [--write]`: --quick leaves out the domains above 2^16; --write puts the figures into
// docs/performance.md (and README.md, where it has the markers). The last line is `snarkjs N.N× at 2^18`.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as snarkjs from 'snarkjs';
import { loadNativeEngine, type InstructionSet, type NativeKey, type NativeTimings } from '../../src/prove/native.js';
import { writeCircuit, type CircuitSizes } from './circuit.js';

const quick = process.argv.includes('--quick');
const write = process.argv.includes('--write');
const found = loadNativeEngine();
if (found === undefined) throw new Error('the native engine was not built; run `node scripts/native/build.mjs --verbose`');
const engine = found;
const info = engine.info();
const folder = join(tmpdir(), 'zkonnx-bench-prover');
mkdirSync(folder, { recursive: true });

const timed = async (step: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await step();
  return performance.now() - start;
};
/** The best of several. */
const repeat = async (times: number, step: () => Promise<unknown>): Promise<number> => {
  let best = Infinity;
  for (let index = 0; index < times; index++) best = Math.min(best, await timed(step));
  return best;
};
const ms = (value: number): string => (value < 100 ? `${value.toFixed(1)} ms` : value < 1000 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(2)} s`);
const times = (value: number): string => `${value.toFixed(1)}×`;

interface Files {
  readonly r1cs: string;
  readonly wtns: string;
  readonly zkey: string;
  readonly sizes: CircuitSizes;
}
const prepare = async (log2: number, wide = false): Promise<Files> => {
  const name = join(folder, `${log2}${wide ? '-wide' : ''}`);
  const files = { r1cs: `${name}.r1cs`, wtns: `${name}.wtns`, zkey: `${name}.zkey` };
  const sizes = writeCircuit({ ...files, log2, wide });
  await engine.setupDev({ r1csPath: files.r1cs, zkeyPath: files.zkey });
  return { ...files, sizes };
};

interface Row {
  readonly measure: string;
  readonly value: string;
  readonly peer: string;
  readonly ratio: string;
  readonly bar: string;
  readonly met: boolean | undefined;
}
const rows: Row[] = [];
const report = (row: Row): void => {
  rows.push(row);
  console.log(`${row.measure}: ${row.value}${row.peer && `; snarkjs ${row.peer}`}${row.ratio && `; ${row.ratio}`}${row.bar && `; bar ${row.bar}`}${row.met === undefined ? '' : row.met ? ' — met' : ' — MISSED'}`);
};

const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${info.threads} threads, ${(totalmem() / 2 ** 30).toFixed(0)} GB, Node ${process.version}; instruction set ${info.isa} (available: ${info.available.join(', ')})`;
console.log(machine);

const PROVE_BARS: Record<number, number> = { 14: 25, 16: 35, 18: 40 };
const curve: { log2: number; time: number }[] = [];
let phases: { timings: NativeTimings; total: number } | undefined;
let headline = 0;
const domains = quick ? [14, 16] : [14, 15, 16, 17, 18, 19, 20];
for (const log2 of domains) {
  const files = await prepare(log2);
  const witness = new Uint8Array(readFileSync(files.wtns));
  const bar = PROVE_BARS[log2];
  const keys = new Map<InstructionSet, NativeKey>();
  for (const isa of bar === undefined ? [info.isa] : info.available) {
    const key = await engine.loadKey({ zkeyPath: files.zkey, isa });
    const { proof, publicSignals } = await key.prove({ witness, selfCheck: true });
    if (log2 === 14 && !(await snarkjs.groth16.verify(await snarkjs.zKey.exportVerificationKey(files.zkey), publicSignals, proof))) throw new Error('the proof does not verify');
    keys.set(isa, key);
  }
  // Native and snarkjs in turn, the best of each: what else the machine does falls on both.
  const best = new Map<InstructionSet, number>();
  const rounds = bar === undefined || log2 === 18 ? 3 : 6;
  const inMemory = (data: Uint8Array) => ({ type: 'mem', data }) as const;
  const zkeyBytes = bar === undefined ? undefined : new Uint8Array(readFileSync(files.zkey));
  if (zkeyBytes !== undefined) await snarkjs.groth16.prove(inMemory(zkeyBytes), inMemory(witness));
  let peer = Infinity;
  for (let round = 0; round < rounds; round++) {
    for (const [isa, key] of keys)
      for (let run = 0; run < 4; run++) {
        const start = performance.now();
        const { timings } = await key.prove({ witness });
        const time = performance.now() - start;
        if (time >= (best.get(isa) ?? Infinity)) continue;
        best.set(isa, time);
        if (log2 === 18 && isa === info.isa) phases = { timings, total: time };
      }
    if (zkeyBytes !== undefined) peer = Math.min(peer, await timed(() => snarkjs.groth16.prove(inMemory(zkeyBytes), inMemory(witness))));
  }
  for (const key of keys.values()) key.release();
  const own = best.get(info.isa) as number;
  curve.push({ log2, time: own });
  if (log2 === 20) report({ measure: 'prove, domain 2^20', value: ms(own), peer: '', ratio: '', bar: info.isa === 'ifma' ? '2.5 s' : '', met: info.isa === 'ifma' ? own < 2500 : undefined });
  if (bar === undefined) continue;
  if (log2 === 18 || quick) headline = peer / own;
  for (const [isa, time] of best) {
    const needed = isa === 'ifma' ? bar : 12;
    report({ measure: `prove, bit-heavy, 2^${log2}, ${isa}`, value: ms(time), peer: ms(peer), ratio: times(peer / time), bar: `≥ ${needed}×`, met: peer / time >= needed });
  }
}

if (!quick) {
  const files = await prepare(18, true);
  const key = await engine.loadKey({ zkeyPath: files.zkey });
  const witness = new Uint8Array(readFileSync(files.wtns));
  await key.prove({ witness, selfCheck: true });
  const time = await repeat(5, () => key.prove({ witness }));
  report({ measure: `prove, two thirds full-size scalars, 2^18, ${info.isa}`, value: ms(time), peer: '', ratio: '', bar: '0.5 s with IFMA', met: info.isa === 'ifma' ? time < 500 : undefined });
  key.release();
}

{
  const name = join(folder, '14');
  const ptauPath = join(folder, '14.ptau');
  await engine.makeDevPtau({ power: 14, ptauPath });
  const [mine, theirs] = [`${name}-dev.zkey`, `${name}-snarkjs.zkey`];
  const time = await repeat(7, () => engine.setupDev({ r1csPath: `${name}.r1cs`, zkeyPath: mine }));
  const peer = await timed(() => snarkjs.zKey.newZKey(`${name}.r1cs`, ptauPath, theirs));
  report({ measure: 'development key, 2^14', value: ms(time), peer: ms(peer), ratio: times(peer / time), bar: '≥ 60×', met: peer / time >= 60 });
  const fromPtau = `${name}-ptau.zkey`;
  const ptauTime = await repeat(3, () => engine.setupFromPtau({ r1csPath: `${name}.r1cs`, ptauPath, zkeyPath: fromPtau }));
  const same = Buffer.compare(readFileSync(fromPtau), readFileSync(theirs)) === 0;
  report({ measure: 'key from powers of tau, 2^14 (same bytes)', value: ms(ptauTime), peer: ms(peer), ratio: times(peer / ptauTime), bar: 'same bytes', met: same });
}

if (!quick) {
  const files = await prepare(17);
  const time = await repeat(3, () => engine.setupDev({ r1csPath: files.r1cs, zkeyPath: files.zkey }));
  report({ measure: `development key, ${files.sizes.rows} rows, ${files.sizes.nonZeros} non-zeros`, value: ms(time), peer: '', ratio: '', bar: '1.5 s with IFMA', met: info.isa === 'ifma' ? time < 1500 : undefined });
}

const child = (...args: string[]): Record<string, number> => JSON.parse(execFileSync(process.execPath, [fileURLToPath(new URL('./child.js', import.meta.url)), ...args], { encoding: 'utf8' })) as Record<string, number>;
if (existsSync('/proc/self/clear_refs')) {
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  for (const log2 of quick ? [16] : [18, 20]) {
    const [zkey, wtns] = [join(folder, `${log2}.zkey`), join(folder, `${log2}.wtns`)];
    const { idle, peak } = child('peak', zkey, wtns) as { idle: number; peak: number };
    const allowed = statSync(zkey).size + 200 * 2 ** log2;
    report({ measure: `growth of memory during a proof, 2^${log2}`, value: mb(peak - idle), peer: '', ratio: `${((peak - idle) / 2 ** log2).toFixed(0)} bytes a row`, bar: `${mb(allowed)}`, met: peak - idle <= allowed });
  }
  await prepare(10);
  const { early, late } = child('many', join(folder, '10.zkey'), join(folder, '10.wtns'), '1000') as { early: number; late: number };
  report({ measure: 'memory after 20 and after 1,000 proofs', value: `${mb(early)}, ${mb(late)}`, peer: '', ratio: '', bar: '5% + 8 MB', met: late <= early * 1.05 + 8e6 });
}

const curveText = curve.map(({ log2, time }) => `2^${log2} ${ms(time)} (${((time * 1e6) / 2 ** log2).toFixed(0)} ns a row)`).join(', ');
console.log(`curve: ${curveText}`);
let phaseText = '';
if (phases !== undefined) {
  const { timings, total } = phases;
  const names: Record<keyof NativeTimings, string> = { witness: 'sorting the witness', rows: 'rows of A and B', transform: 'transforms', scalars: 'quotient and digits', sums: 'multi-scalar multiplications', finish: 'combining and blinding' };
  phaseText = Object.entries(timings)
    .map(([name, time]) => `${names[name as keyof NativeTimings]} ${((100 * time) / total).toFixed(1)}%`)
    .join(', ');
  console.log(`phases at 2^18: ${phaseText}`);
}

const table = [
  '| measure | native | snarkjs | ratio | bar | met |',
  '|---|---|---|---|---|---|',
  ...rows.map(({ measure, value, peer, ratio, bar, met }) => `| ${measure} | ${value} | ${peer} | ${ratio} | ${bar} | ${met === undefined ? '' : met ? 'yes' : 'no'} |`),
].join('\n');
console.log(table);
if (write) {
  const text = `Machine: ${machine}.\n\n${table}\n\nGrowth with the domain: ${curveText}.\n${phaseText && `\nShare of each phase at 2^18: ${phaseText}.\n`}`;
  for (const file of ['docs/performance.md', 'README.md']) {
    if (!existsSync(file)) continue;
    const before = readFileSync(file, 'utf8');
    const after = before.replace(/(<!-- prover figures -->\n)[^]*?(<!-- end of prover figures -->)/, (_, open: string, close: string) => `${open}${text}${close}`);
    if (after !== before) writeFileSync(file, after);
  }
}
console.log(`snarkjs ${times(headline)} at 2^${quick ? 16 : 18}`);
process.exit(0);
