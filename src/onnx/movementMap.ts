import { ZkonnxError } from '../errors/index.js';
import { elementCount, type GraphNode, type Tensor, type TensorType } from './graph.js';
import { foldNode } from './foldConstants.js';
import { schemaOf } from './operators/registry.js';
import { InferContext } from './operators/schema.js';

/** Where the elements of the outputs of a node come from. */
export interface MovementMap {
  /** The inputs that hold the elements, by index. */
  readonly sources: readonly number[];
  /** Per output: the number of each element in the sources laid end to end, −1 for a zero. */
  readonly outputs: readonly Int32Array[];
}

/**
 * The map of an operator that only moves elements. It is found by folding the operator on tensors that hold the numbers of their
 * own elements, so an operator that folds moves exactly as it folds.
 * @param type the type of a tensor by name
 * @param constant the value of a tensor by name, when it is a constant
 * @throws ZkonnxError OPERATOR_UNSUPPORTED when the operator computes, or when the places depend on the data
 */
export function movementMap({ node, type, constant }: {
  node: GraphNode;
  type: (name: string) => TensorType;
  constant: (name: string) => Tensor | undefined;
}): MovementMap {
  const schema = schemaOf(node);
  // Each input gets a name of its own: the same tensor may be a source twice.
  const renamed: GraphNode = { ...node, inputs: node.inputs.map((name, index) => (name === '' ? '' : String(index))) };
  const types = new Map<string, TensorType>();
  const constants = new Map<string, Tensor>();
  node.inputs.forEach((name, index) => {
    if (name === '') return;
    types.set(String(index), type(name));
    const value = constant(name);
    if (value !== undefined) constants.set(String(index), value);
  });
  const context = new InferContext({ node: renamed, opset: 1, types, constants });
  const sources = schema.moves?.(context);
  if (sources === undefined) throw refusal(node, 'computes with the elements that it moves', 'an operator that only moves elements');
  let next = 1;
  for (const source of sources) {
    const { shape } = context.input(source);
    const first = next;
    next += elementCount(shape);
    // From 1 on, so that the zeros of the operator itself are told apart.
    const data = Int32Array.from({ length: next - first }, (_, index) => first + index);
    types.set(String(source), { type: 'int32', shape });
    constants.set(String(source), { type: 'int32', shape, data });
  }
  const outputs = foldNode(context, schema);
  if (outputs === undefined) throw refusal(node, 'moves elements to places that are computed from the data', 'constant indices');
  return { sources, outputs: outputs.map(({ data }) => (data as Int32Array).map((element) => element - 1)) };
}

function refusal(node: GraphNode, what: string, expected: string): ZkonnxError {
  return new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `The operator ${node.opType} of node '${node.name}' ${what}.`, node: node.name, expected, found: node.opType });
}
