/** Which tensors get 16 bits, so that the outputs come as near to the float model as was asked for. */
import { throwIfAborted } from '../errors/index.js';
import type { Tensor, TypedGraph } from '../onnx/graph.js';
import { run, withSession } from '../runtime/session.js';
import type { InputSet } from './calibration/calibrationInputs.js';
import type { ObservedRange } from './calibration/observers/observer.js';
import type { Layer } from './plan/layer.js';
import { parametersOf } from './plan/parameters.js';
import type { Plan } from './plan/planLayers.js';
import type { SharedRanges } from './plan/sharedRanges.js';

/** Batches over which drift is measured between rounds. */
const MOST_BATCHES = 16;

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
export function byNoise({ able, groups, ranges, powers, wide }: {
  able: ReadonlySet<string>;
  groups: SharedRanges;
  ranges: ReadonlyMap<string, ObservedRange>;
  powers: ReadonlyMap<string, number>;
  wide: ReadonlySet<string>;
}): string[] {
  const noise = new Map<string, number>();
  for (const [name, range] of ranges) {
    const group = groups.find(name);
    if (!able.has(group) || wide.has(group)) continue;
    const { scale } = parametersOf(range);
    // Rounding errors are even over a step, whose variance is scale² / 12.
    noise.set(group, Math.max(noise.get(group) ?? 0, scale ** 2 / 12 / Math.max(powers.get(name) ?? 0, 1e-30)));
  }
  return [...noise].sort(([, a], [, b]) => b - a).map(([group]) => group);
}

/**
 * Widens a quarter of the tensors at a time until the relative error of every output is at most the target.
 * @param attempt makes the model with the given groups wide
 */
export async function widenUntil<Result extends { readonly model: Uint8Array; readonly warnings: readonly string[] }>({ target, model, batches, wide, attempt, order, signal }: {
  target: number;
  model: Uint8Array;
  batches: readonly InputSet[];
  wide: ReadonlySet<string>;
  attempt: (wide: ReadonlySet<string>) => Promise<Result>;
  order: readonly string[];
  signal: AbortSignal | undefined;
}): Promise<Result> {
  const measured = batches.slice(0, MOST_BATCHES);
  const expected = await outputsOf(model, measured);
  const step = Math.max(1, Math.ceil(order.length / 4));
  let best: { result: Result; drift: number } | undefined;
  for (let count = 0; ; count = Math.min(count + step, order.length)) {
    throwIfAborted(signal);
    const result = await attempt(new Set([...wide, ...order.slice(0, count)]));
    const drift = relativeError(expected, await outputsOf(result.model, measured));
    if (best === undefined || drift < best.drift) best = { result, drift };
    if (drift <= target) return result;
    if (count >= order.length) break;
  }
  const warning = `the outputs differ from the float model by ${best.drift.toPrecision(3)} of their size, more than the ${target} that were asked for, with 16 bits wherever they are possible`;
  return { ...best.result, warnings: [...best.result.warnings, warning] };
}

async function outputsOf(bytes: Uint8Array, batches: readonly InputSet[]): Promise<ReadonlyMap<string, Tensor>[]> {
  return withSession({ bytes }, async (session) => {
    const results: ReadonlyMap<string, Tensor>[] = [];
    for (const batch of batches) results.push(await run(session, batch));
    return results;
  });
}

/** The root mean square of the difference by that of the expected values, of the float output where it is largest. */
function relativeError(expected: readonly ReadonlyMap<string, Tensor>[], found: readonly ReadonlyMap<string, Tensor>[]): number {
  const powers = new Map<string, { signal: number; noise: number }>();
  expected.forEach((outputs, index) => {
    for (const [name, { type, data }] of outputs) {
      if (type !== 'float32') continue;
      const power = powers.get(name) ?? { signal: 0, noise: 0 };
      const own = found[index]?.get(name)?.data as Float32Array;
      (data as Float32Array).forEach((value, at) => {
        power.signal += value ** 2;
        power.noise += (value - (own[at] as number)) ** 2;
      });
      powers.set(name, power);
    }
  });
  return [...powers.values()].reduce((worst, { signal, noise }) => Math.max(worst, noise === 0 ? 0 : Math.sqrt(noise / Math.max(signal, 1e-30))), 0);
}
