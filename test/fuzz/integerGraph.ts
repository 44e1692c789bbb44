/** Random graphs of integer operators, without any scales. */
import type { Graph, Tensor } from '../../src/onnx/graph.js';
import { GraphBuilder, tensor } from '../../src/onnx/testing/graphBuilder.js';
import type { RandomGraph } from './generator.js';
import { INTEGER_CONTROL } from './integerControl.js';
import { INTEGER_ELEMENTWISE } from './integerElementwise.js';
import { INTEGER_MOVEMENT } from './integerMovement.js';
import { INTEGER_REDUCTIONS } from './integerReductions.js';
import { EVERY, MOST_ELEMENTS, randomInterval, valuesWithin, type IntegerMaker, type IntegerValue } from './integerStep.js';
import type { Random } from './random.js';
import { count } from './step.js';

/** By a name of its own. */
export const INTEGER_MAKERS: Readonly<Record<string, IntegerMaker>> = { ...INTEGER_CONTROL, ...INTEGER_ELEMENTWISE, ...INTEGER_MOVEMENT, ...INTEGER_REDUCTIONS };

/** Reductions of booleans are of opset 20. */
const OPSET = 20;
const MOST_DIMENSIONS = 5;

export interface IntegerGraphOptions {
  /** Names in {@link INTEGER_MAKERS}, each as often as it should be chosen. */
  readonly makers: readonly string[];
  /** Most operators. */
  readonly steps: number;
  readonly inputSets: number;
}

/** @returns undefined when the choices led nowhere */
export function randomIntegerGraph(random: Random, { makers, steps, inputSets }: IntegerGraphOptions): RandomGraph | undefined {
  const shape = random.pick([() => [random.int(1, 4), random.int(1, 12)], () => [random.int(1, 3), random.int(1, 4), random.int(1, 6)], () => [random.int(1, 20)]])();
  const favourite = random.pick(EVERY);
  const inputs = Array.from({ length: random.int(1, 4) }, (_, index): IntegerValue => {
    const type = random.chance(0.5) ? favourite : random.pick([...EVERY, 'int32', 'int64'] as const);
    return { name: `x${index}`, type, shape: random.pick([shape, shape, shape, shape.slice(1), shape.map((size, axis) => (axis === 0 ? 1 : size))]), ...randomInterval(random, type) };
  });
  const builder = new GraphBuilder();
  const pool: IntegerValue[] = [...inputs];
  const made: { readonly label: string; readonly values: readonly IntegerValue[] }[] = [];
  for (let attempt = 0; attempt < 6 * steps && made.length < steps; attempt++) {
    const step = INTEGER_MAKERS[random.pick(makers)]?.({ random, pool });
    if (step === undefined || step.results.some((result) => count(result.shape) > MOST_ELEMENTS || result.shape.length > MOST_DIMENSIONS)) continue;
    const values = step.results.map((result, index) => ({ ...result, name: `t${made.length}${index === 0 ? '' : `_${index}`}` }));
    step.emit(builder, values.map(({ name }) => name));
    pool.push(...values);
    made.push({ label: step.label, values });
  }
  const read = new Set(readNames(builder.build()));
  const labels = new Map<string, string>();
  for (const { label, values } of made) {
    for (const { name, type, shape: own } of values) {
      if (read.has(name) && random.chance(0.3)) continue;
      builder.output(name, type, own);
      labels.set(name, label);
    }
  }
  const used = inputs.filter(({ name }) => read.has(name));
  if (used.length === 0) return undefined;
  for (const { name, type, shape: own } of used) builder.input(name, type, own);
  const sets = Array.from({ length: inputSets }, () => new Map(used.map((value): [string, Tensor] => [value.name, tensor(value.type, value.shape, valuesWithin(random, count(value.shape), value))])));
  return { graph: builder.build(OPSET), inputSets: sets, labels };
}

/** What the nodes of a graph read, those of the graphs inside them included. */
function readNames({ nodes }: Graph): string[] {
  return nodes.flatMap(({ inputs, attributes }) => [...inputs, ...[...attributes.values()].flatMap((attribute) => (attribute.kind === 'graph' ? readNames(attribute.value) : []))]);
}
