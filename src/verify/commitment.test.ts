import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { FIELD_PRIME } from '../r1cs/field.js';
import { referencePoseidon } from '../../test/support/referencePoseidon.js';
import { commit } from './commitment.js';
import { commitmentText, parseCommitment } from './fieldElement.js';
import { contractBytes, packPublic, unpackPublic } from './packing.js';
import { publicLayout, signalCount, type PublicTensor } from './publicLayout.js';

const hex = (value: number, bytes: number): string => value.toString(16).padStart(2 * bytes, '0');
const big = (digits: string): bigint => BigInt(`0x${digits}`);
/** `zkonnx`, version 1. */
const TAG = '7a6b6f6e6e7801';
const tensor = (name: string, type: PublicTensor['type'], ...shape: number[]): PublicTensor => ({ name, type, shape, offset: 0 });

describe('commit', () => {
  let hash: (inputs: readonly bigint[]) => bigint;
  before(async () => {
    hash = await referencePoseidon();
  });

  it('hashes the tag, what the tensors are, the salt and the words', () => {
    const tensors = [tensor('y', 'int8', 1, 3), tensor('z', 'uint16', 2)];
    const values = { y: [-128, 0, 127], z: [1, 65_535] };
    const header = (kind: string): bigint => big(`${TAG}${kind}${hex(2, 4)}${hex(2, 8)}`);
    const rest = [big(`02${hex(3, 6)}03${hex(2, 6)}`), 77n, big('0080ff'), big('0001ffff')];
    assert.equal(commit({ part: 'outputs', tensors, values, salt: 77n }), hash([header('01'), ...rest]));
    assert.equal(commit({ part: 'inputs', tensors, values, salt: 77n }), hash([header('01'), ...rest]), 'outputs chain into inputs');
    assert.equal(commit({ part: 'weights', tensors, values, salt: 77n }), hash([header('02'), ...rest]));
  });

  it('describes four tensors to a word, and goes on block by block', () => {
    const tensors = Array.from({ length: 5 }, (_, i) => tensor(`t${i}`, 'uint8', 62));
    const values = Object.fromEntries(tensors.map(({ name }, i) => [name, new Uint8Array(62).fill(i)]));
    const word = (i: number): bigint => big(hex(i, 1).repeat(31));
    const description = `01${hex(62, 6)}`;
    const elements = [big(`${TAG}01${hex(5, 4)}${hex(10, 8)}`), big(description.repeat(4)), big(description), 0n, ...tensors.flatMap((_, i) => [word(i), word(i)])];
    assert.equal(elements.length, 14);
    assert.equal(commit({ part: 'inputs', tensors, values, salt: 0n }), hash(elements));
    const long = [tensor('x', 'uint8', 31 * 20)];
    const many = [big(`${TAG}01${hex(1, 4)}${hex(20, 8)}`), big(`01${hex(620, 6)}`), 5n, ...Array.from({ length: 20 }, () => word(9))];
    assert.equal(commit({ part: 'inputs', tensors: long, values: { x: new Uint8Array(620).fill(9) }, salt: 5n }), hash([hash(many.slice(0, 16)), ...many.slice(16)]));
  });

  it('differs for other values, types, lengths, divisions into tensors, kinds and salts', () => {
    const commitments = [
      commit({ part: 'inputs', tensors: [tensor('x', 'uint8', 2)], values: { x: [1, 2] }, salt: 0n }),
      commit({ part: 'inputs', tensors: [tensor('x', 'uint8', 2)], values: { x: [2, 1] }, salt: 0n }),
      commit({ part: 'inputs', tensors: [tensor('x', 'uint8', 2)], values: { x: [1, 2] }, salt: 1n }),
      commit({ part: 'weights', tensors: [tensor('x', 'uint8', 2)], values: { x: [1, 2] }, salt: 0n }),
      // The same word: 1 + 128, 2 + 128.
      commit({ part: 'inputs', tensors: [tensor('x', 'uint8', 2)], values: { x: [129, 130] }, salt: 0n }),
      commit({ part: 'inputs', tensors: [tensor('x', 'int8', 2)], values: { x: [1, 2] }, salt: 0n }),
      commit({ part: 'inputs', tensors: [tensor('x', 'uint8', 3)], values: { x: [0, 1, 2] }, salt: 0n }),
      commit({ part: 'inputs', tensors: [tensor('x', 'uint8', 1), tensor('y', 'uint8', 1)], values: { x: [1], y: [2] }, salt: 0n }),
    ];
    assert.equal(new Set(commitments).size, commitments.length);
  });

  it('does not depend on names and shapes', () => {
    const one = commit({ part: 'outputs', tensors: [tensor('x', 'uint8', 1, 4)], values: { x: [1, 2, 3, 4] }, salt: 3n });
    assert.equal(commit({ part: 'inputs', tensors: [tensor('y', 'uint8', 2, 2)], values: { y: [1, 2, 3, 4] }, salt: 3n }), one);
  });

  it('refuses salts outside of the field', () => {
    assert.throws(() => commit({ part: 'inputs', tensors: [], values: {}, salt: FIELD_PRIME }), RangeError);
  });
});

describe('commitments among the public signals', () => {
  const y = { name: 'y', type: 'int8', shape: [3] } as const;
  const x = { name: 'x', type: 'uint8', shape: [40] } as const;
  const w = { name: 'w', type: 'int8', shape: [4] } as const;

  it('stand in the place of the words, weights last', () => {
    const layout = publicLayout({ visibility: { inputs: 'hashed', outputs: 'hashed', weights: 'hashed' }, outputs: [y], inputs: [x], weights: [w] });
    assert.equal(signalCount(layout), 4);
    const commitments = { outputs: 11n, inputs: '0x16', weights: '33' };
    const publicSignals = packPublic({ layout, context: 5n, commitments });
    assert.deepEqual(publicSignals, [11n, 5n, 22n, 33n]);
    assert.deepEqual(unpackPublic({ layout, publicSignals }), { outputs: {}, inputs: {}, context: 5n, commitments: { outputs: 11n, inputs: 22n, weights: 33n } });
    assert.equal(Buffer.from(contractBytes({ layout, side: 'inputs', commitments })).toString('hex'), `${hex(22, 32)}${hex(33, 32)}`);
    assert.equal(Buffer.from(contractBytes({ layout, side: 'outputs', commitments })).toString('hex'), hex(11, 32));
  });

  it('private tensors have no signal, public ones keep their words', () => {
    const layout = publicLayout({ visibility: { inputs: 'public', outputs: 'private', weights: 'hashed' }, outputs: [y], inputs: [x], weights: [w] });
    assert.equal(signalCount(layout), 4);
    const values = { x: new Uint8Array(40).fill(1) };
    assert.deepEqual(packPublic({ layout, context: 5n, inputs: values, commitments: { weights: 33n } }), [5n, big('01'.repeat(31)), big('01'.repeat(9)), 33n]);
    assert.equal(contractBytes({ layout, side: 'inputs', values, commitments: { weights: 33n } }).length, 72);
    assert.equal(contractBytes({ layout, side: 'outputs' }).length, 0);
  });

  it('are asked for exactly where something is hashed, and values where they are public', () => {
    const layout = publicLayout({ visibility: { inputs: 'hashed', outputs: 'private', weights: 'fixed' }, outputs: [y], inputs: [x] });
    assert.throws(() => packPublic({ layout, context: 0n }), { code: 'PROOF_MALFORMED' });
    assert.throws(() => packPublic({ layout, context: 0n, commitments: { inputs: FIELD_PRIME } }), { code: 'PROOF_MALFORMED' });
    assert.throws(() => packPublic({ layout, context: 0n, commitments: { inputs: 1n, outputs: 1n } }), { code: 'PROOF_MALFORMED' });
    assert.throws(() => packPublic({ layout, context: 0n, commitments: { inputs: 1n }, outputs: { y: [1, 2, 3] } }), { code: 'INPUT_UNKNOWN' });
  });

  it('are written as 0x and 64 digits, and read as contexts are', () => {
    assert.equal(commitmentText(255n), `0x${'0'.repeat(62)}ff`);
    assert.deepEqual(['0xff', '255', 255n].map((text) => parseCommitment(text)), [255n, 255n, 255n]);
    for (const bad of ['', '-1', '0x', 'ff', String(FIELD_PRIME)]) assert.throws(() => parseCommitment(bad), { code: 'PROOF_MALFORMED' });
  });
});
