import { encodeModel } from '../../onnx/encode.js';
import type { TypedGraph } from '../../onnx/graph.js';
import { throwIfAborted } from '../../errors/index.js';
import { run, withSession } from '../../runtime/session.js';
import type { InputSet } from './calibrationInputs.js';
import { exposed } from './calibrate.js';

/** A tensor and the axis of its channels. */
export interface ChannelTensor {
  readonly name: string;
  readonly axis: number;
}

/** The mean of each channel of each tensor over the calibration inputs. */
export async function channelMeans({ graph, batches, tensors, signal }: { graph: TypedGraph; batches: readonly InputSet[]; tensors: readonly ChannelTensor[]; signal: AbortSignal | undefined }): Promise<Map<string, Float64Array>> {
  const sums = new Map<string, Float64Array>();
  const counts = new Map<string, number>();
  await withSession({ bytes: encodeModel(exposed(graph, tensors.map(({ name }) => name))) }, async (session) => {
    for (const batch of batches) {
      throwIfAborted(signal);
      const results = await run(session, batch);
      for (const { name, axis } of tensors) {
        const tensor = results.get(name) ?? batch.get(name);
        if (tensor === undefined) continue;
        const channels = tensor.shape[axis] as number;
        const inner = tensor.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
        const total = sums.get(name) ?? new Float64Array(channels);
        const values = tensor.data as Float32Array;
        for (let index = 0; index < values.length; index++) {
          const channel = Math.floor(index / inner) % channels;
          total[channel] = (total[channel] as number) + (values[index] as number);
        }
        sums.set(name, total);
        counts.set(name, (counts.get(name) ?? 0) + values.length / channels);
      }
    }
  });
  return new Map([...sums].map(([name, total]) => [name, total.map((sum) => sum / (counts.get(name) as number))]));
}
