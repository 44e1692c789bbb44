import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { gadgetRows } from './gadgets.js';

it('every gadget has the rows of record', () => {
  assert.deepEqual(gadgetRows(), JSON.parse(readFileSync('test/golden/gadgets.json', 'utf8')));
});
