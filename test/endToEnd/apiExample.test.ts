import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { it } from 'node:test';
import { inFolder } from '../support/files.js';

const EXAMPLE = 'examples/api/proveDigit.ts';

it('the API example runs, and says what the digit is', () =>
  inFolder(async (folder) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('../../examples/api/proveDigit.js', import.meta.url)), folder], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^[\d]+ rows, files in /);
    // labels.json: digit-000 is a two.
    assert.match(stdout, /digit-000\.json: class 2, verified in \d+ ms\n$/);
  }));

it('the README shows the same example', () => {
  const code = readFileSync(EXAMPLE, 'utf8').replace(/^\/\/.*\n/, '');
  assert.ok(code.trim().split('\n').filter((line) => line.trim() !== '').length <= 25);
  assert.ok(readFileSync('README.md', 'utf8').includes(code.trim()), `README.md does not have ${EXAMPLE}`);
});
