import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { quantizeModel } from '../../src/quantize/quantizeModel.js';
import { readDigits } from '../support/digits.js';
import { FLOAT_EXAMPLES, assertSameEverywhere, calibration, randomImages } from './quantized.js';

describe('what quantize makes has the same bits everywhere', () => {
  const { images, heldOut } = readDigits();
  for (const name of FLOAT_EXAMPLES) {
    it(name, async () => {
      const { model } = await quantizeModel({ model: readFileSync(`examples/digits/${name}.float.onnx`), calibration: calibration(200) });
      const compared = await assertSameEverywhere({ model, images: [...heldOut.slice(0, 8).map((index) => images[index] as Float32Array), ...randomImages(8, 7)], checkEvery: 16 });
      assert.equal(compared, 16 * (name === 'autoencoder' ? 64 : 10));
    });
  }
});
