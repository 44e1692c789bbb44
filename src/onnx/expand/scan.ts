/** https://onnx.ai/onnx/operators/onnx__Scan.html */
import { intAttribute, intsAttribute, intValue } from '../attributes.js';
import type { GraphNode, Tensor } from '../graph.js';
import type { InferContext } from '../operators/schema.js';
import type { Expansion } from './expansion.js';
import { Expander } from './expander.js';
import { inlined } from './inline.js';
import { bodyOf, MOST_ROUNDS, stacked } from './iteration.js';

/** All rounds of a Scan, written out one after the other: their number is the length of an axis. */
export function expandScan(context: InferContext, fresh: (base: string) => string): Expansion {
  const { node } = context;
  const scanned = intAttribute(node, 'num_scan_inputs', 0);
  const states = node.inputs.length - scanned;
  if (scanned < 1 || states < 0) throw context.invalid('The attribute num_scan_inputs is wrong', `1 to ${node.inputs.length}`, String(scanned));
  const perInput = (name: string): number[] => intsAttribute(node, name) ?? new Array<number>(scanned).fill(0);
  const axes = perInput('scan_input_axes').map((axis, index) => context.axis(axis, context.input(states + index).shape.length));
  const backwards = perInput('scan_input_directions');
  const lengths = new Set(axes.map((axis, index) => context.input(states + index).shape[axis] as number));
  const [length] = [...lengths] as [number];
  if (lengths.size > 1) throw context.shapeMismatch('The tensors that are scanned differ in length', 'one length', node.inputs.slice(states).map((_, index) => context.input(states + index).shape));
  if (length > MOST_ROUNDS) throw context.unsupported(`A Scan has more than ${MOST_ROUNDS} rounds`, 'Write the loop as operators on whole tensors.');

  const body = bodyOf(context, node.inputs.length, node.outputs.length);
  const nodes: GraphNode[] = [];
  const constants = new Map<string, Tensor>();
  const collected: string[][] = node.outputs.slice(states).map(() => []);
  let carried = node.inputs.slice(0, states);
  for (let round = 0; round < length; round++) {
    const b = new Expander(node, fresh);
    const slices = axes.map((axis, index) => {
      const place = b.integers([backwards[index] === 1 ? length - 1 - round : round], []);
      return b.node('Gather', [node.inputs[states + index] as string, place], { attributes: { axis: intValue(axis) } });
    });
    const inner = inlined({ ...node, name: `${node.name}/${round}` }, body, [...carried, ...slices], fresh);
    nodes.push(...b.expansion.nodes, ...inner.nodes);
    for (const [name, tensor] of [...b.expansion.constants, ...inner.constants]) constants.set(name, tensor);
    carried = inner.outputs.slice(0, states);
    collected.forEach((tensors, index) => tensors.push(inner.outputs[states + index] as string));
  }
  const end = new Expander(node, fresh);
  carried.forEach((name, index) => end.finish(name, index));
  const outputAxes = intsAttribute(node, 'scan_output_axes') ?? [];
  const outputBackwards = intsAttribute(node, 'scan_output_directions') ?? [];
  collected.forEach((tensors, index) => {
    if (!node.outputs[states + index]) return;
    end.finish(stacked(end, outputBackwards[index] === 1 ? [...tensors].reverse() : tensors, outputAxes[index] ?? 0, context.opset), states + index);
  });
  for (const [name, tensor] of end.expansion.constants) constants.set(name, tensor);
  return { nodes: [...nodes, ...end.expansion.nodes], constants };
}
