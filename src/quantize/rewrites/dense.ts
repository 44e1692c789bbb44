import { floatAttribute, intAttribute, intsValue } from '../../onnx/attributes.js';
import type { Attribute, GraphNode, Tensor, TensorType, TypedGraph } from '../../onnx/graph.js';
import { floatsOf, floatTensor } from '../floatGraph.js';
import { AFFINE, DENSE, internalNode, transposed } from '../internalOperators.js';
import { alongAxis, broadcastsTo } from './channels.js';

/** MatMul and Gemm by a constant matrix as Dense; a Gemm of two computed matrices as MatMul, with what surrounds it. */
export function productsToDense(graph: TypedGraph): TypedGraph {
  const initializers = new Map<string, Tensor>(graph.initializers);
  const types = new Map<string, TensorType>(graph.types);
  const state: State = {
    types,
    initializers,
    constant: (name, tensor) => {
      initializers.set(name, tensor);
      types.set(name, { type: tensor.type, shape: tensor.shape });
      return name;
    },
  };
  const nodes = graph.nodes.flatMap((node) => (node.domain !== '' ? [node] : node.opType === 'MatMul' ? matMul(state, node) : node.opType === 'Gemm' ? gemm(state, node) : [node]));
  return { ...graph, nodes, initializers, types };
}

interface State {
  readonly types: Map<string, TensorType>;
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly constant: (name: string, tensor: Tensor) => string;
}

function matMul(state: State, node: GraphNode): GraphNode[] {
  const [x, w] = node.inputs as [string, string];
  const weights = state.initializers.get(w);
  const left = state.initializers.get(x);
  if (left?.shape.length === 2 && weights === undefined && (state.types.get(w)?.shape.length ?? 0) >= 2) return leftProduct(state, node, left);
  const rank = state.types.get(x)?.shape.length ?? 0;
  if (weights === undefined || weights.shape.length !== 2 || rank < 2 || state.initializers.has(x)) return [node];
  return [internalNode(DENSE, { name: node.name, inputs: [x, state.constant(`${node.outputs[0]}/weights`, transposed(weights))], outputs: node.outputs })];
}

/** W · x = (xᵀ · Wᵀ)ᵀ: turned round twice, which is free, weights get a scale for each row. */
function leftProduct(state: State, node: GraphNode, matrix: Tensor): GraphNode[] {
  const [name, x] = node.inputs as [string, string];
  const [output] = node.outputs as [string];
  const { shape } = state.types.get(x) as TensorType;
  const last = shape.length - 1;
  const perm = [...shape.slice(0, -2).keys(), last, last - 1];
  const turnedShape = (own: readonly number[]): number[] => perm.map((axis) => own[axis] as number);
  const turn = (from: string, to: string, own: readonly number[]): GraphNode => {
    state.types.set(to, { type: 'float32', shape: own });
    return { name: `${node.name}/${to === output ? 'back' : 'turned'}`, opType: 'Transpose', domain: '', inputs: [from], outputs: [to], attributes: new Map<string, Attribute>([['perm', intsValue(perm)]]) };
  };
  const result = state.types.get(output) as TensorType;
  state.types.set(`${output}/turned`, { type: 'float32', shape: turnedShape(result.shape) });
  return [
    turn(x, `${output}/operand`, turnedShape(shape)),
    internalNode(DENSE, { name: node.name, inputs: [`${output}/operand`, state.constant(`${name}/rows`, matrix)], outputs: [`${output}/turned`] }),
    turn(`${output}/turned`, output, result.shape),
  ];
}

/** α · A′ · B′ + β · C. https://onnx.ai/onnx/operators/onnx__Gemm.html */
function gemm(state: State, node: GraphNode): GraphNode[] {
  const [a, b, c] = node.inputs as [string, string, string | undefined];
  const [output] = node.outputs as [string];
  const [alpha, beta] = [floatAttribute(node, 'alpha', 1), floatAttribute(node, 'beta', 1)];
  const nodes: GraphNode[] = [];
  const turned = (name: string): string => {
    const { type, shape } = state.types.get(name) as TensorType;
    const result = `${output}/${name}/turned`;
    state.types.set(result, { type, shape: [...shape].reverse() });
    nodes.push({ name: `${node.name}/Transpose`, opType: 'Transpose', domain: '', inputs: [name], outputs: [result], attributes: new Map<string, Attribute>([['perm', intsValue([1, 0])]]) });
    return result;
  };
  const left = intAttribute(node, 'transA', 0) === 1 ? turned(a) : a;
  const shape = (state.types.get(output) as TensorType).shape;
  const bias = c ? state.initializers.get(c) : undefined;
  const scaledBias = bias === undefined ? undefined : floatTensor(bias.shape, floatsOf(bias).map((value) => value * beta));
  const weights = state.initializers.get(b);
  if (weights !== undefined && !state.initializers.has(a)) {
    const own = intAttribute(node, 'transB', 0) === 1 ? weights : transposed(weights);
    const name = state.constant(`${output}/weights`, floatTensor(own.shape, floatsOf(own).map((value) => value * alpha)));
    const vector = scaledBias === undefined ? undefined : alongAxis(scaledBias, shape, 1);
    if (!c) return [...nodes, internalNode(DENSE, { name: node.name, inputs: [left, name], outputs: [output] })];
    if (vector !== undefined) return [...nodes, internalNode(DENSE, { name: node.name, inputs: [left, name, state.constant(`${output}/bias`, floatTensor([vector.length], vector))], outputs: [output] })];
    state.types.set(`${output}/product`, state.types.get(output) as TensorType);
    nodes.push(internalNode(DENSE, { name: `${node.name}/product`, inputs: [left, name], outputs: [`${output}/product`] }));
    return [...nodes, ...added(state, node, `${output}/product`, 1, scaledBias, beta)];
  }
  const right = intAttribute(node, 'transB', 0) === 1 ? turned(b) : b;
  state.types.set(`${output}/product`, state.types.get(output) as TensorType);
  nodes.push({ name: `${node.name}/product`, opType: 'MatMul', domain: '', inputs: [left, right], outputs: [`${output}/product`], attributes: new Map() });
  return [...nodes, ...added(state, node, `${output}/product`, alpha, scaledBias, beta)];
}

/** factor · product + C, with a C that is a constant, or computed, or not there. */
function added(state: State, node: GraphNode, product: string, factor: number, bias: Tensor | undefined, beta: number): GraphNode[] {
  const [output] = node.outputs as [string];
  const c = node.inputs[2];
  const type = state.types.get(output) as TensorType;
  const affine = (x: string, by: number, offset: Tensor, result: string, name: string): GraphNode => {
    state.types.set(result, state.types.get(x) as TensorType);
    const inputs = [x, state.constant(`${result}/factor`, floatTensor([], Float32Array.of(by))), state.constant(`${result}/offset`, offset)];
    return internalNode(AFFINE, { name, inputs, outputs: [result] });
  };
  const zero = floatTensor([], Float32Array.of(0));
  if (!c) return [affine(product, factor, zero, output, node.name)];
  if (bias !== undefined && broadcastsTo(bias, type.shape)) return [affine(product, factor, bias, output, node.name)];
  return [
    affine(product, factor, zero, `${output}/scaled`, `${node.name}/alpha`),
    affine(c, beta, zero, `${output}/beta`, `${node.name}/beta`),
    { name: node.name, opType: 'Add', domain: '', inputs: [`${output}/scaled`, `${output}/beta`], outputs: [output], attributes: new Map() },
  ];
}
