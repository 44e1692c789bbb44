import assert from 'node:assert/strict';
import { it } from 'node:test';
import { shortened, table } from './table.js';

const head = ['layer', 'rows', 'wires', 'how'];
const rows = [
  ['/features/block.1/conv/Conv_quant', '1,234', '77', 'affine ×14 (25 to 29 rows)'],
  ['gemm', '9', '8', ''],
];
const parameters = { head, rows, numbers: [1, 2], shorten: { 0: 'middle', 3: 'end' }, drop: [2] } as const;

it('a table without a width keeps everything', async () => {
  assert.deepEqual((await table(parameters)).split('\n'), [
    'layer                               rows  wires  how',
    '/features/block.1/conv/Conv_quant  1,234     77  affine ×14 (25 to 29 rows)',
    'gemm                                   9      8',
  ]);
});

it('a narrow one shortens names in the middle and sentences at the end, and then leaves columns out', async () => {
  for (const [width, first] of [
    [70, '/features/block.1/conv/Conv_quant  1,234     77  affine ×14 (25 to 29…'],
    [60, '/features/blo…onv/Conv_quant  1,234     77  affine ×14 (25 …'],
    [45, '/features…Conv_quant  1,234  affine ×14 (25 …'],
  ] as const) {
    const lines = (await table({ ...parameters, width })).split('\n');
    assert.equal(lines[1], first);
    assert.ok(lines.every((line) => line.length <= width), String(width));
    assert.equal(lines[0]?.includes('wires'), width > 45);
  }
});

it('shortened texts have the width asked for', () => {
  assert.deepEqual([shortened('abcdefgh', 8, 'end'), shortened('abcdefgh', 5, 'end'), shortened('abcdefgh', 5, 'middle'), shortened('abcdefgh', 4, 'middle')], ['abcdefgh', 'abcd…', 'ab…gh', 'a…gh']);
});
