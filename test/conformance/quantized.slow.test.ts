// The float node tests of ONNX through the quantizer and the circuit: see quantizedCase.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isZkonnxError } from '../../src/errors/index.js';
import { casesFolder, kindOf, listCases, readCase } from './cases.js';
import { quantizeCase } from './quantizedCase.js';

/**
 * The bound: no output element lies more than two steps of its 8-bit scale from what the float model gives for the inputs as they
 * were rounded. Half a step is the rounding of the output; the rest is for weights of 8 bits, and for rescaling by an integer factor.
 */
const STEPS = 2;

/** Cases beyond the bound, and why; one that keeps to it must be taken off the list. */
const BEYOND: Readonly<Record<string, string>> = {
  test_tan: 'a rounded input lies nearer to the pole than every calibration input, and the output is clipped to the calibrated range',
};

/** Cases that are quantized and proven today, at least. */
const LEAST = 390;

const folder = casesFolder();
const cases = listCases(folder)?.filter((entry) => kindOf(entry) === 'wrapped' && !entry.expanded);

describe('float node tests, quantized', { skip: cases === undefined ? `${folder} is not there` : false }, () => {
  it(`give what the float model gives, to ${STEPS} steps, or are refused`, async (test) => {
    let proven = 0;
    let worst = 0;
    const wrong: string[] = [];
    const refusals = new Map<string, number>();
    for (const entry of cases ?? []) {
      try {
        const { steps } = await quantizeCase(readCase(folder, entry));
        proven++;
        if (steps > STEPS !== Object.hasOwn(BEYOND, entry.name)) wrong.push(`${entry.name}: ${steps} steps`);
        else if (steps <= STEPS) worst = Math.max(worst, steps);
      } catch (error) {
        if (!isZkonnxError(error) || error.code === 'INTERNAL') wrong.push(`${entry.name}: ${String(error)}`);
        else refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1);
      }
    }
    test.diagnostic(`${proven} cases proven, at most ${worst.toFixed(2)} steps off; refused: ${[...refusals].map(([code, count]) => `${code} ${count}`).join(', ')}`);
    assert.deepEqual(wrong, []);
    assert.ok(proven >= LEAST, `${proven} proven`);
  });
});
