import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { quantizedModels, readDigits } from '../support/digits.js';
import { compareOnImages, isQOperator } from './exactness.js';

describe('the circuit equals ONNX Runtime on some digits', () => {
  const { images, heldOut } = readDigits();
  const some = heldOut.slice(0, 12).map((index) => images[index] as Float32Array);
  for (const model of quantizedModels()) {
    it(model, async () => {
      const report = await compareOnImages(model, some);
      assert.equal(report.outputs, 120);
      assert.equal(report.circuit, 0);
      if (isQOperator(model)) assert.deepEqual(report.original, { disabled: 0, all: 0 });
    });
  }
});
