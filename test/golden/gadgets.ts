/** Rows of every gadget at sizes that models have: what `scripts/golden.ts` writes, and a test compares. */
import { affineStepRows } from '../../circuits/affineStep.js';
import { argmaxRows } from '../../circuits/argmax.js';
import { bilinearRows } from '../../circuits/bilinear.js';
import { bitsRows } from '../../circuits/bits.js';
import { commitmentRows } from '../../circuits/commitment.js';
import { notNegativeRows } from '../../circuits/compare.js';
import { divideRows } from '../../circuits/divide.js';
import { ZERO_TEST_ROWS } from '../../circuits/equal.js';
import { fitRows } from '../../circuits/fit.js';
import { inputRows } from '../../circuits/input.js';
import { maxRows } from '../../circuits/max.js';
import { mintermRows } from '../../circuits/minterms.js';
import { packRows } from '../../circuits/pack.js';
import { packedSumsRows, packing } from '../../circuits/packedProducts.js';
import { poseidonRows } from '../../circuits/poseidon.js';
import { productsRows } from '../../circuits/products.js';
import { quotientLevelRows } from '../../circuits/quotientLevel.js';
import { checkRows } from '../../circuits/range.js';
import { SELECT_ROWS } from '../../circuits/select.js';
import { significantRows } from '../../circuits/significant.js';
import { tableRows } from '../../circuits/table.js';
import { thresholdStepRows } from '../../circuits/thresholdStep.js';
import { poseidonRounds } from '../../src/poseidon/parameters.js';

const INT8 = { lo: -128, hi: 127 };
const INT32 = { lo: -(2 ** 31), hi: 2 ** 31 - 1 };

export function gadgetRows(): Record<string, number> {
  const rescaling = { m: 181, b: 40_123, d: 9_731, span: 255, lo: -128 };
  const sums = { lo: -(2 ** 20), hi: 2 ** 20 - 1 };
  return {
    'range check of 8 bits': checkRows(255),
    'range check of 32 bits': checkRows(2 ** 32 - 1),
    'input, int8': inputRows(INT8),
    'rescaling to int8, no end reached': affineStepRows({ ...rescaling, xLo: -200, xHi: 9_000 }),
    'rescaling to int8, both ends': affineStepRows({ ...rescaling, xLo: -80_000, xHi: 80_000 }),
    'rescaling to int8 by thresholds': thresholdStepRows({ lo: -128, thresholds: Int32Array.from({ length: 255 }, (_, i) => 1_000 * i - 120_000), xLo: -200_000, xHi: 200_000 }),
    'table of 256': tableRows({ lo: -128, values: new Float64Array(256) }),
    'minterms of 4 bits': mintermRows(4),
    'maximum of 4, int8': maxRows(4, INT8),
    'argmax of 10, int8': argmaxRows(10, { ...INT8, selectLast: false, minimum: false }),
    'sign of 33 bits': notNegativeRows({ lo: -(2 ** 32) + 1, hi: 2 ** 32 - 1 }),
    'test for zero': ZERO_TEST_ROWS,
    select: SELECT_ROWS,
    'bits of int8': bitsRows({ width: 8, signed: true }),
    'bits of int32': bitsRows({ width: 32, signed: true }),
    'quotient of int8 by int8, truncated': divideRows({ aLo: -128, aHi: 127, dLo: -128, dHi: 127, rounding: 'truncate', result: 'quotient' }),
    'quotient of int32 by 1,000, floor': divideRows({ aLo: INT32.lo, aHi: INT32.hi, dLo: 1000, dHi: 1000, rounding: 'floor', result: 'quotient' }),
    'sum of int32 that wraps, without the equation': fitRows({ mode: 'wrap', ...INT32, qLo: -1, qHi: 1 }),
    'product of booleans': bilinearRows({ product: 1, left: 0, right: 0, constant: 0, fit: { mode: 'exact' } }),
    'sum of 9 products': productsRows(9),
    '9 sums of 64 products by hidden weights': packedSumsRows(64, 9, { ...sums, stride: packing(sums.lo, sums.hi).stride }),
    '24 significant bits of 32': significantRows({ precision: 24, excess: 8 }),
    'level of a quotient, 256 levels': quotientLevelRows({ thresholds: Array.from({ length: 257 }, (_, i) => 4 * i), shift: 10, largest: 2n ** 31n }),
    'words of 31 bytes, of 784': packRows(784, { elementsPerWord: 31 }),
    'Poseidon of 16': poseidonRows(poseidonRounds(16), 0),
    'commitment of 100 elements': commitmentRows(3, 100),
  };
}
