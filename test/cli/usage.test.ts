import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';
import { inFolder } from '../support/files.js';
import { MAIN, zkonnx, type JsonError } from './zkonnx.js';

const CEREMONY = ['init', 'contribute', 'beacon', 'verify', 'finalize'];
const COMMANDS = ['run', 'check', 'estimate', 'compile', 'setup', 'ceremony', 'verify-key', 'statement', 'commit', 'prove', 'verify', 'export-verifier', 'verify-onchain', 'doctor'];

describe('zkonnx --help', () => {
  it('begins with examples, for the program and for every command', async () => {
    const helps = await inFolder((cwd) => Promise.all([zkonnx([], { cwd }), zkonnx(['--help'], { cwd }), ...[...COMMANDS.map((command) => [command]), ...CEREMONY.map((command) => ['ceremony', command])].map((command) => zkonnx([...command, '--help'], { cwd }))]));
    for (const { status, stdout, stderr } of helps) {
      assert.match(stdout, /^Examples:\n {2}\$ zkonnx /);
      assert.deepEqual([status, stderr], [0, '']);
    }
    for (const command of COMMANDS) assert.ok(helps[1]?.stdout.includes(`\n  ${command}`), command);
    for (const { stdout } of helps.slice(2).filter((_, index) => COMMANDS[index] !== 'ceremony')) for (const option of ['--json', '--quiet', '--verbose', '--no-color']) assert.ok(stdout.includes(option));
  });

  it('loads no package but the parser of options and the colours', () => {
    const { packages, files } = loadedBy(MAIN);
    assert.deepEqual([...packages].sort(), ['commander', 'picocolors']);
    // The walk has seen more than its start.
    assert.ok(files.size > 10 && [...files].some((file) => file.endsWith(fileURLToPath(new URL('../../src/cli/commands/run.js', import.meta.url)))));
  });

  it('proves without loading any package but ONNX Runtime, which the first session loads', () => {
    for (const module of ['workflow/proveInputs.js', 'workflow/witnessWorker.js', 'prove/native.js', 'prove/nativeChecker.js']) {
      const { packages, files } = loadedBy(fileURLToPath(new URL(`../../src/${module}`, import.meta.url)));
      assert.ok(files.size > 2);
      assert.deepEqual([...packages], [], module);
    }
  });
});

describe('wrong calls', () => {
  const cases: readonly (readonly [args: string[], message: RegExp])[] = [
    [['chek', 'model.onnx'], /Did you mean check\?/],
    [['prove', 'model.onnx', '--input', 'a', '--contxt', '1'], /unknown option '--contxt' \(Did you mean --context\?\)/],
    [['prove', 'model.onnx'], /--input/],
    [['check'], /missing required argument 'model'/],
    [['setup', 'model.onnx'], /where the key comes from/],
    [['ceremony', 'contribut', 'folder'], /Did you mean contribute\?/],
    [['ceremony', 'beacon', 'folder', '--value', '0x0g'], /not hexadecimal/],
    [['setup', 'model.onnx', '--dev', '--key', 'a.zkey'], /where the key comes from/],
    [['compile', 'model.onnx', '--batch', '0'], /--batch is not a number from 1/],
    [['compile', 'model.onnx', '--max-memory', 'lots'], /--max-memory is not a size/],
    [['prove', 'model.onnx', '--input', 'a', '--backend', 'gpu'], /--backend is not one of its values/],
    [['verify-onchain', 'proof.json', '--address', '0x00'], /An address needs a node/],
  ];
  for (const [args, message] of cases) {
    it(`zkonnx ${args.join(' ')}`, () =>
      inFolder(async (cwd) => {
        const plain = await zkonnx(args, { cwd });
        assert.deepEqual([plain.status, plain.stdout], [2, '']);
        assert.match(plain.stderr, /^error USAGE: /);
        assert.match(plain.stderr, message);
        assert.doesNotMatch(plain.stderr, /^\s+at /m);
        const json = await zkonnx([...args, '--json'], { cwd });
        const { ok, error, exitStatus } = JSON.parse(json.stdout) as JsonError;
        assert.deepEqual([json.status, json.stderr, ok, error.code, exitStatus], [2, '', false, 'USAGE', 2]);
        assert.match(error.message, message);
      }));
  }

  it('a group of commands without one of them', () =>
    inFolder(async (cwd) => {
      const { status, stdout, stderr } = await zkonnx(['ceremony'], { cwd });
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, /^error USAGE: .*group of commands[^]*zkonnx ceremony --help/);
    }));

  it('shows the stack with --verbose only', () =>
    inFolder(async (cwd) => {
      const { stderr } = await zkonnx(['check', 'absent.onnx', '--verbose'], { cwd });
      assert.match(stderr, /^error FILE_NOT_FOUND: /);
      assert.match(stderr, /^\s+at /m);
    }));
});

/** What the static imports of a compiled file of ours lead to. */
function loadedBy(main: string): { packages: Set<string>; files: Set<string> } {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'|^import '([^']+)'/gm)) {
      if (specifier === undefined) continue;
      if (specifier.startsWith('.')) visit(resolve(dirname(file), specifier));
      else if (!specifier.startsWith('node:')) packages.add(specifier);
    }
  };
  visit(main);
  return { packages, files: seen };
}
