/** A movement written out: its operands flattened and laid end to end, and every element of the result picked by number. */
import type { GraphNode, Tensor } from '../graph.js';
import { movementMap } from '../movementMap.js';
import type { State } from './state.js';

/**
 * Appends a movement as Reshape, Concat and Gather, which ONNX Runtime has for all element types.
 * @param inputs core names of the node's inputs
 * @param fill the value where the operator itself puts zeros, a scalar of the type of the elements
 */
export function emitGathered(state: State, { node, inputs, output, fill, from }: {
  node: GraphNode;
  inputs: readonly string[];
  output: string;
  fill: Tensor;
  from: readonly string[];
}): string {
  const { core } = state;
  const { sources, outputs } = movementMap({ node: { ...node, inputs }, type: (name) => core.type(name), constant: (name) => core.constants.get(name) });
  const [index] = outputs as [Int32Array];
  const { shape } = core.typeOf({ node: { ...node, inputs }, output });
  const flat = state.shared('flat_shape', () => ({ type: 'int64', shape: [1], data: BigInt64Array.of(-1n) }));
  const parts = sources.map((source) => core.emit({ name: `${node.name}_Flatten`, opType: 'Reshape', inputs: [inputs[source] as string, flat], output: core.fresh(`${output}_flat`), from }));
  let elements = parts.reduce((total, part) => total + (core.type(part).shape[0] as number), 0);
  if (index.includes(-1)) {
    parts.push(core.constant(core.fresh(`${output}_fill`), { ...fill, shape: [1] }));
    elements++;
  }
  const all = parts.length === 1 ? (parts[0] as string) : core.emit({
    name: `${node.name}_Concat`, opType: 'Concat', inputs: parts, output: core.fresh(`${output}_all`), attributes: new Map([['axis', { kind: 'int', value: 0n }]]), from,
  });
  const places = core.constant(core.fresh(`${output}_places`), { type: 'int32', shape, data: index.map((element) => (element < 0 ? elements - 1 : element)) });
  return core.emit({ name: node.name, opType: 'Gather', inputs: [all, places], output, from });
}
