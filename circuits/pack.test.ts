import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import { wire } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, wrongInputs } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { constrainInput } from './input.js';
import { constrainContext, constrainWords, packRows } from './pack.js';

/** Words of elements, by the documented layout in plain integers. */
function words(elements: readonly number[], elementsPerWord: number, elementBytes: number, least: bigint): bigint[] {
  return Array.from({ length: Math.ceil(elements.length / elementsPerWord) }, (_, i) =>
    elements.slice(i * elementsPerWord, (i + 1) * elementsPerWord).reduce((word, element) => word * 256n ** BigInt(elementBytes) + (BigInt(element) - least), 0n),
  );
}

interface Sizes {
  readonly count: number;
  readonly elementsPerWord: number;
  readonly elementBytes: number;
  readonly least: bigint;
}

function packing({ count, elementsPerWord, elementBytes, least }: Sizes, inputs: readonly (readonly number[])[]) {
  const wordCount = Math.ceil(count / elementsPerWord);
  return {
    // Above 2^16, two bytes.
    prime: 131_071,
    build: ({ builder, ranges }: ConstraintSystem, inputs: readonly LinearCombination[]) => {
      const firstWord = builder.allocate(wordCount);
      constrainWords({ builder, ranges }, count, (i) => inputs[i] as LinearCombination, { firstWord, elementsPerWord, elementBytes, least });
      return Array.from({ length: wordCount }, (_, i) => wire(firstWord + i));
    },
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => {
      words(input, elementsPerWord, elementBytes, least).forEach((word, i) => sink.setWide(first + i, word));
      return first + wordCount;
    },
    inputs,
    rows: packRows(count, { elementsPerWord }),
  };
}

describe('pack', () => {
  it('elements determine the words, two words, signed and unsigned; every row is needed', () => {
    for (const least of [0n, -128n]) {
      const sizes = { count: 3, elementsPerWord: 2, elementBytes: 1, least };
      const edge = [least, least + 1n, 0n, least + 255n].map(Number);
      const inputs = edge.flatMap((a) => edge.flatMap((b) => edge.map((c) => [a, b, c])));
      assertSound({ ...packing(sizes, inputs), expected: (input) => words(input, 2, 1, least).map(Number) });
    }
  });

  it('a word determines its elements, each forced into its type', () => {
    for (const least of [0, -128]) {
      const trial = {
        prime: 131_071,
        build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => {
          const elements = [0, 1].map(() => constrainInput(cs, { lo: least, hi: least + 255 }));
          constrainWords(cs, 2, (i) => elements[i] as LinearCombination, { firstWord: inputs[0]?.wires[0] as number, elementsPerWord: 2, elementBytes: 1, least: BigInt(least) });
          return elements;
        },
        inputs: [0, 1, 255, 256, 40_000, 65_535, 65_536, 131_070].map((word) => [word]),
        expected: ([word]: readonly number[]) => ((word as number) > 65_535 ? undefined : [Math.floor((word as number) / 256) + least, ((word as number) % 256) + least]),
      };
      assert.deepEqual(wrongInputs(trial), []);
    }
  });

  it('full words of 31 bytes', () => {
    for (const [elementBytes, least, elementsPerWord] of [
      [1, 0n, 31],
      [1, -128n, 31],
      [2, -32_768n, 15],
      [4, -(2n ** 31n), 7],
    ] as const) {
      const value = fc.bigInt({ min: least, max: least + 256n ** BigInt(elementBytes) - 1n }).map(Number);
      fc.assert(
        fc.property(fc.array(value, { minLength: 70, maxLength: 70 }), (elements) => {
          const sizes = { count: 70, elementsPerWord, elementBytes, least };
          const expected = words(elements, elementsPerWord, elementBytes, least);
          assert.ok(expected.every((word) => word < 2n ** 248n));
          assertHonest({ ...packing(sizes, [elements]), expected: () => expected });
        }),
        { numRuns: 20 },
      );
    }
  });

  it('the context has a row of its own', () => {
    const trial = {
      prime: 101,
      build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => {
        const square = cs.builder.wireCount;
        constrainContext(cs, inputs[0]?.wires[0] as number);
        return [wire(square)];
      },
      inputs: Array.from({ length: 101 }, (_, context) => [context]),
      expected: ([context]: readonly number[]) => [(context as number) ** 2],
    };
    assertSound(trial);
  });

  it('rows', () => {
    assert.deepEqual([1, 31, 32, 784].map((count) => packRows(count, { elementsPerWord: 31 })), [1, 1, 2, 26]);
  });
});
