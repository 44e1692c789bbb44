/** https://onnx.ai/onnx/operators/onnx__Loop.html */
import type { GraphNode, Tensor } from '../graph.js';
import type { InferContext } from '../operators/schema.js';
import type { Expansion } from './expansion.js';
import { Expander } from './expander.js';
import { inlined } from './inline.js';
import { bodyOf, MOST_ROUNDS, stacked } from './iteration.js';

/** What is left of a loop after some rounds. */
interface Progress {
  readonly round: number;
  /** For each output that collects, its tensors so far. */
  readonly collected: readonly (readonly string[])[];
}

/** The rest of a loop is a Loop again, with what has been collected beside it. */
const PROGRESS = new WeakMap<GraphNode, Progress>();

/**
 * One round of a Loop, and the Loop that is left: types and constants of a round are known before the next begins, so a condition
 * that a round computes from constants ends the loop as well.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED when the number of rounds depends on the data, or is above 4,096
 */
export function expandLoop(context: InferContext, fresh: (base: string) => string): Expansion {
  const { node } = context;
  const carried = node.inputs.slice(2);
  const { round, collected } = PROGRESS.get(node) ?? { round: 0, collected: node.outputs.slice(carried.length).map(() => []) };
  const trips = context.has(0) ? context.integers(0, 'trip count')[0] : undefined;
  const condition = context.has(1) ? context.constant(1)?.data[0] : 1;
  if (condition === undefined) throw context.unsupported('The condition of a Loop is computed from the data, so the number of its rounds is not known', 'Give the Loop a constant trip count, and choose with Where inside it.');
  const b = new Expander(node, fresh);
  if (condition === 0 || (trips !== undefined && round >= trips)) {
    carried.forEach((name, index) => b.finish(name, index));
    collected.forEach((tensors, index) => {
      const output = carried.length + index;
      if (!node.outputs[output]) return;
      if (tensors.length === 0) throw context.unsupported('A Loop without a round collects a tensor without elements');
      b.finish(stacked(b, tensors, 0, context.opset), output);
    });
    return b.expansion;
  }
  if (round >= MOST_ROUNDS) throw context.unsupported(`A Loop has more than ${MOST_ROUNDS} rounds`, 'Write the loop as operators on whole tensors.');
  const body = bodyOf(context, 2 + carried.length, 1 + node.outputs.length);
  const truth: Tensor = { type: 'bool', shape: [], data: Uint8Array.of(1) };
  const inputs = [b.integers([round], []), node.inputs[1] || b.constant(truth), ...carried];
  const inner = inlined({ ...node, name: `${node.name}/${round}` }, body, inputs, fresh);
  const [next, ...results] = inner.outputs as [string, ...string[]];
  // A body may hand on a tensor of the graph around it.
  const rest: GraphNode = { ...node, inputs: [node.inputs[0] ?? '', next, ...results.slice(0, carried.length)] };
  PROGRESS.set(rest, { round: round + 1, collected: collected.map((tensors, index) => [...tensors, results[carried.length + index] as string]) });
  return { nodes: [...inner.nodes, rest], constants: new Map([...inner.constants, ...b.expansion.constants]) };
}
