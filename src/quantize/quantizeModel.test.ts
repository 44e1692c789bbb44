import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { bindShapes } from '../onnx/bindShapes.js';
import { decodeModel } from '../onnx/decode.js';
import type { Tensor } from '../onnx/graph.js';
import { inferTypes } from '../onnx/inferShapes.js';
import { normalise } from '../onnx/normalise.js';
import { countDifferences } from '../runtime/compare.js';
import { run, withSession, type Optimisation } from '../runtime/session.js';
import { readDigits } from '../../test/support/digits.js';
import { unportableNodes } from '../workflow/portability.js';
import { quantizeModel } from './quantizeModel.js';

const folder = join('examples', 'digits');
const { images, labels, heldOut } = readDigits();
const unseen = new Set(heldOut);
const calibration = images.filter((_, index) => !unseen.has(index)).slice(0, 300).map((data) => ({ input: { type: 'float32' as const, shape: [1, 1, 8, 8], data } }));
const batch: Tensor = { type: 'float32', shape: [heldOut.length, 1, 8, 8], data: Float32Array.from(heldOut.flatMap((index) => [...(images[index] as Float32Array)])) };

async function outputOf(bytes: Uint8Array, optimisation: Optimisation = 'disabled'): Promise<Tensor> {
  const results = await withSession({ bytes, optimisation }, (session) => run(session, new Map([['input', batch]])));
  return [...results.values()][0] as Tensor;
}

function correct({ data, shape }: Tensor): number {
  const classes = shape[1] as number;
  return heldOut.filter((image, row) => {
    const scores = Array.from({ length: classes }, (_, index) => data[row * classes + index] as number);
    return scores.indexOf(Math.max(...scores)) === labels[image];
  }).length;
}

function signalToNoise(expected: Tensor, found: Tensor): number {
  let [signal, noise] = [0, 0];
  (expected.data as Float32Array).forEach((value, index) => {
    signal += value ** 2;
    noise += (value - (found.data[index] as number)) ** 2;
  });
  return 10 * Math.log10(signal / noise);
}

describe('float models of the digits', () => {
  for (const { name, decibels } of [{ name: 'mlp', decibels: 41.5 }, { name: 'cnn', decibels: 40.5 }, { name: 'resnet', decibels: 33.5 }, { name: 'separable', decibels: 27 }, { name: 'autoencoder', decibels: 34.5 }]) {
    const path = join(folder, `${name}.float.onnx`);
    it(`${name}: portable, the same bits with optimisation off and on, hardly less accurate`, { skip: existsSync(path) ? false : `${path} is not there` }, async () => {
      const model = readFileSync(path);
      const quantized = await quantizeModel({ model, calibration });
      assert.deepEqual(quantized.warnings, []);
      const canonical = normalise(inferTypes(bindShapes(decodeModel({ bytes: quantized.model }))));
      assert.deepEqual(unportableNodes(canonical.graph), []);
      const [expected, found] = [await outputOf(model), await outputOf(quantized.model)];
      assert.equal(countDifferences(found, await outputOf(quantized.model, 'all')), 0);
      assert.ok(signalToNoise(expected, found) > decibels, `${signalToNoise(expected, found)} dB`);
      if (name !== 'autoencoder') assert.ok(correct(found) >= correct(expected) - 1, `${correct(found)} of ${correct(expected)}`);
    });
  }
});
