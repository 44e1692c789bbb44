import type { GraphNode, Tensor, TensorType, TypedGraph } from '../../onnx/graph.js';
import { floatsOf, floatTensor } from '../floatGraph.js';

/**
 * Quotients as products: by constants, with the reciprocals of those; of two tensors, with the reciprocal of the divisor, which
 * is a function of one tensor and so a table.
 */
export function divisionsToProducts(graph: TypedGraph): TypedGraph {
  const initializers = new Map<string, Tensor>(graph.initializers);
  const types = new Map<string, TensorType>(graph.types);
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    const [a, b] = node.inputs as [string, string];
    const [output] = node.outputs as [string];
    if (node.opType !== 'Div' || node.domain !== '' || types.get(output)?.type !== 'float32') return [node];
    const name = `${output}/reciprocal`;
    const divisor = initializers.get(b);
    if (divisor !== undefined) {
      const inverse = floatTensor(divisor.shape, floatsOf(divisor).map((value) => 1 / value));
      initializers.set(name, inverse);
      types.set(name, inverse);
      return [{ ...node, opType: 'Mul', inputs: [a, name] }];
    }
    types.set(name, types.get(b) as TensorType);
    return [
      { name: `${node.name}/Reciprocal`, opType: 'Reciprocal', domain: '', inputs: [b], outputs: [name], attributes: new Map() },
      { ...node, opType: 'Mul', inputs: [a, name] },
    ];
  });
  return { ...graph, nodes, initializers, types };
}
