import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FIELD_PRIME } from '../r1cs/field.js';
import { packPublic, parseContext, publicBytes, unpackPublic, type TensorsByName } from './packing.js';
import { contextOffset, elementBytes, elementCount, elementsPerWord, isSigned, parsePublicLayout, publicLayout, signalCount, wordCount, type PublicType, type UnplacedTensor } from './publicLayout.js';

const TYPES = ['bool', 'uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64'] as const satisfies readonly PublicType[];

function range(type: PublicType): { min: bigint; max: bigint } {
  if (type === 'bool') return { min: 0n, max: 1n };
  const bits = BigInt(8 * elementBytes(type));
  return isSigned(type) ? { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n } : { min: 0n, max: (1n << bits) - 1n };
}

const tensor = fc
  .record({ type: fc.constantFrom(...TYPES), shape: fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }) })
  .chain((shape) => {
    const count = elementCount(shape);
    return fc.record({ ...{ type: fc.constant(shape.type), shape: fc.constant(shape.shape) }, values: fc.array(fc.bigInt(range(shape.type)), { minLength: count, maxLength: count }) });
  });

interface Example {
  readonly type: PublicType;
  readonly shape: readonly number[];
  readonly values: readonly bigint[];
}

function named(examples: readonly Example[], prefix: string): { tensors: UnplacedTensor[]; values: TensorsByName } {
  return {
    tensors: examples.map(({ type, shape }, index) => ({ name: `${prefix}${index}`, type, shape })),
    values: Object.fromEntries(examples.map(({ values }, index) => [`${prefix}${index}`, values])),
  };
}

describe('public layout, version 1', () => {
  it('gives words to outputs, then the context, then inputs; each tensor its own', () => {
    const layout = publicLayout({
      outputs: [{ name: 'class', type: 'int64', shape: [1] }, { name: 'scores', type: 'int8', shape: [1, 32] }],
      inputs: [{ name: 'image', type: 'uint8', shape: [1, 1, 8, 8] }, { name: 'scale', type: 'int16', shape: [] }],
    });
    assert.deepEqual([...layout.outputs, ...layout.inputs].map(({ offset }) => offset), [0, 1, 4, 7]);
    assert.equal(contextOffset(layout), 3);
    assert.equal(signalCount(layout), 8);
    assert.deepEqual(TYPES.map(elementsPerWord), [31, 31, 31, 15, 15, 7, 7, 3, 3]);
    assert.deepEqual(parsePublicLayout(JSON.parse(JSON.stringify(layout))), layout);
  });

  it('packs as written in its description', () => {
    const layout = publicLayout({ outputs: [{ name: 'y', type: 'int8', shape: [3] }], inputs: [{ name: 'x', type: 'uint8', shape: [32] }, { name: 'z', type: 'int16', shape: [2] }] });
    const x = Uint8Array.from({ length: 32 }, (_, index) => index + 1);
    assert.deepEqual(packPublic({ layout, outputs: { y: Int8Array.of(-128, 0, 127) }, context: '0x0a', inputs: { x, z: [-1, 256] } }), [
      0x0080ffn,
      10n,
      0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fn,
      0x20n,
      0x7fff8100n,
    ]);
    assert.equal(Buffer.from(publicBytes({ tensors: layout.outputs, values: { y: [-128, 0, 127] } })).toString('hex'), '80007f');
    assert.equal(Buffer.from(publicBytes({ tensors: layout.inputs.slice(1), values: { z: [-1, 256] } })).toString('hex'), 'ffff0100');
  });

  it('comes back, whatever the types, shapes and values', () => {
    fc.assert(
      fc.property(fc.array(tensor, { maxLength: 4 }), fc.array(tensor, { maxLength: 4 }), fc.bigInt({ min: 0n, max: FIELD_PRIME - 1n }), (outputExamples, inputExamples, context) => {
        const [outputs, inputs] = [named(outputExamples, 'y'), named(inputExamples, 'x')];
        const layout = publicLayout({ outputs: outputs.tensors, inputs: inputs.tensors });
        const publicSignals = packPublic({ layout, outputs: outputs.values, context, inputs: inputs.values });
        assert.equal(publicSignals.length, signalCount(layout));
        assert.ok(publicSignals.every((signal, index) => index === contextOffset(layout) || signal < 1n << 248n));
        const unpacked = unpackPublic({ layout, publicSignals: publicSignals.map(String) });
        assert.equal(unpacked.context, context);
        for (const [examples, found, prefix] of [[outputExamples, unpacked.outputs, 'y'], [inputExamples, unpacked.inputs, 'x']] as const) {
          examples.forEach(({ values }, index) => assert.deepEqual(Array.from(found[`${prefix}${index}`] as ArrayLike<number | bigint>, BigInt), values));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('makes words that are pieces of the public bytes, with the top bits of signed elements flipped', () => {
    fc.assert(
      fc.property(tensor, (example) => {
        const { tensors, values } = named([example], 'x');
        const layout = publicLayout({ outputs: [], inputs: tensors });
        const words = packPublic({ layout, outputs: {}, context: 0n, inputs: values }).slice(1);
        const bytes = publicBytes({ tensors: layout.inputs, values });
        const size = elementBytes(example.type);
        const perWord = elementsPerWord(example.type) * size;
        words.forEach((word, index) => {
          const piece = bytes.slice(index * perWord, (index + 1) * perWord);
          if (isSigned(example.type)) for (let at = 0; at < piece.length; at += size) piece[at] = (piece[at] as number) ^ 0x80;
          assert.equal(word, BigInt(`0x${Buffer.from(piece).toString('hex')}`));
        });
      }),
      { numRuns: 200 },
    );
  });

  it('rejects words that no values pack to', () => {
    const layout = publicLayout({ outputs: [{ name: 'y', type: 'int8', shape: [3] }], inputs: [{ name: 'x', type: 'bool', shape: [2] }] });
    const good = ['0', '7', '257'];
    assert.deepEqual(unpackPublic({ layout, publicSignals: good }).inputs['x'], Uint8Array.of(1, 1));
    for (const bad of [['16777216', '7', '0'], ['0', '7', '2'], ['0', '7', '65536'], ['0', String(FIELD_PRIME), '0'], ['0', '7'], ['0', '7', '0', '0'], ['x', '7', '0'], ['-1', '7', '0']]) {
      assert.throws(() => unpackPublic({ layout, publicSignals: bad }), { code: 'PROOF_MALFORMED' }, bad.join());
    }
  });

  it('rejects values that the tensors cannot have', () => {
    const layout = publicLayout({ outputs: [], inputs: [{ name: 'x', type: 'int8', shape: [2] }] });
    const pack = (inputs: TensorsByName) => () => packPublic({ layout, outputs: {}, context: 0n, inputs });
    for (const values of [[128, 0], [-129, 0], [0.5, 0], [NaN, 0], [Infinity, 0]]) assert.throws(pack({ x: values }), { code: 'INPUT_RANGE' }, values.join());
    assert.throws(pack({ x: [1] }), { code: 'INPUT_SHAPE' });
    assert.throws(pack({}), { code: 'INPUT_MISSING' });
    assert.throws(pack({ x: [1, 2], y: [1] }), { code: 'INPUT_UNKNOWN' });
  });

  it('takes a context as decimal, hexadecimal or bigint, below r', () => {
    assert.equal(parseContext('0xff'), 255n);
    assert.equal(parseContext('255'), 255n);
    assert.equal(parseContext(`0x${'0'.repeat(62)}ff`), 255n);
    for (const bad of ['', '0x', 'ff', '-1', `0x${'f'.repeat(64)}`, String(FIELD_PRIME), FIELD_PRIME, -1n, '1.5', `0x${'0'.repeat(65)}1`]) {
      assert.throws(() => parseContext(bad), { code: 'PROOF_MALFORMED' }, String(bad));
    }
  });

  it('refuses layouts that are damaged', () => {
    const layout = publicLayout({ outputs: [{ name: 'y', type: 'int8', shape: [3] }], inputs: [{ name: 'x', type: 'uint8', shape: [2] }] });
    const [y] = layout.outputs;
    for (const bad of [
      null,
      {},
      { ...layout, version: 1 },
      { ...layout, visibility: undefined },
      { ...layout, visibility: { ...layout.visibility, inputs: 'secret' } },
      { ...layout, weights: [{ ...y, offset: 2 }] },
      { ...layout, visibility: { ...layout.visibility, weights: 'hashed' } },
      { ...layout, outputs: 'none' },
      { ...layout, outputs: [{ ...y, offset: 1 }] },
      { ...layout, outputs: [{ ...y, type: 'float' }] },
      { ...layout, outputs: [{ ...y, type: 'toString' }] },
      { ...layout, outputs: [{ ...y, shape: [0] }] },
      { ...layout, outputs: [{ ...y, shape: [1e9, 1e9] }] },
      { ...layout, outputs: [y, { ...y, offset: 1 }] },
    ]) {
      assert.throws(() => parsePublicLayout(bad), { code: 'ARTIFACT_MALFORMED' }, JSON.stringify(bad));
    }
    assert.equal(wordCount({ type: 'uint8', shape: [62] }), 2);
  });
});
