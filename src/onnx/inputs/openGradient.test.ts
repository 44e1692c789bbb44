import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ErrorCode } from '../../errors/index.js';
import type { ValueInfo } from '../graph.js';
import { tensor } from '../testing/graphBuilder.js';
import { throwsCode } from '../testing/throws.js';
import { tensorsFromJson } from './json.js';
import { checkShape } from './target.js';

const x: ValueInfo = { name: 'x', type: 'float32', shape: [2, 2] };
const ids: ValueInfo = { name: 'ids', type: 'int64', shape: [2] };
const read = (inputs: readonly ValueInfo[], values: unknown) => tensorsFromJson({ inputs, values, checkShape });
const number = (value: number | string, decimals: number | string = 0) => ({ value, decimals });

describe('tensors of OpenGradient', () => {
  // 1.5 is (15, 1), as TensorLib's own comment has it.
  const values = [number(15, 1), number(-3), number('1', '2'), number(0)];
  const expected = tensor('float32', [2, 2], [1.5, -3, Math.fround(0.01), 0]);

  it('takes a document, a tensor by name, and a tensor alone', () => {
    const integers = { name: 'ids', values: [number('9223372036854775807'), number(700, 2)], shape: [2] };
    assert.deepEqual(read([x, ids], { numbers: [{ name: 'x', values, shape: [2, 2] }, integers], strings: [] }), new Map([['x', expected], ['ids', tensor('int64', [2], [0, 0])]].map(([name, value]) => [name, name === 'ids' ? { ...(value as object), data: BigInt64Array.of(2n ** 63n - 1n, 7n) } : value] as never)));
    assert.deepEqual(read([x], { x: { values } }).get('x'), expected);
    assert.deepEqual(read([x], { name: 'whatever', values, shape: [2, 2] }).get('x'), expected);
    assert.deepEqual(read([x], { values: [[15, 1], [-3, 0], [1, 2], [0, 0]] }).get('x'), expected);
  });

  const refused: readonly [title: string, inputs: readonly ValueInfo[], values: unknown, code: ErrorCode][] = [
    ['strings', [x], { numbers: [{ name: 'x', values }], strings: [{ name: 's', values: ['a'] }] }, 'INPUT_TYPE'],
    ['an unknown name among several', [x, ids], { numbers: [{ name: 'z', values }] }, 'INPUT_UNKNOWN'],
    ['a tensor given twice', [x], { numbers: [{ name: 'x', values }, { name: 'x', values }] }, 'USAGE'],
    ['an entry that is no tensor', [x], { numbers: [7] }, 'INPUT_MALFORMED'],
    ['a number without decimals', [x], { values: [1, 2, 3, 4] }, 'INPUT_MALFORMED'],
    ['a fraction as a value', [x], { values: [number(1.5), number(0), number(0), number(0)] }, 'INPUT_MALFORMED'],
    ['a value beyond int128', [x], { values: [number('1'.repeat(40)), number(0), number(0), number(0)] }, 'INPUT_MALFORMED'],
    ['too many decimals', [x], { values: [number(1, 10 ** 9), number(0), number(0), number(0)] }, 'INPUT_RANGE'],
    ['negative decimals', [x], { values: [number(1, -1), number(0), number(0), number(0)] }, 'INPUT_RANGE'],
    ['another shape', [x], { values, shape: [4] }, 'INPUT_SHAPE'],
    ['too few values', [x], { values: values.slice(1), shape: [2, 2] }, 'INPUT_SHAPE'],
    ['a fraction for an integer input', [ids], { values: [number(15, 1), number(0)] }, 'INPUT_TYPE'],
    ['an integer beyond its type', [ids], { values: [number('9223372036854775808'), number(0)] }, 'INPUT_RANGE'],
  ];
  for (const [title, inputs, value, code] of refused) it(`refuses ${title}`, () => { throwsCode(() => read(inputs, value), code); });
});
