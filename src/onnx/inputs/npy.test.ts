// Files as NumPy 2.4 writes them, in base64.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ElementType, ValueInfo } from '../graph.js';
import { tensor } from '../testing/graphBuilder.js';
import { throwsCode } from '../testing/throws.js';
import { tensorFromNpy } from './npy.js';
import { checkShape } from './target.js';

const FILES = {
  f4: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AAAgQAAAQMAAAAAA',
  columnMajor: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAADwPwAAAAAAABDAAAAAAAAABECamZmZmZm5PwAAAAAAAAhAAAAAAAAAGEA=',
  f2: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAPgGA/3s=',
  bigEndian: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAf/+ASw=',
  i8: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAQP//////////',
  bool: 'k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAA==',
  u1: 'k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQIDBAU=',
};
const bytesOf = (name: keyof typeof FILES): Uint8Array => new Uint8Array(Buffer.from(FILES[name], 'base64'));
const read = (bytes: Uint8Array, type: ElementType, shape: readonly number[]) => tensorFromNpy({ input: { name: 'x', type, shape } satisfies ValueInfo, bytes, checkShape });

describe('.npy', () => {
  it('reads floats of any width, rounded to the input', () => {
    assert.deepEqual(read(bytesOf('f4'), 'float32', [2, 2]), tensor('float32', [2, 2], [1, 2.5, -3, 0]));
    assert.deepEqual(read(bytesOf('f2'), 'float32', [3]), tensor('float32', [3], [1.5, -(2 ** -24), 65_504]));
    assert.deepEqual(read(bytesOf('columnMajor'), 'float32', [2, 3]), tensor('float32', [2, 3], [1, 2.5, 3, -4, Math.fround(0.1), 6]));
    assert.deepEqual(read(bytesOf('columnMajor'), 'float64', [2, 3]), tensor('float64', [2, 3], [1, 2.5, 3, -4, 0.1, 6]));
  });

  it('reads integers of any width and byte order, and bools, in the range of the input', () => {
    assert.deepEqual(read(bytesOf('bigEndian'), 'int16', [3]), tensor('int16', [3], [1, -2, 300]));
    assert.deepEqual(read(bytesOf('i8'), 'int64', [2]).data, BigInt64Array.of(2n ** 62n, -1n));
    assert.deepEqual(read(bytesOf('bool'), 'bool', [2]), tensor('bool', [2], [1, 0]));
    assert.deepEqual(read(bytesOf('u1'), 'int8', [1, 2, 3]), tensor('int8', [1, 2, 3], [0, 1, 2, 3, 4, 5]));
    throwsCode(() => read(bytesOf('bigEndian'), 'int8', [3]), 'INPUT_RANGE');
    throwsCode(() => read(bytesOf('i8'), 'uint64', [2]), 'INPUT_RANGE');
  });

  it('refuses another kind of number and another shape', () => {
    throwsCode(() => read(bytesOf('u1'), 'float32', [1, 2, 3]), 'INPUT_TYPE');
    throwsCode(() => read(bytesOf('f4'), 'uint8', [2, 2]), 'INPUT_TYPE');
    throwsCode(() => read(bytesOf('f4'), 'float32', [4]), 'INPUT_SHAPE');
  });

  it('refuses what is cut off or claims too much', () => {
    const whole = bytesOf('f4');
    for (let length = 0; length < whole.length; length++) throwsCode(() => read(whole.subarray(0, length), 'float32', [2, 2]), 'INPUT_MALFORMED');
    throwsCode(() => read(Uint8Array.from([...whole, 0]), 'float32', [2, 2]), 'INPUT_MALFORMED');
    const header = (replace: string, by: string): Uint8Array => Uint8Array.from(Buffer.from(Buffer.from(whole).toString('latin1').replace(replace, by), 'latin1'));
    throwsCode(() => read(header("'<f4'", "'|O8'"), 'float32', [2, 2]), 'INPUT_TYPE');
    throwsCode(() => read(header('(2, 2), }         ', '(9999999999, 9999999)'), 'float32', [2, 2]), 'INPUT_MALFORMED');
    throwsCode(() => read(header('(2, 2), }                      ', '(2, 2, 999999999, 99999), }       '), 'float32', [2, 2]), 'INPUT_SHAPE');
    throwsCode(() => read(header('\x93NUMPY\x01', '\x93NUMPY\x09'), 'float32', [2, 2]), 'INPUT_MALFORMED');
  });
});
