import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { quantizeModel } from '../../src/quantize/quantizeModel.js';
import { readDigits } from '../support/digits.js';
import { FLOAT_EXAMPLES, assertSameEverywhere, calibration, randomImages } from './quantized.js';

const RANDOM = 10_000;

describe(`what quantize makes has the same bits everywhere, on ${RANDOM} random images and all held-out ones`, () => {
  const { images, heldOut } = readDigits();
  for (const name of FLOAT_EXAMPLES) {
    it(name, async (test) => {
      const { model } = await quantizeModel({ model: readFileSync(`examples/digits/${name}.float.onnx`), calibration: calibration(Infinity) });
      const compared = await assertSameEverywhere({ model, images: [...heldOut.map((index) => images[index] as Float32Array), ...randomImages(RANDOM, 11)], checkEvery: 1000 });
      test.diagnostic(`${name}: ${compared} outputs: ONNX Runtime and its WebAssembly, optimisation off and on, and the circuit agree`);
      assert.equal(compared, (RANDOM + heldOut.length) * (name === 'autoencoder' ? 64 : 10));
    });
  }
});
