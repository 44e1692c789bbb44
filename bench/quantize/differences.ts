import { run, withSession } from '../../src/runtime/session.js';
import { largest } from '../../src/quantize/drift/outputStatistics.js';
import type { InputSet } from './examples.js';

/** An image to which the quantized model gives another class than the float model. */
export interface Difference {
  /** The number of the held-out image, from 0. */
  readonly image: number;
  readonly float: number;
  readonly quantized: number;
  readonly label: number;
  /** By how much the float model's first score leads its second, relative to the root mean square of all its scores. */
  readonly lead: number;
}

/** The images for which two classifiers differ. */
export async function findDifferences({ float, quantized, images, labels }: { float: Uint8Array; quantized: Uint8Array; images: readonly InputSet[]; labels: readonly number[] }): Promise<Difference[]> {
  const [expected, found] = [await scores(float, images), await scores(quantized, images)];
  const all = expected.flatMap((values) => [...values]);
  const size = Math.sqrt(all.reduce((sum, value) => sum + value ** 2, 0) / all.length);
  return expected.flatMap((values, image) => {
    const [own, other] = [largest(values), largest(found[image] as Float32Array)];
    const [first = 0, second = 0] = [...values].sort((a, b) => b - a);
    return own === other ? [] : [{ image, float: own, quantized: other, label: labels[image] as number, lead: (first - second) / size }];
  });
}

function scores(bytes: Uint8Array, images: readonly InputSet[]): Promise<Float32Array[]> {
  return withSession({ bytes }, async (session) => {
    const results: Float32Array[] = [];
    for (const image of images) results.push([...(await run(session, image)).values()][0]?.data as Float32Array);
    return results;
  });
}
