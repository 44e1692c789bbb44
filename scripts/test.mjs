// Runs the compiled tests with Node's own runner. `node scripts/test.mjs [--slow] [PATH PART...]`: files named *.slow.test.js
// belong to the slow tier; a path part picks the files whose path contains it.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const slow = process.argv.includes('--slow');
const parts = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const files = readdirSync('dist', { recursive: true })
  .map((file) => join('dist', String(file)))
  .filter((file) => file.endsWith('.test.js') && file.endsWith('.slow.test.js') === slow)
  .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
  .sort();
if (files.length === 0) {
  console.error('no test files match');
  process.exit(1);
}
const result = spawnSync(process.execPath, ['--test', `--test-concurrency=${availableParallelism()}`, ...files], { stdio: 'inherit' });
process.exit(result.status ?? 1);
