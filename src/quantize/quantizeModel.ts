/** Post-training static quantization: a float model becomes integers that every runtime computes alike. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import { decodeModel } from '../onnx/decode.js';
import { encodeModel } from '../onnx/encode.js';
import type { Graph, GraphNode } from '../onnx/graph.js';
import { calibrate, rangesOf } from './calibration/calibrate.js';
import { checkCalibration, joinBatches, type CalibrationInputs } from './calibration/calibrationInputs.js';
import type { ObservedRange } from './calibration/observers/observer.js';
import type { LinearLayer, Moments } from './calibration/moments.js';
import { chooseObserver, observersToTry, type ObserverTrial } from './chooseObserver.js';
import { Emitter } from './emit/emitter.js';
import { evaluateTables } from './evaluateTables.js';
import { floatsOf } from './floatGraph.js';
import type { FunctionTables } from './functionTables.js';
import type { ObserverName, QuantizeOptions } from './options.js';
import { comparedBatches, outputError } from './outputError.js';
import { parametersOf, type Parameters } from './plan/parameters.js';
import { planLayers, type Plan } from './plan/planLayers.js';
import { SharedRanges, unionOf } from './plan/sharedRanges.js';
import { byNoise, possibleWidths, widenUntil } from './widen.js';
import { prepareModel, type PreparedModel } from './prepareModel.js';
import { floatEndWarnings } from './refusal.js';

export interface QuantizeModelParameters {
  /** A float ONNX file; weights in other files cannot be in it. */
  readonly model: Uint8Array;
  /** Inputs like those that the model will see, by name; a few hundred are plenty. */
  readonly calibration: CalibrationInputs;
  readonly options?: QuantizeOptions;
}

/** A float tensor and the integers that stand for it: real = scale · (q − zeroPoint). */
export interface QuantizedTensor {
  /** The node of the float model that computes it; the name of the input for an input. */
  readonly node: string;
  /** Its name in the float model. */
  readonly floatTensor: string;
  /** The name of its integers in the quantized model. */
  readonly quantizedTensor: string;
  readonly scale: number;
  readonly zeroPoint: number;
  readonly bits: 8 | 16;
}

export interface QuantizeModelReturnType {
  /** A portable ONNX file: float inputs are quantized first, float outputs dequantized last, and all else is integer. */
  readonly model: Uint8Array;
  /** In the order of the graph, those that the float model has too. */
  readonly layers: readonly QuantizedTensor[];
  /** The observers that were tried, the chosen one first. */
  readonly observers: readonly ObserverTrial[];
  readonly warnings: readonly string[];
}

type Quantized = Omit<QuantizeModelReturnType, 'observers'>;

/** Of the progress that is told. */
const CALIBRATION_SHARE = 0.6;

/** The oldest opset with integer kernels of all that is written. */
const OLDEST_OPSET = 13;

/**
 * Quantizes a float model with calibration inputs.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED naming every node that has no exact integer form, MODEL_INVALID, TYPE_UNSUPPORTED,
 * SHAPE_UNSUPPORTED, USAGE, of the kind input for the calibration, NATIVE_FAILED, CANCELLED
 */
export async function quantizeModel({ model, calibration, options = {} }: QuantizeModelParameters): Promise<QuantizeModelReturnType> {
  const original = decodeModel({ bytes: model });
  const sets = checkCalibration(original, calibration);
  const prepared = await prepareModel(original, sets[0] as (typeof sets)[number], options);
  throwIfAborted(options.signal);
  const plan = planLayers(prepared.graph, prepared.ownOperators, options);
  const runnable = { ...prepared.graph, inputs: prepared.inputs };
  const size = prepared.batchIsFree ? (options.batch ?? 16) : 1;
  const batches = joinBatches(sets, size);
  const { overrides = {}, targetDrift, signal } = options;
  const observers = observersToTry(options, sets.length);
  const compared = observers.length > 1 || targetDrift !== undefined ? comparedBatches(batches, size) : [];
  const onProgress = (share: number): void => options.onProgress?.(share * CALIBRATION_SHARE);
  const observed = await calibrate({ graph: runnable, batches, tensors: plan.tensors, observers, linear: linearLayers(plan, prepared), kept: new Set(compared), options: { ...options, onProgress } });
  const groups = new SharedRanges(plan.layers, prepared.graph);
  const { able, obstacles } = possibleWidths(plan, prepared.graph, groups);
  const asked = Object.entries(overrides).flatMap(([name, { bits }]) => (bits === 16 ? [name] : []));
  const unable = asked.find((name) => !able.has(groups.find(name)));
  if (unable !== undefined) throw new ZkonnxError('USAGE', { message: `The tensor '${unable}' cannot have 16 bits: ${obstacles.get(groups.find(unable)) ?? 'it is none that is quantized'}.`, expected: [...able].join(', ') || 'no tensor of this model can', found: unable });
  const wide = new Set(asked.map((name) => groups.find(name)));
  const choose = (observer: ObserverName, wider: ReadonlySet<string>): Map<string, Parameters> => chooseParameters(prepared, plan, { ranges: rangesOf(observed, observer, options), groups, wide: wider, options });
  // A tensor that a table reads has 8 bits, so no more tables are needed later.
  const tables = await evaluateTables(prepared.graph, plan.layers, observers.map((observer) => choose(observer, wide)));
  const attempt = (parameters: ReadonlyMap<string, Parameters>): Promise<Quantized> => emit(prepared, plan, { parameters, tables, moments: observed.moments, options });
  const measure = (bytes: Uint8Array): Promise<number> => outputError(bytes, observed.outputs);
  const { trials, result } = await chooseObserver({ observers, attempt: (observer) => attempt(choose(observer, wide)), measure, signal, onProgress: (share) => options.onProgress?.(CALIBRATION_SHARE + (1 - CALIBRATION_SHARE) * share) });
  if (targetDrift === undefined) return { ...result, observers: trials };
  const [{ observer }] = trials;
  const widened = await widenUntil({ target: targetDrift, measure, wide, attempt: (wider) => attempt(choose(observer, wider)), order: byNoise({ able, groups, ranges: rangesOf(observed, observer, options), extremes: observed.extremes, wide }), obstacles, signal });
  return { ...widened, observers: trials };
}

/** The layers with constant weights. */
function linearLayers(plan: Plan, { graph }: PreparedModel): LinearLayer[] {
  return plan.layers.flatMap(({ kind, node, output }) => (kind.linear === undefined ? [] : [{ output, input: node.inputs[0] as string, map: kind.linear(node, graph) }]));
}

/** The parameters of every quantized tensor and constant: one set for each group of tensors that share theirs. */
function chooseParameters({ graph }: PreparedModel, plan: Plan, { ranges, groups, wide, options: { overrides = {} } }: {
  ranges: ReadonlyMap<string, ObservedRange>;
  groups: SharedRanges;
  /** The groups that get 16 bits. */
  wide: ReadonlySet<string>;
  options: QuantizeOptions;
}): Map<string, Parameters> {
  const constants = new Set(plan.layers.flatMap(({ node }) => node.inputs).filter((name) => graph.initializers.get(name)?.type === 'float32'));
  const whole = new Map<string, ObservedRange>();
  const add = (name: string, range: ObservedRange): void => void whole.set(groups.find(name), unionOf(whole.get(groups.find(name)), range));
  for (const [name, range] of ranges) {
    const own = Object.hasOwn(overrides, name) ? overrides[name] : undefined;
    add(name, { lo: own?.lo ?? range.lo, hi: own?.hi ?? range.hi });
  }
  for (const name of constants) {
    const values = floatsOf(graph.initializers.get(name) as { type: 'float32'; shape: []; data: Float32Array });
    add(name, { lo: values.reduce((least, value) => Math.min(least, value), 0), hi: values.reduce((most, value) => Math.max(most, value), 0) });
  }
  const chosen = new Map([...whole].map(([group, range]) => [group, parametersOf(range, wide.has(group) ? 16 : 8)]));
  return new Map([...ranges.keys(), ...constants].map((name) => [name, chosen.get(groups.find(name)) as Parameters]));
}

async function emit(prepared: PreparedModel, plan: Plan, { parameters, tables, moments, options: { rounding = 'together', biasCorrection = true, signal } }: {
  parameters: ReadonlyMap<string, Parameters>;
  tables: FunctionTables;
  moments: ReadonlyMap<string, Moments>;
  options: QuantizeOptions;
}): Promise<Quantized> {
  const { graph } = prepared;
  const opset = Math.max(graph.opsets.get('') ?? OLDEST_OPSET, OLDEST_OPSET);
  const names = new Set([...graph.types.keys(), ...graph.initializers.keys()]);
  const emitter = new Emitter({ graph, opset, parameters, tables, moments, rounding: { together: rounding === 'together', keepMeans: biasCorrection }, names });
  const keepFloat = (nodes: readonly GraphNode[]): void => {
    for (const node of nodes) {
      for (const name of node.inputs) if (graph.initializers.has(name)) emitter.keep(name, graph.initializers.get(name) as never);
      emitter.nodes.push(node);
    }
  };
  keepFloat(plan.before);
  const made: { node: string; floatTensor: string }[] = [];
  for (const name of plan.entries) {
    emitEntry(emitter, name);
    made.push({ node: name, floatTensor: name });
  }
  for (const layer of plan.layers) {
    // Rounding the weights of a large layer takes a second: who wants to stop is heard in between.
    if (layer.kind.linear !== undefined) await nextTurn();
    throwIfAborted(signal);
    layer.kind.emit(emitter, layer);
    for (const name of layer.node.outputs.length > 1 ? layer.node.outputs : [layer.output]) if (parameters.has(name)) made.push({ node: layer.node.name, floatTensor: name });
  }
  dequantizeResults(emitter, prepared, plan, parameters);
  keepFloat(plan.after);
  const quantized: Graph = {
    name: graph.name,
    inputs: prepared.inputs,
    outputs: prepared.outputs,
    initializers: emitter.initializers,
    nodes: emitter.nodes,
    opsets: new Map([['', opset]]),
  };
  const layers = made.filter(({ floatTensor }) => prepared.ownTensors.has(floatTensor)).map(({ node, floatTensor }) => ({ node, floatTensor, quantizedTensor: emitter.integers(floatTensor), ...(parameters.get(floatTensor) as Parameters) }));
  return { model: encodeModel(quantized), layers, warnings: [...prepared.warnings, ...floatEndWarnings([...plan.before, ...plan.after]), ...emitter.warnings] };
}

/** Quantizes what comes from outside. */
function emitEntry(emitter: Emitter, name: string): void {
  const node = `${name}/quantize`;
  const [scale, zeroPoint] = emitter.quantization(name);
  if (emitter.parameters(name).bits === 8) {
    emitter.add({ name: node, opType: 'QuantizeLinear', inputs: [name, scale, zeroPoint], output: emitter.claim(name) });
    return;
  }
  const zero = emitter.constant(`${name}_entry_zero_point`, { type: 'int16', shape: [], data: new Int16Array(1) });
  emitter.cast(`${node}/wide`, emitter.add({ name: node, opType: 'QuantizeLinear', inputs: [name, scale, zero] }), 'int32', emitter.claim(name));
}

/** Float outputs, and what the float end reads. */
function dequantizeResults(emitter: Emitter, { graph }: PreparedModel, plan: Plan, parameters: ReadonlyMap<string, Parameters>): void {
  const after = new Set(plan.after.flatMap(({ outputs }) => outputs));
  const wanted = new Set([...graph.outputs.map(({ name }) => name), ...plan.after.flatMap(({ inputs }) => inputs)]);
  for (const name of wanted) {
    if (!parameters.has(name) || after.has(name) || graph.types.get(name)?.type !== 'float32' || graph.inputs.some((input) => input.name === name)) continue;
    if (graph.initializers.has(name)) continue;
    // The zero point of an int32 tensor is left out: it is 0.
    const [scale, zeroPoint] = emitter.quantization(name);
    emitter.add({ name: `${name}/dequantize`, opType: 'DequantizeLinear', inputs: [emitter.integers(name), scale, ...(parameters.get(name)?.bits === 16 ? [] : [zeroPoint])], output: name });
  }
}
