import { stringAttribute } from '../attributes.js';
import type { InferContext } from '../operators/schema.js';
import { scatterTargets } from '../operators/gather.js';
import type { Expansion } from './expansion.js';
import { Expander } from './expander.js';

const OPERATORS: Readonly<Record<string, string>> = { add: 'Add', max: 'Max', min: 'Min', mul: 'Mul' };

/**
 * A scatter with a reduction, its places being constant: what stands in the places and the updates are picked, combined and put
 * back, once for each time that a place is named again. https://onnx.ai/onnx/operators/onnx__ScatterElements.html
 */
export function expandScatterReduction(context: InferContext, fresh: (base: string) => string): Expansion | undefined {
  const { node } = context;
  const reduction = stringAttribute(node, 'reduction') ?? 'none';
  const opType = OPERATORS[reduction];
  if (opType === undefined || context.constant(1) === undefined) return undefined;
  const b = new Expander(node, fresh);
  const [data, , updates] = node.inputs as [string, string, string];
  const flat = (name: string): string => b.node('Reshape', [name, b.integers([-1])]);
  let result = flat(data);
  const news = flat(updates);
  for (const layer of layersOf(scatterTargets(context))) {
    const targets = b.integers(layer.map(({ target }) => target));
    const picked = b.node('Gather', [result, targets]);
    const combined = b.node(opType, [picked, b.node('Gather', [news, b.integers(layer.map(({ update }) => update))])]);
    result = b.node('ScatterElements', [result, targets, combined]);
  }
  b.finish(b.node('Reshape', [result, b.integers(context.input(0).shape)]));
  return b.expansion;
}

interface Write {
  readonly target: number;
  readonly update: number;
}

/** The writes in order, so that no layer names a place twice. */
function layersOf(targets: readonly number[]): Write[][] {
  const layers: Write[][] = [];
  const times = new Map<number, number>();
  targets.forEach((target, update) => {
    const time = times.get(target) ?? 0;
    times.set(target, time + 1);
    (layers[time] ??= []).push({ target, update });
  });
  return layers;
}
