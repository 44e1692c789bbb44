/** Which tensors get 16 bits, so that the outputs come as near to the float model as was asked for. */
import { throwIfAborted } from '../errors/index.js';
import type { TypedGraph } from '../onnx/graph.js';
import type { Extremes, ObservedRange } from './calibration/observers/observer.js';
import type { Layer } from './plan/layer.js';
import { parametersOf } from './plan/parameters.js';
import type { Plan } from './plan/planLayers.js';
import type { SharedRanges } from './plan/sharedRanges.js';

/** The groups of tensors that can have 16 bits: every layer that makes or reads one of them has such a form. */
export function widenable(plan: Plan, graph: TypedGraph, groups: SharedRanges): string[] {
  const able = new Set(plan.tensors.map((name) => groups.find(name)));
  // What is quantized at the entry is int8: older opsets have no QuantizeLinear of 16 bits.
  for (const name of plan.entries) able.delete(groups.find(name));
  for (const layer of plan.layers) {
    const { reads, makes } = wideOf(layer);
    const results = layer.node.outputs.length > 1 ? layer.node.outputs : [layer.output];
    if (!makes) for (const name of results) able.delete(groups.find(name));
    if (!reads) for (const name of layer.nodes.flatMap(({ inputs }) => inputs)) able.delete(groups.find(name));
  }
  return [...able].filter((name) => graph.types.get(name)?.type === 'float32');
}

function wideOf({ kind, node }: Layer): { readonly reads: boolean; readonly makes: boolean } {
  const wide = typeof kind.wide === 'function' ? kind.wide(node) : kind.wide;
  return wide ?? { reads: false, makes: false };
}

/** The groups that 8 bits hurt, those with the most rounding noise for their signal first. */
export function byNoise({ able, groups, ranges, extremes, wide }: {
  able: ReadonlySet<string>;
  groups: SharedRanges;
  ranges: ReadonlyMap<string, ObservedRange>;
  extremes: ReadonlyMap<string, Extremes>;
  wide: ReadonlySet<string>;
}): string[] {
  const noise = new Map<string, number>();
  for (const [name, range] of ranges) {
    const group = groups.find(name);
    if (!able.has(group) || wide.has(group)) continue;
    const { scale } = parametersOf(range);
    // Rounding errors are even over a step, whose variance is scale² / 12.
    noise.set(group, Math.max(noise.get(group) ?? 0, scale ** 2 / 12 / Math.max(extremes.get(name)?.power ?? 0, 1e-30)));
  }
  return [...noise].sort(([, a], [, b]) => b - a).map(([group]) => group);
}

/**
 * Widens a quarter of the tensors at a time until the relative error of every output is at most the target.
 * @param attempt makes the model with the given groups wide
 */
export async function widenUntil<Result extends { readonly model: Uint8Array; readonly warnings: readonly string[] }>({ target, measure, wide, attempt, order, signal }: {
  target: number;
  /** The relative error of a model's outputs. */
  measure: (model: Uint8Array) => Promise<number>;
  wide: ReadonlySet<string>;
  attempt: (wide: ReadonlySet<string>) => Promise<Result>;
  order: readonly string[];
  signal: AbortSignal | undefined;
}): Promise<Result> {
  const step = Math.max(1, Math.ceil(order.length / 4));
  let best: { result: Result; drift: number } | undefined;
  for (let count = 0; ; count = Math.min(count + step, order.length)) {
    throwIfAborted(signal);
    const result = await attempt(new Set([...wide, ...order.slice(0, count)]));
    const drift = await measure(result.model);
    if (best === undefined || drift < best.drift) best = { result, drift };
    if (drift <= target) return result;
    if (count >= order.length) break;
  }
  const warning = `the outputs differ from the float model by ${best.drift.toPrecision(3)} of their size, more than the ${target} that were asked for, with 16 bits wherever they are possible`;
  return { ...best.result, warnings: [...best.result.warnings, warning] };
}
