import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isZkonnxError, type ErrorCode } from '../errors/index.js';
import { encodeTensor } from '../onnx/encode.js';
import { tensor } from '../onnx/testing/graphBuilder.js';
import { throwsCode } from '../onnx/testing/throws.js';
import { inFolder } from '../../test/support/files.js';
import { readLabels } from './readLabels.js';
import { reportDrift } from './reportDrift.js';

const DIGITS = 'examples/digits';
const files = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, index) => `${DIGITS}/inputs/digit-${String(from + index).padStart(3, '0')}.json`);
const models = { float: `${DIGITS}/cnn.float.onnx`, quantized: `${DIGITS}/cnn.int8.qoperator.onnx`, layers: [] };
const rejectsWith = (promise: Promise<unknown>, code: ErrorCode) => assert.rejects(promise, (error) => isZkonnxError(error) && error.code === code);

describe('the drift report', () => {
  it('writes a page and data, and fails after that when the gate is shut', () => inFolder(async (folder) => {
    const [page, data] = [join(folder, 'drift.html'), join(folder, 'drift.json')];
    const parameters = { ...models, calibration: files(0, 5), evaluation: files(5, 25), labels: `${DIGITS}/labels.json`, reports: [page, data] };
    const { drift, report, reports } = await reportDrift(parameters);
    assert.deepEqual(reports, [page, data]);
    assert.deepEqual(JSON.parse(readFileSync(data, 'utf8')), report);
    assert.match(readFileSync(page, 'utf8'), /^<!doctype html>/);
    assert.deepEqual(report.sets.map(({ name, inferences, task }) => [name, inferences, task?.float.right]), [['calibration', 5, undefined], ['evaluation', 20, 20]]);
    writeFileSync(page, '');
    await rejectsWith(reportDrift({ ...parameters, maxDrift: drift / 2 }), 'DRIFT_EXCEEDED');
    assert.notEqual(readFileSync(page, 'utf8'), '');
  }));

  it('stops when it is asked to, and writes nothing then', () => inFolder(async (folder) => {
    const controller = new AbortController();
    const path = join(folder, 'drift.json');
    await rejectsWith(reportDrift({ ...models, calibration: files(0, 5), reports: [path], signal: controller.signal, onProgress: () => controller.abort() }), 'CANCELLED');
    assert.throws(() => readFileSync(path));
  }));
});

describe('labels', () => {
  const output = { name: 'y', type: 'float32', shape: [1, 2] } as const;
  const read = (path: string, names: readonly string[]) => readLabels({ path, names, output });

  it('are classes in order, classes by file, or values', () => inFolder((folder) => {
    const file = (name: string, content: string | Uint8Array): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    assert.deepEqual(read(file('a.json', '[3, 1]'), ['x', 'y']), [3, 1]);
    assert.deepEqual(read(file('b.json', '[{"file": "in/x.json", "label": 3}, {"file": "z.png", "label": 4}, {"file": "y.npy", "label": 1}]'), ['y', 'x']), [1, 3]);
    assert.deepEqual(read(file('c.pb', encodeTensor(tensor('int64', [2], [7, 8]))), ['x', 'y']), [7, 8]);
    assert.deepEqual(read(file('d.pb', encodeTensor(tensor('float32', [2, 2], [1, 2, 3, 4]))), ['x', 'y']), [Float32Array.of(1, 2), Float32Array.of(3, 4)]);
    throwsCode(() => read(join(folder, 'a.json'), ['x']), 'INPUT_SHAPE');
    throwsCode(() => read(join(folder, 'b.json'), ['x', 'w']), 'INPUT_MISSING');
    throwsCode(() => read(join(folder, 'none.json'), ['x']), 'FILE_NOT_FOUND');
    for (const bad of ['{', '{}', '[1.5]', '[-1]', '["a"]', '[null]']) throwsCode(() => read(file('bad.json', bad), ['x']), 'INPUT_MALFORMED');
    return Promise.resolve();
  }));
});
