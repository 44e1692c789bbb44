import assert from 'node:assert/strict';
import { it } from 'node:test';
import { byteSize, inputSources, oneOf, positiveInteger } from './parse.js';

it('sizes, numbers and words', () => {
  const size = byteSize('--max-memory');
  assert.deepEqual([size('4G'), size('512M'), size('1.5GiB'), size('2gb')], [2 ** 32, 2 ** 29, 1.5 * 2 ** 30, 2 ** 31]);
  for (const wrong of ['4', 'G', '-1G', '4K', '']) assert.throws(() => size(wrong), { code: 'USAGE' });
  const number = positiveInteger('--threads');
  assert.equal(number('12'), 12);
  for (const wrong of ['0', '-1', '1.5', 'a', '', '1e3', '99999999999999999999']) assert.throws(() => number(wrong), { code: 'USAGE' });
  assert.equal(oneOf('--backend', ['auto', 'native'])('native'), 'native');
  assert.throws(() => oneOf('--backend', ['auto'])('Auto'), { code: 'USAGE' });
});

it('each file is an inference, and files with names are one together', () => {
  assert.deepEqual(inputSources(['a.json', 'b.json']), ['a.json', 'b.json']);
  assert.deepEqual(inputSources(['left=a.pb', 'right=b.pb']), [{ files: [{ path: 'a.pb', name: 'left' }, { path: 'b.pb', name: 'right' }] }]);
});
