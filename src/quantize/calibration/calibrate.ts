/** Runs calibration inputs through the float model in ONNX Runtime and observes the tensors inside it. */
import { ZkonnxError, throwIfAborted } from '../../errors/index.js';
import { encodeModel } from '../../onnx/encode.js';
import type { Graph, Tensor, TypedGraph } from '../../onnx/graph.js';
import { run, withSession, type Session } from '../../runtime/session.js';
import { withoutInternalOperators } from '../internalOperators.js';
import type { ObserverName, QuantizeOptions } from '../options.js';
import type { InputSet } from './calibrationInputs.js';
import { MomentSums, type LinearLayer, type Moments } from './moments.js';
import type { Extremes, Histogram, ObservedRange } from './observers/observer.js';
import { OBSERVER } from './observers/registry.js';

/** ONNX Runtime takes minutes to optimise graphs of tens of thousands of nodes. */
const MANY_NODES = 2000;

/** Parts of a histogram. */
const PARTS = 2048;

export interface CalibrateParameters {
  /** The rewritten float model; its leading dimensions may be symbolic. */
  readonly graph: TypedGraph;
  readonly batches: readonly InputSet[];
  /** The tensors to observe. */
  readonly tensors: readonly string[];
  /** The observers that will be asked for ranges. */
  readonly observers: readonly ObserverName[];
  /** The layers whose inputs' moments are wanted. */
  readonly linear: readonly LinearLayer[];
  /** The batches whose float outputs are to be kept. */
  readonly kept: ReadonlySet<InputSet>;
  readonly options: QuantizeOptions;
}

/** What calibration found, by float tensor. */
export interface Calibration {
  readonly extremes: ReadonlyMap<string, Extremes>;
  /** Of the tensors for which one of the observers needs them. */
  readonly histograms: ReadonlyMap<string, Histogram>;
  /** By the tensor that a layer makes. */
  readonly moments: ReadonlyMap<string, Moments>;
  /** The outputs of the float model for the kept batches. */
  readonly outputs: ReadonlyMap<InputSet, ReadonlyMap<string, Tensor>>;
}

/**
 * Runs all calibration inputs once, and once more where an observer needs histograms. The tensors of one batch at a time are in memory.
 * @throws ZkonnxError INPUT_RANGE for a tensor that is not finite, NATIVE_FAILED, CANCELLED
 */
export async function calibrate({ graph, batches, tensors, observers, linear, kept, options }: CalibrateParameters): Promise<Calibration> {
  const { momentum = 0.1, overrides = {} } = options;
  const shown = [...new Set([...tensors, ...graph.outputs.map(({ name }) => name)])];
  return withSession({ bytes: encodeModel(exposed(graph, shown)), optimisation: graph.nodes.length > MANY_NODES ? 'disabled' : 'all' }, async (session) => {
    const wanted = tensors.filter((name) => observers.some((observer) => OBSERVER[observerOf(name, observer, overrides)].needsHistogram));
    const middle = wanted.length === 0 ? 1 : 0.5;
    const sums = new MomentSums(linear, batches.length);
    const outputs = new Map<InputSet, ReadonlyMap<string, Tensor>>();
    const keep = (batch: InputSet, results: ReadonlyMap<string, Tensor>): void => {
      for (const name of new Set(linear.map(({ input }) => input))) sums.add(name, (results.get(name) ?? batch.get(name)) as Tensor);
      if (kept.has(batch)) outputs.set(batch, new Map(graph.outputs.map(({ name }) => [name, (results.get(name) ?? batch.get(name)) as Tensor])));
    };
    const extremes = await observeExtremes({ session, batches, tensors, momentum, options, shares: [0, middle], keep });
    const histograms = wanted.length === 0 ? new Map<string, Histogram>() : await observeHistograms({ session, batches, extremes: new Map(wanted.map((name) => [name, extremes.get(name) as Extremes])), options, shares: [middle, 1] });
    return { extremes, histograms, moments: sums.finish(), outputs };
  });
}

/** The range of each tensor that an observer sees in what calibration found, where nothing overrides it. */
export function rangesOf({ extremes, histograms }: Calibration, observer: ObserverName, { percentile = 99.99, overrides = {} }: QuantizeOptions): Map<string, ObservedRange> {
  return new Map([...extremes].map(([name, own]): [string, ObservedRange] => {
    const chosen = OBSERVER[observerOf(name, observer, overrides)];
    if (!chosen.needsHistogram) return [name, chosen.range(own)];
    return [name, own.lo === own.hi ? own : chosen.range(histograms.get(name) as Histogram, { percentile })];
  }));
}

function observerOf(name: string, observer: ObserverName, overrides: NonNullable<QuantizeOptions['overrides']>): ObserverName {
  return (Object.hasOwn(overrides, name) ? overrides[name]?.observer : undefined) ?? observer;
}

/** The model in operators of ONNX, with the given tensors as its outputs. */
export function exposed(graph: TypedGraph, tensors: readonly string[]): Graph {
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  // Shapes are left to ONNX Runtime: those known here are of one batch size.
  const outputs = tensors.filter((name) => !inputs.has(name)).map((name) => ({ name, type: graph.types.get(name)?.type ?? ('float32' as const), shape: [], unknownRank: true as const }));
  return { ...withoutInternalOperators(graph), outputs: outputs.length > 0 ? outputs : graph.outputs };
}

interface Observation {
  readonly session: Session;
  readonly batches: readonly InputSet[];
  readonly options: Pick<QuantizeOptions, 'signal' | 'onProgress'>;
  /** The shares of the calibration between which this pass lies. */
  readonly shares: readonly [from: number, to: number];
  /** Called with all that was computed of each batch. */
  readonly keep?: (batch: InputSet, results: ReadonlyMap<string, Tensor>) => void;
}

/** Calls back with each tensor of each batch. */
async function observe({ session, batches, options: { signal, onProgress }, shares: [from, to], keep }: Observation, tensors: Iterable<string>, visit: (name: string, tensor: Tensor) => void): Promise<void> {
  const names = [...tensors];
  for (const [index, batch] of batches.entries()) {
    throwIfAborted(signal);
    onProgress?.(from + ((to - from) * index) / batches.length);
    const results = await run(session, batch);
    for (const name of names) visit(name, (results.get(name) ?? batch.get(name)) as Tensor);
    keep?.(batch, results);
  }
}

async function observeExtremes({ tensors, momentum, ...observation }: Observation & { tensors: readonly string[]; momentum: number }): Promise<Map<string, Extremes>> {
  const found = new Map<string, Extremes>();
  const counts = new Map<string, number>();
  await observe(observation, tensors, (name, { data }) => {
    let [lo, hi, squares] = [Infinity, -Infinity, 0];
    for (let index = 0; index < data.length; index++) {
      const value = data[index] as number;
      if (!Number.isFinite(value)) {
        throw new ZkonnxError('INPUT_RANGE', { message: `On the calibration inputs, the tensor '${name}' of the float model is ${value} at element ${index}.`, expected: 'finite numbers everywhere', found: String(value), fix: 'Check the model and its inputs: a division by zero, the logarithm of zero, or an overflow makes such values.' });
      }
      squares += value * value;
      if (value < lo) lo = value;
      if (value > hi) hi = value;
    }
    const before = found.get(name);
    const seen = counts.get(name) ?? 0;
    counts.set(name, seen + data.length);
    const power = ((before?.power ?? 0) * seen + squares) / (seen + data.length);
    const mean = (old: number, now: number): number => old * (1 - momentum) + now * momentum;
    found.set(name, before === undefined ? { lo, hi, power, averageLo: lo, averageHi: hi } : { lo: Math.min(before.lo, lo), hi: Math.max(before.hi, hi), power, averageLo: mean(before.averageLo, lo), averageHi: mean(before.averageHi, hi) });
  });
  return found;
}

async function observeHistograms({ extremes, ...observation }: Observation & { extremes: ReadonlyMap<string, Extremes> }): Promise<Map<string, Histogram>> {
  const found = new Map([...extremes].map(([name, { lo, hi }]) => [name, { lo, hi, counts: new Float64Array(PARTS) }]));
  await observe(observation, found.keys(), (name, { data }) => {
    const { lo, hi, counts } = found.get(name) as Histogram;
    const factor = hi > lo ? PARTS / (hi - lo) : 0;
    for (let index = 0; index < data.length; index++) {
      const part = Math.min(PARTS - 1, Math.floor(((data[index] as number) - lo) * factor));
      counts[part] = (counts[part] as number) + 1;
    }
  });
  return found;
}
