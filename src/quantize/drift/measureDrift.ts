/** Runs the float model and the quantized one side by side in ONNX Runtime, and collects how far they lie from each other. */
import { ZkonnxError, throwIfAborted } from '../../errors/index.js';
import { encodeModel } from '../../onnx/encode.js';
import type { Tensor, TypedGraph } from '../../onnx/graph.js';
import { run, withSession } from '../../runtime/session.js';
import type { DriftLayer, DriftReport, ModelSummary, SetDrift, SetName } from './driftReport.js';
import { exposeTensors } from './exposeTensors.js';
import { LayerStatistics } from './layerStatistics.js';
import { OutputStatistics } from './outputStatistics.js';
import { TaskStatistics, type Label } from './taskStatistics.js';

export interface DriftModel {
  /** For the report. */
  readonly name: string;
  readonly bytes: number;
  /** All shapes known; the inputs and outputs of both models have the same names. */
  readonly graph: TypedGraph;
}

/** Inferences to compare on. */
export interface DriftSet {
  readonly name: SetName;
  readonly inputs: readonly ReadonlyMap<string, Tensor>[];
  /** One for each inference: what the first output should say. */
  readonly labels?: readonly Label[] | undefined;
}

export interface MeasureDriftParameters {
  readonly float: DriftModel;
  readonly quantized: DriftModel;
  readonly layers: readonly DriftLayer[];
  readonly sets: readonly DriftSet[];
  readonly signal?: AbortSignal | undefined;
  /** Called with the share that is done. */
  readonly onFraction?: ((fraction: number) => void) | undefined;
}

/**
 * The drift report. Layers whose tensors one of the models no longer has are left out.
 * @throws ZkonnxError NATIVE_FAILED, USAGE for labels that do not fit, CANCELLED
 */
export async function measureDrift({ float, quantized, layers, sets, signal, onFraction }: MeasureDriftParameters): Promise<DriftReport> {
  const seen = layers.filter(({ floatTensor, quantizedTensor }) => isComputed(float.graph, floatTensor) && isComputed(quantized.graph, quantizedTensor));
  const bytes = {
    float: encodeModel(exposeTensors(float.graph, seen.map(({ floatTensor }) => floatTensor))),
    quantized: encodeModel(exposeTensors(quantized.graph, seen.map(({ quantizedTensor }) => quantizedTensor))),
  };
  const total = sets.reduce((sum, { inputs }) => sum + inputs.length, 0);
  let done = 0;
  const results = await withSession({ bytes: bytes.float }, (floatSession) =>
    withSession({ bytes: bytes.quantized }, async (quantizedSession) => {
      const drifts: SetDrift[] = [];
      for (const set of sets) {
        const collected = newCollection(float.graph, seen, set);
        for (const [index, inputs] of set.inputs.entries()) {
          throwIfAborted(signal);
          add(collected, await run(floatSession, inputs), await run(quantizedSession, inputs), set.labels?.[index]);
          onFraction?.(++done / total);
        }
        drifts.push(resultOf(collected, set));
      }
      return drifts;
    }),
  );
  return { version: 1, models: { float: summary(float), quantized: summary(quantized) }, sets: results };
}

interface Collection {
  readonly outputs: ReadonlyMap<string, OutputStatistics>;
  readonly layers: readonly { readonly layer: DriftLayer; readonly statistics: LayerStatistics }[];
  readonly task: { readonly output: string; readonly statistics: TaskStatistics } | undefined;
}

function newCollection(graph: TypedGraph, layers: readonly DriftLayer[], { name, inputs, labels }: DriftSet): Collection {
  if (labels !== undefined && labels.length !== inputs.length) throw new ZkonnxError('USAGE', { message: `The ${name} set has ${inputs.length} inferences and ${labels.length} labels.`, expected: 'one label for each inference' });
  const operators = new Map(graph.nodes.flatMap(({ outputs, opType }) => outputs.map((output) => [output, opType] as const)));
  const [first] = graph.outputs;
  return {
    outputs: new Map(graph.outputs.map((output) => [output.name, new OutputStatistics(output.name)])),
    layers: layers.map((layer) => ({ layer, statistics: new LayerStatistics(layer, operators.get(layer.floatTensor) ?? '') })),
    task: labels === undefined || first === undefined ? undefined : { output: first.name, statistics: new TaskStatistics(first.name) },
  };
}

function add({ outputs, layers, task }: Collection, float: ReadonlyMap<string, Tensor>, quantized: ReadonlyMap<string, Tensor>, label: Label | undefined): void {
  const both = (name: string, quantizedName = name): readonly [Tensor, Tensor] => [tensorOf(float, name), tensorOf(quantized, quantizedName)];
  for (const [name, statistics] of outputs) statistics.add(...both(name));
  for (const { layer, statistics } of layers) statistics.add(...both(layer.floatTensor, layer.quantizedTensor));
  if (task !== undefined && label !== undefined) task.statistics.add(...both(task.output), label);
}

function resultOf({ outputs, layers, task }: Collection, { name, inputs }: DriftSet): SetDrift {
  return {
    name,
    inferences: inputs.length,
    outputs: [...outputs.values()].map((statistics) => statistics.result()),
    layers: layers.map(({ statistics }) => statistics.result()),
    ...(task === undefined ? {} : { task: task.statistics.result() }),
  };
}

function tensorOf(tensors: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new ZkonnxError('INTERNAL', { message: `The tensor '${name}' was not computed.` });
  return tensor;
}

function isComputed({ nodes, types }: TypedGraph, name: string): boolean {
  return types.has(name) && nodes.some(({ outputs }) => outputs.includes(name));
}

function summary({ name, bytes, graph }: DriftModel): ModelSummary {
  return { name, bytes, nodes: graph.nodes.length };
}
