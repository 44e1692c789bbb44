import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anything, integer, list, number, object, oneOf, optional, record, text, FormMismatch } from './form.js';

const form = object({ name: text(/^[a-z]+$/), kind: oneOf('one', 'two'), sizes: list(integer({ from: 0 })), scale: number({ above: 0 }), note: optional(text()), tags: record(integer()), rest: anything });
const good = { name: 'abc', kind: 'two', sizes: [0, 5], scale: 0.5, tags: { a: -1 }, rest: [null] };

describe('forms', () => {
  it('yield what they name, and nothing else', () => {
    assert.deepEqual(form({ ...good, other: 1 }, ''), good);
    assert.deepEqual(form({ ...good, note: 'yes' }, ''), { ...good, note: 'yes' });
    assert.deepEqual(object({ a: text() }, { others: true })({ a: '', b: 1 }, ''), { a: '', b: 1 });
  });

  it('say where data is otherwise, and what was expected', () => {
    const cases: readonly [change: object | null, message: string][] = [
      [{ name: 'A' }, 'name: text like /^[a-z]+$/ expected'],
      [{ name: undefined }, 'name: text like /^[a-z]+$/ expected'],
      [{ kind: 'three' }, 'kind: "one" or "two" expected'],
      [{ sizes: [0, 1.5] }, 'sizes[1]: a whole number from 0 expected'],
      [{ sizes: [-1] }, 'sizes[0]: a whole number from 0 expected'],
      [{ sizes: { length: 0 } }, 'sizes: a list expected'],
      [{ scale: 0 }, 'scale: a number above 0 expected'],
      [{ scale: Infinity }, 'scale: a number above 0 expected'],
      [{ note: undefined }, 'note: text expected'],
      [{ tags: { a: 2 ** 53 } }, 'tags.a: a whole number expected'],
      [{ tags: [] }, 'tags: an object expected'],
      [null, 'the whole: an object expected'],
    ];
    for (const [change, message] of cases) {
      assert.throws(() => form(change === null ? null : { ...good, ...change }, ''), (error) => error instanceof FormMismatch && error.message === message, message);
    }
  });

  it('take members of their own only', () => {
    assert.throws(() => object({ constructor: anything, toString: text() })(Object.create({ toString: 'inherited' }), ''), FormMismatch);
  });
});
