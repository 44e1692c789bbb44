import { modelName } from '../artifacts/index.js';
import { throwIfAborted } from '../errors/index.js';
import type { Tensor } from '../onnx/graph.js';
import { compareWithOriginal, type Comparison } from '../runtime/compare.js';
import { unportableNodes, type UnportableNode } from './portability.js';
import { runModelTask } from './modelTask.js';
import type { NodeCost } from './nodeCost.js';
import type { WorkflowOptions } from './progress.js';
import { readProofInputs, type InputSource } from './proofInputs.js';
import { interfaceOf, readCore } from './readCore.js';
import { sampleInputs } from './sampleInputs.js';

export interface CheckModelParameters extends WorkflowOptions {
  /** Path of a quantized ONNX file. */
  readonly model: string;
  /** Size of a symbolic leading dimension; default 1. */
  readonly batch?: number | undefined;
  /** Inputs to compare on; default: `samples` inputs drawn from the range of the model. */
  readonly inputs?: readonly InputSource[] | undefined;
  /** Default 8. */
  readonly samples?: number | undefined;
}

/** A tensor at the edge of the model. */
export interface Edge {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
}

export interface CheckModelReturnType {
  readonly model: { readonly name: string; readonly sha256: string };
  readonly opset: number;
  readonly inputs: readonly Edge[];
  readonly outputs: readonly Edge[];
  /** Inputs and nodes of the canonical graph, with what they cost. */
  readonly nodes: readonly NodeCost[];
  readonly rows: number;
  readonly publicSignals: number;
  /** Bytes of memory that compilation takes, about. */
  readonly memory: number;
  /** Empty for a portable model. */
  readonly unportable: readonly UnportableNode[];
  /** The user's file against what is proven, in ONNX Runtime, with graph optimisation off and on. */
  readonly comparisons: readonly Comparison[];
}

/**
 * Says whether a model can be proven, what it costs, and whether what is proven is what the file means: the user's own file runs
 * in ONNX Runtime, and its outputs are compared with the canonical graph's, bit for bit.
 *
 * @throws ZkonnxError of the kinds model and input; NATIVE_FAILED, FILE_NOT_FOUND, CANCELLED
 */
export async function checkModel({ model, batch = 1, inputs, samples = 8, signal, onProgress }: CheckModelParameters): Promise<CheckModelReturnType> {
  const { nodes, cost, memory } = await runModelTask({ name: 'analyse', task: { model, batch }, signal, onProgress: ({ fraction, detail }) => onProgress?.({ stage: 'check', fraction: fraction / 2, detail }) });
  const core = readCore({ model, batch });
  const { file, original, canonical } = core;
  const around = interfaceOf(core);
  const sets = (): Iterable<ReadonlyMap<string, Tensor>> => (inputs === undefined ? sampleInputs(around, samples) : readProofInputs(around, inputs).map(({ tensors }) => tensors));
  const comparisons: Comparison[] = [];
  for (const [index, optimisation] of (['disabled', 'all'] as const).entries()) {
    throwIfAborted(signal);
    onProgress?.({ stage: 'check', fraction: 0.5 + index / 4, detail: 'comparing with ONNX Runtime' });
    comparisons.push(await compareWithOriginal({ model: { path: model }, original, canonical, inputs: sets(), optimisation }));
  }
  onProgress?.({ stage: 'check', fraction: 1 });
  const edge = (name: string): Edge => ({ name, ...(original.types.get(name) ?? { type: 'unknown', shape: [] }) });
  return {
    model: { name: modelName(model), sha256: file.hash },
    opset: original.opsets.get('') ?? 0,
    inputs: original.inputs.map(({ name }) => edge(name)),
    outputs: original.outputs.map(({ name }) => edge(name)),
    nodes,
    rows: cost.rows,
    publicSignals: cost.publicSignals,
    memory,
    unportable: unportableNodes(canonical.graph),
    comparisons,
  };
}
