import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import { inFolder } from '../support/files.js';
import { zkonnx, type JsonError } from './zkonnx.js';

/** Resolves when a file of that ending is there. */
async function appearance(folder: string, ending: string): Promise<void> {
  for (;;) {
    const files = await readdir(folder, { recursive: true }).catch(() => []);
    if (files.some((file) => file.endsWith(ending))) return;
    await new Promise((done) => setTimeout(done, 5));
  }
}

for (const [signal, ending] of [
  ['SIGINT', 'canonical.onnx'],
  ['SIGTERM', 'manifest.json'],
] as const) {
  it(`${signal} when ${ending} has been written ends the process with 130, and nothing is half-written`, () =>
    inFolder(async (cwd) => {
      await writeFile(join(cwd, 'model.onnx'), readFileSync(resolve('bench/models/lenet5.int8.qoperator.onnx')));
      const { status, stdout } = await zkonnx(['setup', 'model.onnx', '--dev', '--backend', 'snarkjs', '--json'], { cwd, interrupt: { signal, when: () => appearance(cwd, ending) } });
      assert.deepEqual([status, (JSON.parse(stdout) as JsonError).error.code], [130, 'CANCELLED']);
      const files = await readdir(cwd, { recursive: true });
      assert.ok(!files.some((file) => file.endsWith('.tmp') || file.endsWith('proving.zkey')), files.join(', '));
      // What is there is whole: the next command goes on from it.
      const again = await zkonnx(['compile', 'model.onnx', '--json'], { cwd });
      assert.equal(again.status, 0, again.stdout);
    }));
}
