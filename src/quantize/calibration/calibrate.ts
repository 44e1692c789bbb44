/** Runs calibration inputs through the float model in ONNX Runtime and observes the tensors inside it. */
import { ZkonnxError, throwIfAborted } from '../../errors/index.js';
import { encodeModel } from '../../onnx/encode.js';
import type { Graph, Tensor, TypedGraph } from '../../onnx/graph.js';
import { run, withSession, type Session } from '../../runtime/session.js';
import { withoutInternalOperators } from '../internalOperators.js';
import type { ObserverName, QuantizeOptions } from '../options.js';
import type { InputSet } from './calibrationInputs.js';
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
  readonly options: QuantizeOptions;
}

/** What calibration found, by float tensor. */
export interface Calibration {
  readonly ranges: ReadonlyMap<string, ObservedRange>;
  /** Mean squares. */
  readonly powers: ReadonlyMap<string, number>;
}

/**
 * The range of each tensor. Only extremes, and histograms where an observer needs them, are kept; the tensors of one batch at a time are in memory.
 * @throws ZkonnxError INPUT_RANGE for a tensor that is not finite, NATIVE_FAILED, CANCELLED
 */
export async function calibrate({ graph, batches, tensors, options }: CalibrateParameters): Promise<Calibration> {
  const { observer = 'minMax', percentile = 99.99, momentum = 0.1, overrides = {} } = options;
  const observerOf = (name: string): ObserverName => (Object.hasOwn(overrides, name) ? overrides[name]?.observer : undefined) ?? observer;
  return withSession({ bytes: encodeModel(exposed(graph, tensors)), optimisation: graph.nodes.length > MANY_NODES ? 'disabled' : 'all' }, async (session) => {
    const wanted = tensors.filter((name) => OBSERVER[observerOf(name)].needsHistogram);
    const middle = wanted.length === 0 ? 1 : 0.5;
    const extremes = await observeExtremes({ session, batches, tensors, momentum, options, shares: [0, middle] });
    const histograms = wanted.length === 0 ? new Map<string, Histogram>() : await observeHistograms({ session, batches, extremes: new Map(wanted.map((name) => [name, extremes.get(name) as Extremes])), options, shares: [middle, 1] });
    const ranges = new Map(tensors.map((name): [string, ObservedRange] => {
      const chosen = OBSERVER[observerOf(name)];
      const own = extremes.get(name) as Extremes;
      return [name, chosen.needsHistogram ? (own.lo === own.hi ? own : chosen.range(histograms.get(name) as Histogram, { percentile })) : chosen.range(own)];
    }));
    return { ranges, powers: new Map([...extremes].map(([name, { power }]) => [name, power])) };
  });
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
}

/** Calls back with each tensor of each batch. */
async function observe({ session, batches, options: { signal, onProgress }, shares: [from, to] }: Observation, tensors: Iterable<string>, visit: (name: string, tensor: Tensor) => void): Promise<void> {
  const names = [...tensors];
  for (const [index, batch] of batches.entries()) {
    throwIfAborted(signal);
    onProgress?.(from + ((to - from) * index) / batches.length);
    const results = await run(session, batch);
    for (const name of names) visit(name, (results.get(name) ?? batch.get(name)) as Tensor);
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
