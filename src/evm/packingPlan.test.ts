import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { publicLayout, type PublicType } from '../verify/publicLayout.js';
import { packingPlan } from './packingPlan.js';

function tensor(name: string, elements: number, type: PublicType = 'uint8') {
  return { name, type, shape: [elements] };
}

describe('packingPlan', () => {
  it('puts the outputs first, then the context, then the inputs, each tensor in words of its own', () => {
    const plan = packingPlan(publicLayout({ outputs: [tensor('y', 10), tensor('z', 1)], inputs: [tensor('a', 62), tensor('b', 33)] }));
    assert.deepEqual(
      [...plan.outputs, ...plan.inputs].map(({ tensor: { name }, firstSignal, words, wordBytes, offset }) => ({ name, firstSignal, words, wordBytes, offset })),
      [
        { name: 'y', firstSignal: 0, words: 1, wordBytes: 10, offset: 0 },
        { name: 'z', firstSignal: 1, words: 1, wordBytes: 1, offset: 10 },
        { name: 'a', firstSignal: 3, words: 2, wordBytes: 31, offset: 0 },
        { name: 'b', firstSignal: 5, words: 1, wordBytes: 31, offset: 62 },
        { name: 'b', firstSignal: 6, words: 1, wordBytes: 2, offset: 93 },
      ],
    );
    assert.deepEqual([plan.contextSignal, plan.signals, plan.outputBytes, plan.inputBytes], [2, 7, 11, 95]);
  });

  it('never splits an element over two words, and flips the top bit of signed elements', () => {
    const plan = packingPlan(publicLayout({ outputs: [tensor('i16', 16, 'int16'), tensor('i32', 7, 'int32'), tensor('i64', 4, 'int64')], inputs: [] }));
    assert.deepEqual(
      plan.outputs.map(({ words, wordBytes, flip }) => ({ words, wordBytes, flip: flip.toString(16) })),
      [
        { words: 1, wordBytes: 30, flip: '8000'.repeat(15) },
        { words: 1, wordBytes: 2, flip: '8000' },
        { words: 1, wordBytes: 28, flip: '80000000'.repeat(7) },
        { words: 1, wordBytes: 24, flip: '8000000000000000'.repeat(3) },
        { words: 1, wordBytes: 8, flip: '8000000000000000' },
      ],
    );
    assert.deepEqual([plan.contextSignal, plan.signals], [5, 6]);
  });
});
