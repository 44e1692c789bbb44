// Builds the native engine into native/build/zkonnx_native.node with the system's C++ compiler. Run by npm's install step, so
// it never fails the installation: without a compiler, or when the build fails, it prints one line and the snarkjs backend is
// used. `--strict` makes failures fail; `--force` builds even when the sources have not changed; `--verbose` shows the
// compiler's output.
import { createHash } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const sourceDir = join(root, 'native', 'src');
const outDir = join(root, 'native', 'build');
const output = join(outDir, 'zkonnx_native.node');
const options = new Set(process.argv.slice(2));

/** Ends without the engine: quietly for an installation, with an error under --strict. */
const giveUp = (why) => {
  console.log(`zkonnx: native engine not built (${why}); proofs will be made by snarkjs, which is slower.`);
  process.exit(options.has('--strict') ? 1 : 0);
};

/**
 * The kernels, one per instruction set, all from one source. `tuning` is tried and left out where the compiler refuses it: without it g++
 * moves elements of four words through vector registers, and waits for them.
 */
export const KERNELS = [
  { isa: 'portable', export: 'kernelPortable', flags: [], tuning: ['-mgeneral-regs-only'] },
  { isa: 'adx', export: 'kernelAdx', arch: 'x64', flags: ['-DZK_USE_ADX', '-madx', '-mbmi2'], tuning: ['-mgeneral-regs-only'] },
  {
    isa: 'ifma',
    export: 'kernelIfma',
    arch: 'x64',
    flags: ['-DZK_USE_ADX', '-DZK_USE_IFMA', '-madx', '-mbmi2', '-mavx512f', '-mavx512dq', '-mavx512vl', '-mavx512bw', '-mavx512ifma', '-mavx512vbmi2', '-mprefer-vector-width=256'],
  },
];

/** Compiler flags shared by everything. Uninitialised-value warnings of g++ 12's own AVX-512 headers are not ours to mend. */
export const COMMON_FLAGS = ['-std=c++20', '-O3', '-fPIC', '-fvisibility=hidden', '-Wall', '-Wextra', '-Wno-unknown-warning-option', '-Wno-uninitialized', '-Wno-maybe-uninitialized', '-Wno-psabi', '-pthread'];

/** One compilation per entry: source, object name and flags. */
export const units = (arch = process.arch) => [
  ...KERNELS.filter((k) => !k.arch || k.arch === arch).map((k) => ({
    source: join(sourceDir, 'isa', 'kernel.cpp'),
    object: `kernel_${k.isa}.o`,
    flags: ['-fno-exceptions', '-fno-rtti', `-DZK_ISA=${k.isa}`, `-DZK_NAME="${k.isa}"`, `-DZK_EXPORT=${k.export}`, ...k.flags],
    tuning: arch === 'x64' ? k.tuning : undefined,
  })),
  ...readdirSync(sourceDir)
    .filter((f) => f.endsWith('.cpp'))
    .sort()
    .map((f) => ({ source: join(sourceDir, f), object: f.replace(/\.cpp$/, '.o'), flags: [] })),
];

/** Where the N-API headers are: the npm package, nothing downloaded. */
export const headers = () => {
  const require = createRequire(import.meta.url);
  return require('node-api-headers').include_dir;
};

/** The C++ compilers that answer: the one of the environment, else clang before g++ (its portable code is a fifth faster, the rest no slower). */
const compilers = () =>
  (process.env.CXX ? [process.env.CXX] : ['clang++', 'g++', 'c++']).filter((c) => {
    const r = spawnSync(c, ['--version'], { stdio: 'ignore' });
    return r.error === undefined && r.status === 0;
  });

/** g++ where there is one (its sanitizers need no extra package), else what there is. */
export const compiler = () => compilers().find((c) => c === 'g++') ?? compilers()[0];

const run = (command, args) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (d) => (text += d));
    child.stderr.on('data', (d) => (text += d));
    child.on('error', (e) => resolve({ ok: false, text: String(e) }));
    child.on('close', (code) => resolve({ ok: code === 0, text }));
  });

/** Compiles `list` into `dir` with extra flags and links them; throws with the compiler's output. */
export const build = async ({ cxx, list, dir, target, extra = [], link = [], shared = true }) => {
  mkdirSync(dir, { recursive: true });
  const queue = [...list];
  const worker = async () => {
    for (let u = queue.shift(); u !== undefined; u = queue.shift()) {
      const compile = (...more) => run(cxx, [...COMMON_FLAGS, ...extra, ...u.flags, ...more, '-c', u.source, '-o', join(dir, u.object)]);
      let r = await compile(...(u.tuning ?? []));
      if (!r.ok && u.tuning) r = await compile();
      if (options.has('--verbose') && r.text) console.log(r.text);
      if (!r.ok) throw new Error(r.text);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, worker));
  const objects = list.map((u) => join(dir, u.object));
  const style = !shared ? [] : process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
  const temporary = `${target}.tmp-${process.pid}`;
  const r = await run(cxx, [...style, '-pthread', ...extra, ...objects, ...link, '-o', temporary]);
  if (!r.ok) {
    rmSync(temporary, { force: true });
    throw new Error(r.text);
  }
  renameSync(temporary, target);
};

/** What the output depends on. */
const stampOf = (list) => {
  const hash = createHash('sha256').update(JSON.stringify([COMMON_FLAGS, list.map((u) => [u.object, u.flags, u.tuning]), process.arch, process.platform, process.env.CXX]));
  for (const dir of [sourceDir, join(sourceDir, 'isa')])
    for (const f of readdirSync(dir).sort()) if (/\.[ch]pp$/.test(f)) hash.update(f).update(readFileSync(join(dir, f)));
  return hash.digest('hex');
};

const main = async () => {
  if (process.platform === 'win32') giveUp('it needs g++ or clang on Linux or macOS');
  const candidates = compilers();
  if (candidates.length === 0) giveUp('no C++ compiler found');
  let include;
  try {
    include = headers();
  } catch {
    giveUp('the package node-api-headers is not installed');
  }
  const list = units();
  const stamp = stampOf(list);
  const stampFile = join(outDir, 'stamp');
  if (!options.has('--force') && existsSync(output) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  const dir = join(outDir, `objects-${process.pid}`);
  const started = Date.now();
  let why = '';
  for (const cxx of candidates) {
    try {
      await build({ cxx, list, dir, target: output, extra: [`-I${include}`] });
      writeFileSync(stampFile, stamp);
      rmSync(dir, { recursive: true, force: true });
      console.log(`zkonnx: native engine built with ${cxx} in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
      return;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (options.has('--verbose') || options.has('--strict')) console.error(message);
      why ||= message.split('\n').find((l) => /error|cannot/.test(l)) ?? message.split('\n')[0];
    }
  }
  rmSync(dir, { recursive: true, force: true });
  giveUp(`the build failed: ${why}`);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
