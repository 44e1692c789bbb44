/** Nodes of the original graph in the canonical opset. */
import { ZkonnxError } from '../../errors/index.js';
import { intsAttribute } from '../attributes.js';
import type { Attribute, GraphNode } from '../graph.js';
import type { State } from './state.js';
import type { Operand } from './values.js';

/** MaxPool and Clip take 8-bit integers since opset 12, Squeeze and Unsqueeze take their axes as an input since 13. */
export const CANONICAL_OPSET = 13;

/**
 * Appends an original node to the core, its float operands replaced by integers, in the form of the canonical opset. Between
 * opsets 11 and 13 only the axes of Squeeze and Unsqueeze moved, among the operators that are kept.
 */
export function integerNode(state: State, node: GraphNode, operands: readonly Operand[], output: string, from: readonly string[]): string {
  const inputs = operands.map((operand) => (operand === undefined ? '' : coreName(state, node, operand)));
  let attributes: ReadonlyMap<string, Attribute> = node.attributes;
  if ((node.opType === 'Squeeze' || node.opType === 'Unsqueeze') && attributes.has('axes')) {
    const axes = intsAttribute(node, 'axes') as number[];
    inputs[1] = state.core.constant(state.core.fresh(`${node.name}_axes`), { type: 'int64', shape: [axes.length], data: BigInt64Array.from(axes, BigInt) });
    attributes = new Map([...attributes].filter(([name]) => name !== 'axes'));
  }
  return state.core.emit({ name: node.name, opType: node.opType, domain: node.domain, inputs, output, attributes, from });
}

function coreName(state: State, node: GraphNode, { name, value }: NonNullable<Operand>): string {
  if (value.kind === 'integer') return value.tensor;
  if (value.kind === 'constant') return state.core.constant(name, value.value);
  throw new ZkonnxError('INTERNAL', { message: `The node '${node.name}' reads the float tensor '${name}' in the integer core.`, node: node.name });
}
