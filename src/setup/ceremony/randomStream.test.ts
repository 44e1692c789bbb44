import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, it } from 'node:test';
import { bn254 } from '@noble/curves/bn254.js';
import { snarkjs, terminateSnarkjs } from '../../../test/support/snarkjs.js';
import { seeded } from '../../../test/support/seeded.js';
import { isInfinity, toG1, toG2 } from '../pairingChecks.js';
import { RandomStream } from './randomStream.js';

after(terminateSnarkjs);

/** What is used here of snarkjs's curve and of the generator that it draws from. */
interface Group {
  fromRng(generator: object): Uint8Array;
  toObject(element: Uint8Array): unknown;
  toAffine(element: Uint8Array): Uint8Array;
}
interface Curve {
  readonly Fr: Group;
  readonly G1: Group;
  readonly G2: Group;
}
const { ChaCha } = createRequire(createRequire(import.meta.url).resolve('snarkjs'))('ffjavascript') as { ChaCha: new (seed: number[]) => object };

it('draws the scalars and points that snarkjs draws from the same seed', async () => {
  const { Fr, G1, G2 } = (await snarkjs.curves.getCurveFromName('bn128')) as unknown as Curve;
  const random = seeded(7);
  for (let round = 0; round < 8; round++) {
    const seed = Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256));
    const words = new DataView(seed.buffer);
    const theirs = new ChaCha(Array.from({ length: 8 }, (_, index) => words.getUint32(4 * index)));
    const ours = new RandomStream(seed);
    assert.equal(ours.scalar(), Fr.toObject(Fr.fromRng(theirs)));
    const g1 = ours.g1();
    assert.deepEqual([g1.x, g1.y, 1n], G1.toObject(G1.fromRng(theirs)));
    assert.ok(!isInfinity(toG1(g1)));
    const g2 = ours.g2();
    assert.deepEqual([[...g2.x], [...g2.y], [1n, 0n]], G2.toObject(G2.toAffine(G2.fromRng(theirs))));
    // In the subgroup, which the library checks.
    assert.ok(!toG2(g2).equals(bn254.G2.Point.ZERO));
  }
});
