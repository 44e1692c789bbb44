/**
 * The second oracle: the same ONNX Runtime compiled to WebAssembly, whose arithmetic is the same on every processor. Its files are in
 * the package; one thread, nothing is fetched.
 */
import * as web from 'onnxruntime-web';
import type { ElementType, Tensor, TensorData } from '../../src/onnx/graph.js';
import type { Optimisation } from '../../src/runtime/session.js';

web.env.wasm.numThreads = 1;

/** Errors of this severity and above are printed. All else is in the exceptions. */
const LOG_FATAL_ONLY = 4;

/**
 * Runs a model on each set of inputs, with graph optimisation off unless it is asked for.
 * @returns the outputs of each run, by name
 * @throws Error with what ONNX Runtime said
 */
export async function runOnWeb(bytes: Uint8Array, inputSets: readonly ReadonlyMap<string, Tensor>[], optimisation: Optimisation = 'disabled'): Promise<Map<string, Tensor>[]> {
  const session = await web.InferenceSession.create(bytes, { executionProviders: ['wasm'], graphOptimizationLevel: optimisation, logSeverityLevel: LOG_FATAL_ONLY });
  try {
    const runs: Map<string, Tensor>[] = [];
    for (const inputs of inputSets) {
      const feeds = Object.fromEntries(session.inputNames.map((name) => [name, webTensor(name, inputs.get(name))]));
      const results = await session.run(feeds);
      runs.push(new Map(session.outputNames.map((name) => [name, ownTensor(results[name] as web.Tensor)])));
    }
    return runs;
  } finally {
    await session.release();
  }
}

function webTensor(name: string, tensor: Tensor | undefined): web.Tensor {
  if (tensor === undefined) throw new Error(`the input '${name}' was not given`);
  return new web.Tensor(tensor.type as 'float32', tensor.data as Float32Array, [...tensor.shape]);
}

function ownTensor({ type, dims, data }: web.Tensor): Tensor {
  return { type: type as ElementType, shape: [...dims], data: data as TensorData };
}
