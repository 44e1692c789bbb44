/** A float model on the command line: quantized, and the whole road in one go. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { zkonnx, type JsonError } from './zkonnx.js';

let cwd: string;
before(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'zkonnx-test-'));
  await copyFile('examples/digits/mlp.float.onnx', join(cwd, 'mlp.float.onnx'));
  await copyFile('examples/digits/mlp.int8.qoperator.onnx', join(cwd, 'int8.onnx'));
  for (const number of ['000', '001', '002', '003']) await copyFile(`examples/digits/inputs/digit-${number}.json`, join(cwd, `${number}.json`));
});
after(() => rm(cwd, { recursive: true, force: true }));

async function json(...args: readonly string[]): Promise<Record<string, never>> {
  const { status, stdout, stderr } = await zkonnx([...args, '--json'], { cwd });
  assert.deepEqual([status, stderr], [0, ''], stdout);
  return (JSON.parse(stdout) as { result: Record<string, never> }).result;
}

describe('float models on the command line', () => {
  it('quantize writes a model that check finds portable and exact', async () => {
    const result = await json('quantize', 'mlp.float.onnx', '--calibration', '000.json', '001.json', '002.json');
    assert.equal(result['calibrationInputs'], 3);
    assert.equal((result['model'] as { bytes: number }).bytes, (await stat(join(cwd, 'mlp.int8.onnx'))).size);
    const checked = await json('check', 'mlp.int8.onnx', '--input', '003.json');
    assert.deepEqual(checked['unportable'], []);
    assert.deepEqual((checked['comparisons'] as { differing: number }[]).map(({ differing }) => differing), [0, 0]);
  });

  it('quantize tries observers where there are enough inputs, and says what each came to', async () => {
    const calibration = Array.from({ length: 32 }, (_, index) => `00${index % 4}.json`);
    const { status, stdout } = await zkonnx(['quantize', 'mlp.float.onnx', '--calibration', ...calibration, '--out', 'chosen.onnx', '--report', 'chosen.json', 'chosen.html'], { cwd });
    assert.equal(status, 0);
    assert.match(stdout, /ranges by (minMax|percentile|meanSquaredError) [\d.]+ %, .*; tried too: \w+ [\d.]+ %, \w+ [\d.]+ %/);
    const report = JSON.parse(await readFile(join(cwd, 'chosen.json'), 'utf8')) as { observers: { observer: string; relativeError: number }[] };
    assert.deepEqual(new Set(report.observers.map(({ observer }) => observer)), new Set(['minMax', 'percentile', 'meanSquaredError']));
    assert.match(await readFile(join(cwd, 'chosen.html'), 'utf8'), new RegExp(`Quantized with ranges by ${report.observers[0]?.observer}`));
    const { observers } = await json('quantize', 'mlp.float.onnx', '--calibration', ...calibration, '--out', 'asked.onnx', '--observer', 'entropy', '--rounding', 'nearest', '--no-bias-correction');
    assert.deepEqual(observers, [{ observer: 'entropy' }]);
  });

  it('run quantizes, compiles, sets up, proves and verifies', async () => {
    const result = await json('run', 'mlp.float.onnx', '--input', '000.json', '--calibration', '000.json', '001.json', '--no-chain');
    assert.equal((result['quantize'] as { calibrationInputs: number }).calibrationInputs, 2);
    assert.equal((result['verify'] as unknown[]).length, 1);
    assert.ok((await readdir(join(cwd, 'artifacts', 'mlp.float'))).includes('mlp.int8.onnx'));
    const { drift } = result['quantize'] as { drift: number };
    assert.ok(drift > 0 && drift < 0.05, String(drift));
  });

  it('quantize reports the drift, and fails with status 4 where it is too large', async () => {
    await writeFile(join(cwd, 'labels.json'), '[{ "file": "003.json", "label": 0 }, { "file": "002.json", "label": 1 }]');
    const options = ['quantize', 'mlp.float.onnx', '--calibration', '000.json', '001.json', '--evaluation', '002.json', '003.json', '--labels', 'labels.json', '--report', 'drift.html', 'drift.json', '--out', 'drifting.onnx'];
    const { status, stdout } = await zkonnx(options, { cwd });
    assert.equal(status, 0);
    for (const heading of ['accuracy, evaluation set', 'relative error', 'by itself', 'rounding costs most at']) assert.ok(stdout.includes(heading), stdout);
    const report = JSON.parse(await readFile(join(cwd, 'drift.json'), 'utf8')) as { sets: { name: string; layers: { node: string }[] }[] };
    assert.deepEqual(report.sets.map(({ name, layers }) => [name, layers.map(({ node }) => node)]), ['calibration', 'evaluation'].map((name) => [name, ['flatten1', 'gemm1', 'gemm2']]));
    const { status: shut, stdout: refusal } = await zkonnx([...options, '--max-drift', '0.0001', '--json'], { cwd });
    assert.deepEqual([shut, (JSON.parse(refusal) as JsonError).error.code], [4, 'DRIFT_EXCEEDED']);
  });

  it('quantize refuses a quantized model and files of the wrong shape, and writes nothing', async () => {
    for (const [model, input, code, status] of [['int8.onnx', '000.json', 'OPERATOR_UNSUPPORTED', 3], ['mlp.float.onnx', 'none.json', 'FILE_NOT_FOUND', 2]] as const) {
      const { status: found, stdout } = await zkonnx(['quantize', model, '--calibration', input, '--out', 'never.onnx', '--json'], { cwd });
      const { error } = JSON.parse(stdout) as JsonError;
      assert.deepEqual([error.code, found], [code, status]);
    }
    assert.ok(!(await readdir(cwd)).includes('never.onnx'));
  });

  it('says which option is wrong', async () => {
    for (const option of [['--observer', 'best'], ['--rounding', 'up'], ['--percentile', '12'], ['--target-drift', '-1'], ['--dimension', 'batch']]) {
      const { status, stdout } = await zkonnx(['quantize', 'mlp.float.onnx', '--calibration', '000.json', ...option, '--json'], { cwd });
      assert.deepEqual([(JSON.parse(stdout) as JsonError).error.code, status], ['USAGE', 2]);
    }
  });
});
