import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { bindShapes } from '../onnx/bindShapes.js';
import { inferTypes } from '../onnx/inferShapes.js';
import { normalise } from '../onnx/normalise.js';
import { readModel } from '../onnx/readModel.js';
import { compareWithOriginal } from './compare.js';

const folder = join(process.cwd(), 'examples', 'digits');
const { images } = JSON.parse(readFileSync(join(folder, 'digits.json'), 'utf8')) as { images: number[][] };
const data = Float32Array.from(images.flat(), (pixel) => pixel / 16);
const shape = [images.length, 1, 8, 8];
const inputs = [new Map([['input', { type: 'float32' as const, shape, data }]])];

describe('the digits models, all images', () => {
  for (const network of ['mlp', 'cnn']) {
    for (const type of ['uint8', 'int8']) {
      for (const format of ['qoperator', 'qdq']) {
        it(`${network}.${type}.${format}`, async () => {
          const path = join(folder, `${network}.${type}.${format}.onnx`);
          const original = inferTypes(bindShapes(readModel(path).graph, { batch: images.length }));
          const canonical = normalise(original);
          for (const optimisation of ['disabled', 'all'] as const) {
            const { elements, differing, first } = await compareWithOriginal({ model: { path }, original, canonical, inputs, optimisation });
            assert.equal(elements, images.length * 10);
            // A QDQ file has float32 sums without optimisation, which round differently now and then; a QOperator file never differs.
            if (format === 'qoperator') assert.equal(differing, 0);
            else assert.ok(differing <= elements / 1000, `${differing} of ${elements} differ`);
            if (optimisation === 'disabled') assert.equal(first === undefined, differing === 0);
            if (differing > 0) console.log(`# ${path}, optimisation ${optimisation}: ${differing} of ${elements} output elements differ, first at node ${first?.node}`);
          }
        });
      }
    }
  }
});
