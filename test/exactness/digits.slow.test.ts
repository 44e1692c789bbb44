import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { quantizedModels, readDigits } from '../support/digits.js';
import { compareOnImages, isQOperator } from './exactness.js';

describe('the circuit equals ONNX Runtime on all 1,797 digits', () => {
  const { images } = readDigits();
  for (const model of quantizedModels()) {
    it(model, async (test) => {
      const report = await compareOnImages(model, images);
      const share = (count: number) => `${count} of ${report.outputs} (${((100 * count) / report.outputs).toFixed(3)} %)`;
      test.diagnostic(`${model}: circuit ${share(report.circuit)}; own file, optimisation off ${share(report.original.disabled)}, on ${share(report.original.all)} differ`);
      assert.equal(report.outputs, 17_970);
      assert.equal(report.circuit, 0);
      if (isQOperator(model)) assert.deepEqual(report.original, { disabled: 0, all: 0 });
    });
  }
});
