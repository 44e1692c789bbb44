import { ZkonnxError } from '../errors/index.js';
import { elementCount, type Graph, type GraphNode, type Tensor, type TensorType, type TypedGraph, type ValueInfo } from './graph.js';
import { expandNode } from './expand.js';
import { foldNode } from './foldConstants.js';
import { schemaOf } from './operators/registry.js';
import { InferContext } from './operators/schema.js';
import { attempt, type Refusals } from './refusals.js';
import { formatShape, sameShape } from './shape.js';
import { tensorNames } from './validate.js';

/** No single tensor of a model that can be proven comes near this; larger ones would only exhaust the memory. */
const MAX_ELEMENTS = 2 ** 31 - 1;

/**
 * The type and the shape of every tensor, from the shapes of the inputs. Nodes whose value is known (shape arithmetic, data
 * movement on weights) become initializers on the way. What the file itself says about shapes is not trusted.
 * @param graph with numbers for all input dimensions: {@link bindShapes}
 * @param refusals hears of nodes whose results cannot be inferred; they and what reads them stay without types, and are left out
 * @throws ZkonnxError OPERATOR_UNSUPPORTED, MODEL_INVALID, SHAPE_UNSUPPORTED, TYPE_UNSUPPORTED, MODEL_TOO_LARGE
 */
export function inferTypes(graph: Graph, refusals?: Refusals): TypedGraph {
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
    const current = node;
    const strange = refusals === undefined ? undefined : current.inputs.find((name) => name !== '' && !types.has(name));
    if (strange === undefined) attempt(refusals, current, () => inferNode(current), () => undefined);
    else blockNode(current, strange);
  }

  for (const branches of alike) attempt(refusals, { name: branches.node }, () => checkAlike(branches), () => undefined);
  const known = refusals === undefined ? graph.outputs : graph.outputs.filter(({ name }) => types.has(name));
  const outputs = known.map((output): ValueInfo => {
    const type = types.get(output.name) as TensorType;
    if (type.type !== output.type) {
      throw new ZkonnxError('MODEL_INVALID', { message: `The graph output '${output.name}' is declared with the wrong element type.`, expected: type.type, found: output.type });
    }
    return { name: output.name, ...type };
  });
  return { ...graph, outputs, initializers, nodes, types };

  function inferNode(node: GraphNode): void {
    const context = new InferContext({ node, opset: graph.opsets.get(node.domain) ?? 1, types, constants: initializers });
    const expansion = expandNode(context, fresh);
    if (expansion !== undefined) {
      for (const [name, tensor] of expansion.constants) {
        types.set(name, { type: tensor.type, shape: tensor.shape });
        initializers.set(name, tensor);
      }
      for (const pair of expansion.alike ?? []) alike.push({ node: node.name, pair });
      pending.push(...[...expansion.nodes].reverse());
      return;
    }
    const schema = schemaOf(node);
    const inferred = schema.infer(context).map((type, index) => (node.outputs[index] ? checkSize(type, `the tensor '${node.outputs[index]}'`, node.name) : type));
    // All or none: a node that is refused leaves no types behind.
    inferred.forEach((type, index) => {
      const name = node.outputs[index];
      if (name) types.set(name, type);
    });
    const values = foldNode(context, schema);
    if (values === undefined) nodes.push(node);
    else node.outputs.forEach((name, index) => { if (name !== '') initializers.set(name, values[index] as Tensor); });
  }

  function checkAlike({ node, pair }: (typeof alike)[number]): void {
    const [first, second] = pair.map((name) => types.get(name));
    // A branch of which nothing is known has been reported.
    if (first === undefined || second === undefined || (first.type === second.type && sameShape(first.shape, second.shape))) return;
    throw new ZkonnxError('SHAPE_UNSUPPORTED', {
      message: `The branches of node '${node}' (If) give tensors of different types or shapes, and which branch runs is computed from the data.`,
      node,
      expected: `${first.type} ${formatShape(first.shape)} from both`,
      found: `${second.type} ${formatShape(second.shape)} from the other`,
    });
  }

  /** Without the types of its operands no more can be said of a node than whether its operator is known. */
  function blockNode(node: GraphNode, operand: string): void {
    attempt(refusals, node, () => void schemaOf(node), () => undefined);
    const producer = graph.nodes.find(({ outputs: names }) => names.includes(operand))?.name ?? operand;
    refusals?.block(node, refusals.blocked.get(producer) ?? producer);
  }
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
