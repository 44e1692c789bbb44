/** Which tensors get 16 bits, so that the outputs come as near to the float model as was asked for. */
import { throwIfAborted } from '../errors/index.js';
import type { TypedGraph } from '../onnx/graph.js';
import type { Extremes, ObservedRange } from './calibration/observers/observer.js';
import type { Layer } from './plan/layer.js';
import { parametersOf } from './plan/parameters.js';
import type { Plan } from './plan/planLayers.js';
import type { SharedRanges } from './plan/sharedRanges.js';
import { listed } from './refusal.js';

/** The first opset with a QuantizeLinear of 16 bits, for what is quantized at the entry. */
const WIDE_ENTRIES = 21;

/** Which groups of tensors can have 16 bits, and why the others cannot. */
export interface Widths {
  readonly able: ReadonlySet<string>;
  /** By group: what keeps it at 8 bits. */
  readonly obstacles: ReadonlyMap<string, string>;
}

/** A group can have 16 bits if every layer that makes or reads one of its tensors has such a form. */
export function possibleWidths(plan: Plan, graph: TypedGraph, groups: SharedRanges): Widths {
  const obstacles = new Map<string, string>();
  const refuse = (name: string, reason: string): void => {
    const group = groups.find(name);
    if (!obstacles.has(group)) obstacles.set(group, reason);
  };
  const opset = graph.opsets.get('') ?? 0;
  if (opset < WIDE_ENTRIES) for (const name of plan.entries) refuse(name, `what is quantized at the entry can have them from opset ${WIDE_ENTRIES} on, and the model has ${opset}`);
  for (const layer of plan.layers) {
    const { node } = layer;
    const { reads, makes } = wideOf(layer);
    if (!makes) for (const name of node.outputs.length > 1 ? node.outputs : [layer.output]) refuse(name, `'${node.name}' (${node.opType}) makes 8 bits`);
    if (!reads) for (const name of layer.nodes.flatMap(({ inputs }) => inputs)) refuse(name, `'${node.name}' (${node.opType}) reads 8 bits`);
  }
  const all = [...new Set(plan.tensors.map((name) => groups.find(name)))].filter((name) => graph.types.get(name)?.type === 'float32');
  return { able: new Set(all.filter((name) => !obstacles.has(name))), obstacles: new Map(all.flatMap((name) => { const reason = obstacles.get(name); return reason === undefined ? [] : [[name, reason]]; })) };
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
export async function widenUntil<Result extends { readonly model: Uint8Array; readonly warnings: readonly string[] }>({ target, measure, wide, attempt, order, obstacles, signal }: {
  target: number;
  /** The relative error of a model's outputs. */
  measure: (model: Uint8Array) => Promise<number>;
  wide: ReadonlySet<string>;
  attempt: (wide: ReadonlySet<string>) => Promise<Result>;
  order: readonly string[];
  obstacles: Widths['obstacles'];
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
  const kept = obstacles.size === 0 ? '' : `, and so do ${listed([...obstacles].map(([name, reason]) => `'${name}' (${reason})`), ', ')}`;
  const warning = `the outputs differ from the float model by ${best.drift.toPrecision(3)} of their size, more than the ${target} that were asked for, with 16 bits wherever they are possible: weights have 8${kept}`;
  return { ...best.result, warnings: [...best.result.warnings, warning] };
}
