/**
 * Operators that exist only while a float model is rewritten, so that many spellings of one thing are one thing:
 * `Affine(x, factor, offset)` = x · factor + offset with constants that broadcast to x, and `Dense(x, weights, bias)` =
 * x · weightsᵀ + bias along the last axis, with weights [outputs, inputs] and a bias that may be left out; `MaskedSoftmax(x, keep)` =
 * Softmax with the attributes of ONNX's, of the elements that a constant of booleans, which broadcasts to x, keeps, and 0 elsewhere.
 */
import type { Graph, GraphNode, Tensor, TypedGraph } from '../onnx/graph.js';
import { floatTensor } from './floatGraph.js';

export const INTERNAL_DOMAIN = 'zkonnx';
export const AFFINE = 'Affine';
export const DENSE = 'Dense';
export const MASKED_SOFTMAX = 'MaskedSoftmax';

/** Leaves nothing of an exponential. */
const LOWEST = -1e30;

export function internalNode(opType: typeof AFFINE | typeof DENSE, node: Pick<GraphNode, 'name' | 'inputs' | 'outputs'>): GraphNode {
  return { ...node, opType, domain: INTERNAL_DOMAIN, attributes: new Map() };
}

/** The same graph in operators of ONNX, for ONNX Runtime. */
export function withoutInternalOperators(graph: TypedGraph): Graph {
  const initializers = new Map<string, Tensor>(graph.initializers);
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    if (node.domain !== INTERNAL_DOMAIN) return [node];
    const [x, factor, offset] = node.inputs as [string, string, string | undefined];
    const [output] = node.outputs as [string];
    const part = (opType: string, inputs: readonly string[], result: string): GraphNode => ({ name: `${node.name}/${opType}`, opType, domain: '', inputs, outputs: [result], attributes: new Map() });
    if (node.opType === MASKED_SOFTMAX) {
      const [lowest, scores] = [`${output}/lowest`, `${output}/scores`];
      initializers.set(lowest, floatTensor([], Float32Array.of(LOWEST)));
      return [part('Where', [factor, x, lowest], scores), { ...part('Softmax', [scores], output), attributes: node.attributes }];
    }
    const middle = `${output}/product`;
    if (node.opType === AFFINE) return [part('Mul', [x, factor], middle), part('Add', [middle, offset as string], output)];
    const turned = `${factor}/turned`;
    initializers.set(turned, transposed(graph.initializers.get(factor) as Tensor));
    if (!offset) return [part('MatMul', [x, turned], output)];
    return [part('MatMul', [x, turned], middle), part('Add', [middle, offset], output)];
  });
  return { ...graph, nodes, initializers };
}

/** A matrix with its axes exchanged. */
export function transposed({ shape, data }: Tensor): Tensor {
  const [rows, columns] = shape as [number, number];
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) result[column * rows + row] = data[row * columns + column] as number;
  return floatTensor([columns, rows], result);
}

