/** How far the outputs of a quantized model lie from those of the float one, over some of the calibration inputs. */
import type { Tensor } from '../onnx/graph.js';
import { run, withSession } from '../runtime/session.js';
import type { InputSet } from './calibration/calibrationInputs.js';

/** Inferences over which outputs are compared. */
const MOST_INFERENCES = 256;

/**
 * The batches over which outputs are compared, evenly from all.
 * @param size inferences in one batch
 */
export function comparedBatches(batches: readonly InputSet[], size: number): InputSet[] {
  const count = Math.min(batches.length, Math.ceil(MOST_INFERENCES / size));
  return Array.from({ length: count }, (_, index) => batches[Math.floor((index * batches.length) / count)] as InputSet);
}

/**
 * The root mean square of the difference by that of the expected values, of the float output where it is largest.
 * @param expected for each batch, the outputs of the float model
 */
export async function outputError(model: Uint8Array, expected: ReadonlyMap<InputSet, ReadonlyMap<string, Tensor>>): Promise<number> {
  const powers = new Map<string, { signal: number; noise: number }>();
  await withSession({ bytes: model }, async (session) => {
    for (const [batch, outputs] of expected) {
      const found = await run(session, batch);
      for (const [name, { type, data }] of outputs) {
        if (type !== 'float32') continue;
        const power = powers.get(name) ?? { signal: 0, noise: 0 };
        const own = found.get(name)?.data as Float32Array;
        (data as Float32Array).forEach((value, at) => {
          power.signal += value ** 2;
          power.noise += (value - (own[at] as number)) ** 2;
        });
        powers.set(name, power);
      }
    }
  });
  return [...powers.values()].reduce((worst, { signal, noise }) => Math.max(worst, noise === 0 ? 0 : Math.sqrt(noise / Math.max(signal, 1e-30))), 0);
}
