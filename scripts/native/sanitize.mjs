// The native engine under sanitizers: `node scripts/native/sanitize.mjs [SECONDS]` (after `npm run build`).
//   1. the readers fuzzed for SECONDS (default 60) under the address and undefined-behaviour sanitizers, by libFuzzer where there
//      is clang, else by mutations of our own;
//   2. concurrent proofs under the thread sanitizer;
//   3. the addon's tests in Node with the addon built under the address and undefined-behaviour sanitizers, carries in plain C++.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, compiler, headers, units } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const seconds = Number(process.argv[2] ?? 60);
const out = join(root, 'native', 'build', 'sanitize');
mkdirSync(out, { recursive: true });
const cxx = compiler();
if (!cxx) throw new Error('no C++ compiler');
const folder = mkdtempSync(join(tmpdir(), 'zkonnx-sanitize-'));

const run = (name, command, args, env = {}) => {
  console.log(`--- ${name}`);
  const r = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env }, cwd: root });
  if (r.status !== 0) {
    console.error(`${name}: failed (${r.signal ?? `status ${r.status}`})`);
    process.exit(1);
  }
};
const core = () => units().filter((u) => u.object !== 'addon.o');
const checked = (name) => ({ source: join(root, 'native', 'check', `${name}.cpp`), object: `check_${name}.o`, flags: [] });
const MEMORY = ['-g', '-O1', '-fno-omit-frame-pointer', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

// A small corpus: a system, its witness, a key and a powers-of-tau file.
const { writeCircuit } = await import(pathToFileURL(join(root, 'dist', 'bench', 'prover', 'circuit.js')).href);
const { loadNativeEngine } = await import(pathToFileURL(join(root, 'dist', 'src', 'prove', 'native.js')).href);
const engine = loadNativeEngine();
if (engine === undefined) throw new Error('the native engine was not built');
const at = (name) => join(folder, name);
writeCircuit({ r1cs: at('a.r1cs'), wtns: at('a.wtns'), log2: 6, publics: 2 });
writeCircuit({ r1cs: at('b.r1cs'), wtns: at('b.wtns'), log2: 11 });
await engine.setupDev({ r1csPath: at('a.r1cs'), zkeyPath: at('a.zkey') });
await engine.makeDevPtau({ power: 6, ptauPath: at('a.ptau') });
const corpus = ['a.r1cs', 'a.wtns', 'a.zkey', 'a.ptau'].map(at);
const fuzzEnvironment = { FUZZ_PTAU: at('a.ptau'), FUZZ_R1CS: at('a.r1cs'), ASAN_OPTIONS: 'allocator_may_return_null=1' };

const hasClang = spawnSync('clang++', ['--version'], { stdio: 'ignore' }).status === 0;
const fuzzFlags = hasClang ? ['-g', '-O1', '-DLIBFUZZER', '-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all'] : MEMORY;
await build({ cxx: hasClang ? 'clang++' : cxx, list: [...core(), checked('fuzz')], dir: join(out, 'fuzz'), target: join(out, 'fuzz-run'), extra: fuzzFlags, shared: false });
if (hasClang) {
  const seeds = at('seeds');
  mkdirSync(seeds);
  for (const file of corpus) copyFileSync(file, join(seeds, file.replace(/.*\//, '')));
  const args = [`-max_total_time=${seconds}`, '-max_len=131072', '-rss_limit_mb=8192', '-print_final_stats=1', '-verbosity=0', `-artifact_prefix=${folder}/`, seeds];
  run(`libFuzzer, ${seconds} s`, join(out, 'fuzz-run'), args, fuzzEnvironment);
} else {
  run(`mutations, ${seconds} s`, join(out, 'fuzz-run'), [String(seconds), String(Date.now() % 1e9), ...corpus], fuzzEnvironment);
}

await build({ cxx: hasClang ? 'clang++' : cxx, list: [...core(), checked('stress')], dir: join(out, 'stress'), target: join(out, 'stress-run'), extra: ['-g', '-O1', '-fsanitize=thread'], shared: false });
run('concurrent proofs, thread sanitizer', join(out, 'stress-run'), [at('b.r1cs'), at('b.wtns'), folder]);

// The addon in Node: the sanitizer's runtime must be loaded first.
const runtimeName = hasClang ? `libclang_rt.asan-${process.arch === 'x64' ? 'x86_64' : 'aarch64'}.so` : 'libasan.so';
const addonCompiler = hasClang ? 'clang++' : cxx;
const runtime = spawnSync(addonCompiler, [`-print-file-name=${runtimeName}`], { encoding: 'utf8' }).stdout.trim();
if (existsSync(runtime) && process.platform === 'linux') {
  const addon = join(out, 'asan.node');
  await build({ cxx: addonCompiler, list: units(), dir: join(out, 'addon'), target: addon, extra: [`-I${headers()}`, '-DZK_PLAIN', ...MEMORY, ...(hasClang ? ['-shared-libasan'] : [])] });
  run('tests of the addon, address and undefined-behaviour sanitizers', process.execPath, ['--test', 'dist/src/prove/native.test.js'], {
    LD_PRELOAD: runtime,
    ASAN_OPTIONS: 'detect_leaks=0',
    ZKONNX_NATIVE_ADDON: addon,
  });
} else {
  console.log('tests under the address sanitizer left out: its runtime was not found');
}
for (const name of readdirSync(tmpdir())) if (name.startsWith('zkonnx-fuzz-')) rmSync(join(tmpdir(), name), { force: true });
rmSync(folder, { recursive: true, force: true });
console.log('sanitizers: nothing found');
