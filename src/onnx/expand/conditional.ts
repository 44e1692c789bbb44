/** https://onnx.ai/onnx/operators/onnx__If.html */
import type { Graph } from '../graph.js';
import type { InferContext } from '../operators/schema.js';
import { formatShape } from '../shape.js';
import type { Expansion } from './expansion.js';
import { Expander } from './expander.js';
import { inlined } from './inline.js';

/**
 * With a constant condition an If is one of its branches. With a computed one both are computed, and every output is a choice
 * between theirs, which must have the same type and shape.
 */
export function expandIf(context: InferContext, fresh: (base: string) => string): Expansion {
  const { node } = context;
  const condition = context.expectType(0, 'condition', ['bool']);
  if (condition.shape.some((size) => size !== 1)) throw context.invalid('The condition of an If is not one truth value', 'bool of one element', `${condition.type} ${formatShape(condition.shape)}`);
  const value = context.constant(0)?.data[0];
  const branches = (['then_branch', 'else_branch'] as const).filter((name) => value === undefined || (name === 'then_branch') === (value !== 0)).map((name) => inlined(node, branchOf(context, name), [], fresh));
  const b = new Expander(node, fresh);
  const alike: (readonly [string, string])[] = [];
  const choice = branches.length === 1 ? '' : b.node('Reshape', [node.inputs[0] as string, b.integers([])]);
  node.outputs.forEach((output, index) => {
    const [first, second] = branches.map(({ outputs }) => outputs[index] as string) as [string, string?];
    if (output === '') return;
    if (second === undefined) {
      b.finish(first, index);
      return;
    }
    alike.push([first, second]);
    b.node('Where', [choice, first, second], { output });
  });
  return {
    nodes: [...branches.flatMap(({ nodes }) => nodes), ...b.expansion.nodes],
    constants: new Map([...branches.flatMap(({ constants }) => [...constants]), ...b.expansion.constants]),
    alike,
  };
}

function branchOf(context: InferContext, name: string): Graph {
  const { node } = context;
  const attribute = node.attributes.get(name);
  if (attribute?.kind !== 'graph') throw context.invalid(`The attribute ${name} is missing`, 'a graph', attribute?.kind ?? 'nothing');
  const graph = attribute.value;
  if (graph.inputs.length > 0 || graph.outputs.length !== node.outputs.length) throw context.invalid('The branch does not fit the If', `no inputs and ${node.outputs.length} outputs`, `${graph.inputs.length} inputs and ${graph.outputs.length} outputs`);
  return graph;
}
