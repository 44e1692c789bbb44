/** What a user sees of files that are not what they should be: one error with its own code, and nothing half-written. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { tmpdir } from 'node:os';
import { EXIT_STATUS, ERRORS, type ErrorCode } from '../../src/errors/index.js';
import { encodeModel, encodeTensor } from '../../src/onnx/encode.js';
import type { Graph } from '../../src/onnx/graph.js';
import { GraphBuilder, tensor } from '../../src/onnx/testing/graphBuilder.js';
import { damaged } from '../support/files.js';
import { zkonnx, type JsonError } from './zkonnx.js';

const GOOD_MODEL = resolve('examples/digits/mlp.int8.qoperator.onnx');
const INT8 = { type: 'int8', scale: 0.5, zeroPoint: 0 } as const;

/** Quantize, one node, dequantize. */
function around(opType: string, attributes = {}): GraphBuilder {
  return new GraphBuilder().input('x', 'float32', [1, 4]).quantize('x', 'q', INT8).node(opType, ['q'], 'y', attributes).dequantize('y', 'z', INT8).output('z', 'float32', [1, 4]);
}

const cyclic: Graph = new GraphBuilder().input('x', 'float32', [1, 4]).node('Add', ['x', 'b'], 'a').node('Relu', ['a'], 'b').output('b', 'float32', [1, 4]).build();
const dangling: Graph = new GraphBuilder().input('x', 'float32', [1, 4]).node('Add', ['x', 'nowhere'], 'y').output('y', 'float32', [1, 4]).build();

const MODELS: readonly { readonly name: string; readonly bytes: Uint8Array; readonly codes: readonly ErrorCode[] }[] = [
  ...damaged(readFileSync(GOOD_MODEL)).map(({ name, bytes }) => ({ name, bytes, codes: (name === 'empty' ? ['MODEL_EMPTY'] : ['MODEL_MALFORMED', 'MODEL_INVALID']) as ErrorCode[] })),
  { name: 'a text file', bytes: new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'), codes: ['MODEL_MALFORMED'] },
  { name: 'an opset too old', bytes: encodeModel(around('Relu').build(9)), codes: ['MODEL_OPSET_UNSUPPORTED'] },
  { name: 'an opset too new', bytes: encodeModel(around('Relu').build(99)), codes: ['MODEL_OPSET_UNSUPPORTED'] },
  { name: 'a cycle', bytes: encodeModel(cyclic), codes: ['MODEL_CYCLE'] },
  { name: 'a dangling input', bytes: encodeModel(dangling), codes: ['MODEL_INVALID'] },
  { name: 'an unsupported operator', bytes: encodeModel(around('Det').build()), codes: ['OPERATOR_UNSUPPORTED'] },
  { name: 'a float model', bytes: readFileSync('examples/digits/mlp.float.onnx'), codes: ['OPERATOR_UNSUPPORTED'] },
];

let folder: string;
before(async () => (folder = await mkdtemp(join(tmpdir(), 'zkonnx-test-'))));
after(() => rm(folder, { recursive: true, force: true }));

/** Runs a command that must fail, for people and as JSON, and looks at what it leaves behind. */
async function mustFail({ args, cwd, codes }: { args: readonly string[]; cwd: string; codes: readonly ErrorCode[] }): Promise<JsonError> {
  const filesBefore = await readdir(cwd, { recursive: true });
  const json = await zkonnx([...args, '--json'], { cwd });
  const report = JSON.parse(json.stdout) as JsonError;
  assert.ok(codes.includes(report.error.code as ErrorCode), `${report.error.code}: ${report.error.message}`);
  const status = EXIT_STATUS[ERRORS[report.error.code as ErrorCode].kind];
  assert.deepEqual([json.status, report.exitStatus, report.stack, json.stderr], [status, status, undefined, '']);
  assert.ok(report.error.message.length > 10 && report.error.fix.length > 10);
  const plain = await zkonnx(args, { cwd });
  assert.deepEqual([plain.status, plain.stdout], [status, '']);
  assert.ok(plain.stderr.startsWith(`error ${report.error.code}: `), plain.stderr);
  assert.doesNotMatch(plain.stderr, /^\s+at /m);
  assert.deepEqual(await readdir(cwd, { recursive: true }), filesBefore);
  return report;
}

describe('model files that are not what they should be', { concurrency: 2 }, () => {
  for (const { name, bytes, codes } of MODELS) {
    it(name, async () => {
      const cwd = join(folder, name.replaceAll(' ', '-'));
      await mkdir(cwd);
      await writeFile(join(cwd, 'model.onnx'), bytes);
      await mustFail({ args: ['compile', 'model.onnx'], cwd, codes });
    });
  }

  it('leave the files of a good model alone', async () => {
    const cwd = join(folder, 'replaced');
    await mkdir(cwd);
    await writeFile(join(cwd, 'model.onnx'), readFileSync(GOOD_MODEL));
    assert.equal((await zkonnx(['setup', 'model.onnx', '--dev'], { cwd })).status, 0);
    const manifest = readFileSync(join(cwd, 'artifacts/model/manifest.json'), 'utf8');
    await writeFile(join(cwd, 'model.onnx'), MODELS[3]?.bytes ?? '');
    await mustFail({ args: ['compile', 'model.onnx'], cwd, codes: ['MODEL_MALFORMED', 'MODEL_INVALID'] });
    await mustFail({ args: ['prove', 'model.onnx', '--input', 'x.json'], cwd, codes: ['MODEL_MALFORMED', 'MODEL_INVALID'] });
    assert.equal(readFileSync(join(cwd, 'artifacts/model/manifest.json'), 'utf8'), manifest);
  });
});

describe('input files that are not what they should be', () => {
  const ones = (count: number): number[] => new Array<number>(count).fill(1);
  const INPUTS: readonly { readonly name: string; readonly file: string; readonly content: string | Uint8Array; readonly codes: readonly ErrorCode[] }[] = [
    { name: 'empty', file: 'a.json', content: '', codes: ['INPUT_MALFORMED'] },
    { name: 'not JSON', file: 'a.json', content: '{"input": [1, 2', codes: ['INPUT_MALFORMED'] },
    { name: 'not a TensorProto', file: 'a.pb', content: Uint8Array.of(255, 255, 255, 255), codes: ['INPUT_MALFORMED', 'MODEL_MALFORMED'] },
    { name: 'of the wrong shape', file: 'a.json', content: JSON.stringify({ input: { shape: [1, 1, 4, 4], data: ones(16) } }), codes: ['INPUT_SHAPE'] },
    { name: 'with a value too few', file: 'a.json', content: JSON.stringify({ input: { shape: [1, 1, 8, 8], data: ones(63) } }), codes: ['INPUT_SHAPE'] },
    { name: 'of the wrong type', file: 'a.json', content: JSON.stringify({ input: { shape: [1, 1, 8, 8], data: ones(64).map(String) } }), codes: ['INPUT_TYPE'] },
    { name: 'of the wrong type, as a TensorProto', file: 'a.pb', content: encodeTensor(tensor('int32', [1, 1, 8, 8], ones(64)), 'input'), codes: ['INPUT_TYPE'] },
    { name: 'NaN', file: 'a.pb', content: encodeTensor(tensor('float32', [1, 1, 8, 8], [NaN, ...ones(63)]), 'input'), codes: ['INPUT_RANGE'] },
    { name: 'NaN in JSON', file: 'a.json', content: '{"input": [NaN]}', codes: ['INPUT_MALFORMED'] },
    { name: 'for another input', file: 'a.json', content: JSON.stringify({ picture: [1] }), codes: ['INPUT_UNKNOWN'] },
    { name: 'without the input', file: 'a.json', content: '{}', codes: ['INPUT_MISSING'] },
  ];
  let cwd: string;
  before(async () => {
    cwd = join(folder, 'inputs');
    await mkdir(cwd);
    await writeFile(join(cwd, 'model.onnx'), readFileSync(GOOD_MODEL));
    assert.equal((await zkonnx(['setup', 'model.onnx', '--dev'], { cwd })).status, 0);
  });
  for (const { name, file, content, codes } of INPUTS) {
    it(name, async () => {
      await writeFile(join(cwd, file), content);
      await mustFail({ args: ['prove', 'model.onnx', '--input', file], cwd, codes });
      assert.ok(!existsSync(join(cwd, 'artifacts/model/proofs')));
    });
  }

  it('a context that is not below r', async () => {
    await mustFail({ args: ['prove', 'model.onnx', '--input', 'a.json', '--context', `0x${'f'.repeat(64)}`], cwd, codes: ['PROOF_MALFORMED'] });
  });
});
