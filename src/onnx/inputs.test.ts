import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { encodeTensor } from './encode.js';
import type { ErrorCode } from '../errors/index.js';
import type { ElementType, ValueInfo } from './graph.js';
import { inputsFromValues, readInputSets, readInputs } from './inputs.js';
import { tensor } from './testing/graphBuilder.js';
import { throwsCode } from './testing/throws.js';

const one: readonly ValueInfo[] = [{ name: 'x', type: 'float32', shape: [2, 2] }];
const two: readonly ValueInfo[] = [...one, { name: 'ids', type: 'int64', shape: [2] }];
const x = tensor('float32', [2, 2], [1, 2.5, -3, 0]);

describe('inputs from JSON', () => {
  it('takes nested arrays, flat data with a shape, and a bare value for the only input', () => {
    for (const value of [[[1, 2.5], [-3, 0]], { shape: [2, 2], data: [1, 2.5, -3, 0] }, { data: [1, 2.5, -3, 0] }]) {
      assert.deepEqual(inputsFromValues({ inputs: one, values: value }).get('x'), x);
      assert.deepEqual(inputsFromValues({ inputs: one, values: { x: value } }).get('x'), x);
    }
    const scalar = inputsFromValues({ inputs: [{ name: 's', type: 'int8', shape: [] }], values: { s: -5 } });
    assert.deepEqual(scalar.get('s'), tensor('int8', [], [-5]));
  });

  it('keeps 64-bit integers exact when they are strings', () => {
    const values = { x: [[1, 2], [3, 4]], ids: ['9223372036854775807', -1] };
    assert.deepEqual(inputsFromValues({ inputs: two, values }).get('ids')?.data, BigInt64Array.of(2n ** 63n - 1n, -1n));
  });

  const refused: readonly [title: string, inputs: readonly ValueInfo[], values: unknown, code: ErrorCode][] = [
    ['a missing input', two, { x: [[1, 2], [3, 4]] }, 'INPUT_MISSING'],
    ['an unknown input', one, { x: [[1, 2], [3, 4]], z: 1 }, 'INPUT_UNKNOWN'],
    ['__proto__', one, JSON.parse('{"__proto__": [[1, 2], [3, 4]]}'), 'INPUT_UNKNOWN'],
    ['a bare array for two inputs', two, [[1, 2], [3, 4]], 'INPUT_MALFORMED'],
    ['null', one, null, 'INPUT_SHAPE'],
    ['another shape', one, { x: [[1, 2, 3], [4, 5, 6]] }, 'INPUT_SHAPE'],
    ['rows of different length', one, { x: [[1, 2], [3]] }, 'INPUT_SHAPE'],
    ['a row that is a number', one, { x: [[1, 2], 3] }, 'INPUT_SHAPE'],
    ['an element that is a row', one, { x: [[1, 2], [3, [4]]] }, 'INPUT_SHAPE'],
    ['data that does not fit its shape', one, { shape: [2, 2], data: [1, 2, 3] }, 'INPUT_SHAPE'],
    ['a shape that is none', one, { shape: [2, -2], data: [1, 2, 3, 4] }, 'INPUT_MALFORMED'],
    ['data that is no array', one, { shape: [2, 2], data: 'abcd' }, 'INPUT_MALFORMED'],
    ['a string as a float', one, { x: [['1', 2], [3, 4]] }, 'INPUT_TYPE'],
    ['null as a float (JSON of NaN)', one, { x: [[null, 2], [3, 4]] }, 'INPUT_TYPE'],
    ['a fraction as an integer', two, { x: [[1, 2], [3, 4]], ids: [1.5, 0] }, 'INPUT_TYPE'],
    ['a number beyond 2^53', two, { x: [[1, 2], [3, 4]], ids: [2 ** 60, 0] }, 'INPUT_RANGE'],
    ['an int64 that overflows', two, { x: [[1, 2], [3, 4]], ids: ['9223372036854775808', 0] }, 'INPUT_RANGE'],
  ];
  for (const [title, inputs, values, code] of refused) it(`refuses ${title}`, () => { throwsCode(() => inputsFromValues({ inputs, values }), code); });

  it('refuses values outside each integer type', () => {
    const limits: readonly [ElementType, number, number][] = [['uint8', -1, 256], ['int8', -129, 128], ['uint16', -1, 65_536], ['int16', -32_769, 32_768], ['int32', -(2 ** 31) - 1, 2 ** 31], ['bool', -1, 2]];
    for (const [type, below, above] of limits) {
      const inputs = [{ name: 'v', type, shape: [1] }];
      for (const value of [below, above]) throwsCode(() => inputsFromValues({ inputs, values: { v: [value] } }), 'INPUT_RANGE');
      assert.deepEqual([...inputsFromValues({ inputs, values: { v: [above - 1] } }).get('v')?.data ?? []], [above - 1]);
    }
  });
});

describe('input files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zkonnx-inputs-'));
  after(() => { rmSync(folder, { recursive: true }); });
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it('reads JSON and TensorProto files together', () => {
    const files = [{ path: file('x.json', '{"x": [[1, 2.5], [-3, 0]]}') }, { path: file('ids.pb', encodeTensor(tensor('int64', [2], [7, 8]))), name: 'ids' }];
    assert.deepEqual([...readInputs({ inputs: two, files })], [['x', x], ['ids', tensor('int64', [2], [7, 8])]]);
    assert.deepEqual(readInputs({ inputs: one, files: [{ path: file('anything.pb', encodeTensor(x, 'other name')) }] }).get('x'), x);
    assert.deepEqual(readInputs({ inputs: one, files: [{ path: file('no-ending', encodeTensor(x, 'x')) }] }).get('x'), x);
  });

  it('refuses bad files', () => {
    const read = (path: string, inputs = one) => () => readInputs({ inputs, files: [{ path }] });
    throwsCode(read(join(folder, 'none.json')), 'FILE_NOT_FOUND');
    for (const content of ['', '{', 'hello', '[[1, 2], [3, 4]', `${'['.repeat(100_000)}`]) throwsCode(read(file('bad.json', content)), 'INPUT_MALFORMED');
    throwsCode(read(file('deep.json', `${'['.repeat(1000)}${']'.repeat(1000)}`)), 'INPUT_MALFORMED');
    throwsCode(read(file('bad.pb', 'hello')), 'INPUT_MALFORMED');
    throwsCode(read(file('short.pb', encodeTensor(x).subarray(0, 20))), 'INPUT_MALFORMED');
    throwsCode(read(file('double.pb', encodeTensor(tensor('float64', [2, 2], [1, 2, 3, 4])))), 'INPUT_TYPE');
    throwsCode(read(file('shape.pb', encodeTensor(tensor('float32', [4], [1, 2, 3, 4])))), 'INPUT_SHAPE');
    throwsCode(read(file('which.pb', encodeTensor(x)), two), 'INPUT_UNKNOWN');
    const path = file('twice.json', '{"x": [[1, 2], [3, 4]]}');
    throwsCode(() => readInputs({ inputs: one, files: [{ path }, { path }] }), 'USAGE');
    assert.equal(throwsCode(read(file('named.json', '[1]')), 'INPUT_SHAPE').details.file, join(folder, 'named.json'));
  });

  it('says how to give a shape where only the nesting is missing, and why a file cannot be read', () => {
    const read = (path: string) => () => readInputs({ inputs: one, files: [{ path }] });
    assert.match(throwsCode(read(file('flat.json', '[1, 2, 3, 4]')), 'INPUT_SHAPE').details.fix ?? '', /Nest them, or write .*"x".*"shape": \[2, 2\]/);
    assert.equal(throwsCode(read(file('other.json', '[1, 2, 3]')), 'INPUT_SHAPE').details.fix, undefined);
    assert.match(throwsCode(read(join(folder, 'none.json')), 'FILE_NOT_FOUND').message, /none\.json' does not exist\.$/);
    assert.match(throwsCode(read(folder), 'FILE_NOT_FOUND').message, / is a folder\.$/);
  });

  it('splits arrays of many inferences, where that is asked for', () => {
    const path = file('sets.json', JSON.stringify({ x: { shape: [4, 2], data: [1, 2.5, -3, 0, 5, 6, 7, 8] }, ids: ['1', '2', '3', '4'] }));
    const sets = readInputSets({ inputs: two, files: [{ path }] });
    assert.deepEqual(sets, [new Map([['x', x], ['ids', tensor('int64', [2], [1, 2])]]), new Map([['x', tensor('float32', [2, 2], [5, 6, 7, 8])], ['ids', tensor('int64', [2], [3, 4])]])]);
    throwsCode(() => readInputs({ inputs: two, files: [{ path }] }), 'INPUT_SHAPE');
    const uneven = file('uneven.json', JSON.stringify({ x: { shape: [4, 2], data: [1, 2, 3, 4, 5, 6, 7, 8] }, ids: [1, 2] }));
    throwsCode(() => readInputSets({ inputs: two, files: [{ path: uneven }] }), 'INPUT_SHAPE');
    throwsCode(() => readInputSets({ inputs: one, files: [{ path: file('odd.json', '[[1, 2], [3, 4], [5, 6]]') }] }), 'INPUT_SHAPE');
  });
});
