import { QUANTIZED_RANGE, newTensorData } from '../onnx/elementType.js';
import { elementCount, type Tensor } from '../onnx/graph.js';
import type { ModelInterface } from '../artifacts/index.js';

/** Integers that a sample input may have when nothing says more. */
const RANGE: Readonly<Record<string, { readonly lo: number; readonly hi: number }>> = { ...QUANTIZED_RANGE, bool: { lo: 0, hi: 1 } };

/**
 * Inputs drawn evenly from the range that the model can tell apart: for a float input that is what QuantizeLinear does not clip.
 * The same model gives the same samples.
 */
export function* sampleInputs({ inputs, entries }: Pick<ModelInterface, 'inputs' | 'entries'>, count: number): Generator<ReadonlyMap<string, Tensor>> {
  const random = generator();
  for (let sample = 0; sample < count; sample++) {
    yield new Map(
      inputs.map(({ name, type, shape }) => {
        const entry = entries.find(({ input }) => input === name);
        const { lo, hi } = entry === undefined ? (RANGE[type] ?? { lo: 0, hi: 255 }) : QUANTIZED_RANGE[entry.type];
        const data = newTensorData(type, elementCount(shape));
        for (let index = 0; index < data.length; index++) {
          const value = entry === undefined ? lo + Math.floor(random() * (hi - lo + 1)) : (lo - entry.zeroPoint + random() * (hi - lo)) * entry.scale;
          data[index] = (data instanceof BigInt64Array || data instanceof BigUint64Array ? BigInt(value) : value) as never;
        }
        return [name, { type, shape, data }];
      }),
    );
  }
}

/** Numbers in [0, 1): a linear congruential generator (Knuth's MMIX constants), fixed seed. */
function generator(): () => number {
  let state = 1n;
  return () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    return Number(state >> 11n) / 2 ** 53;
  };
}
