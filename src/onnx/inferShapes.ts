import { ZkonnxError } from '../errors/index.js';
import { elementCount, type Graph, type GraphNode, type Tensor, type TensorType, type TypedGraph, type ValueInfo } from './graph.js';
import { expandNode } from './expand.js';
import { foldNode } from './foldConstants.js';
import { schemaOf } from './operators/registry.js';
import { InferContext } from './operators/schema.js';
import { formatShape, sameShape } from './shape.js';
import { tensorNames } from './validate.js';

/** No single tensor of a model that can be proven comes near this; larger ones would only exhaust the memory. */
const MAX_ELEMENTS = 2 ** 31 - 1;

/**
 * The type and the shape of every tensor, from the shapes of the inputs. Nodes whose value is known (shape arithmetic, data
 * movement on weights) become initializers on the way. What the file itself says about shapes is not trusted.
 * @param graph with numbers for all input dimensions: {@link bindShapes}
 * @throws ZkonnxError OPERATOR_UNSUPPORTED, MODEL_INVALID, SHAPE_UNSUPPORTED, TYPE_UNSUPPORTED, MODEL_TOO_LARGE
 */
export function inferTypes(graph: Graph): TypedGraph {
  const types = new Map<string, TensorType>();
  const initializers = new Map<string, Tensor>(graph.initializers);
  for (const { name, type, shape } of graph.inputs) types.set(name, checkSize({ type, shape: knownShape(name, shape) }, `the input '${name}'`));
  for (const [name, { type, shape }] of initializers) types.set(name, { type, shape });

  const nodes: GraphNode[] = [];
  const names = tensorNames(graph);
  const fresh = (base: string): string => {
    let name = base;
    for (let suffix = 2; names.has(name); suffix++) name = `${base}_${suffix}`;
    names.add(name);
    return name;
  };
  const pending = [...graph.nodes].reverse();
  const alike: { readonly node: string; readonly pair: readonly [string, string] }[] = [];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const context = new InferContext({ node, opset: graph.opsets.get(node.domain) ?? 1, types, constants: initializers });
    const expansion = expandNode(context, fresh);
    if (expansion !== undefined) {
      for (const [name, tensor] of expansion.constants) {
        types.set(name, { type: tensor.type, shape: tensor.shape });
        initializers.set(name, tensor);
      }
      for (const pair of expansion.alike ?? []) alike.push({ node: node.name, pair });
      pending.push(...[...expansion.nodes].reverse());
      continue;
    }
    const schema = schemaOf(node);
    schema.infer(context).forEach((type, index) => {
      const name = node.outputs[index];
      if (name) types.set(name, checkSize(type, `the tensor '${name}'`, node.name));
    });
    const values = foldNode(context, schema);
    if (values === undefined) nodes.push(node);
    else node.outputs.forEach((name, index) => { if (name !== '') initializers.set(name, values[index] as Tensor); });
  }

  for (const { node, pair } of alike) {
    const [first, second] = pair.map((name) => types.get(name)) as [TensorType, TensorType];
    if (first.type === second.type && sameShape(first.shape, second.shape)) continue;
    throw new ZkonnxError('SHAPE_UNSUPPORTED', {
      message: `The branches of node '${node}' (If) give tensors of different types or shapes, and which branch runs is computed from the data.`,
      node,
      expected: `${first.type} ${formatShape(first.shape)} from both`,
      found: `${second.type} ${formatShape(second.shape)} from the other`,
    });
  }

  const outputs = graph.outputs.map((output): ValueInfo => {
    const type = types.get(output.name) as TensorType;
    if (type.type !== output.type) {
      throw new ZkonnxError('MODEL_INVALID', { message: `The graph output '${output.name}' is declared with the wrong element type.`, expected: type.type, found: output.type });
    }
    return { name: output.name, ...type };
  });
  return { ...graph, outputs, initializers, nodes, types };
}

function knownShape(name: string, shape: ValueInfo['shape']): number[] {
  return shape.map((dimension) => {
    if (typeof dimension === 'number') return dimension;
    throw new ZkonnxError('SHAPE_UNSUPPORTED', { message: `The input '${name}' has the symbolic shape ${formatShape(shape)}.` });
  });
}

function checkSize(type: TensorType, what: string, node?: string): TensorType {
  const count = elementCount(type.shape);
  if (count > MAX_ELEMENTS) throw new ZkonnxError('MODEL_TOO_LARGE', { message: `${what[0]?.toUpperCase()}${what.slice(1)} of shape ${formatShape(type.shape)} has ${count} elements.`, node, expected: `at most ${MAX_ELEMENTS}`, found: String(count) });
  // An empty list of integers is the shape of a scalar; an empty tensor of data has no use.
  if (count === 0 && type.type !== 'int64') throw new ZkonnxError('SHAPE_UNSUPPORTED', { message: `${what[0]?.toUpperCase()}${what.slice(1)} of shape ${formatShape(type.shape)} is empty.`, node });
  return type;
}
