import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const GRAPHS = 10_000;
const OUTPUTS = 1_000_000;
/** Another seed makes other graphs: `npm run fuzz:slow` draws one. */
const SEED = 20_261;

describe('differential fuzzing, the whole campaign', () => {
  it(`${GRAPHS} random graphs give the same bits in the circuit and in ONNX Runtime (seed ${SEED})`, async (test) => {
    const { status, lines } = await fuzz(['--graphs', String(GRAPHS), '--seed', String(SEED), '--jobs', '1']);
    lines.filter((line) => !line.startsWith('  ')).forEach((line) => test.diagnostic(line));
    const [, graphs, outputs, differing] = /^(\d+) graphs, (\d+) outputs compared, (\d+) differ$/.exec(lines.at(-1) ?? '') ?? [];
    assert.equal(status, 0);
    assert.equal(Number(graphs), GRAPHS);
    assert.ok(Number(outputs) >= OUTPUTS);
    assert.equal(Number(differing), 0);
  });
});

function fuzz(options: readonly string[]): Promise<{ readonly status: number | null; readonly lines: readonly string[] }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('main.js', import.meta.url)), ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, lines: text.trimEnd().split('\n') }));
  });
}
