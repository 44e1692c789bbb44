import type { GraphNode, TensorType, TypedGraph } from '../../onnx/graph.js';
import { scalarConstant } from './scalarConstant.js';

/** Sum and Mean of several tensors as Adds of two, and for a mean a product with the reciprocal of their number. */
export function sumsOfTwo(graph: TypedGraph): TypedGraph {
  const types = new Map<string, TensorType>(graph.types);
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    if ((node.opType !== 'Sum' && node.opType !== 'Mean') || node.domain !== '') return [node];
    const [output] = node.outputs as [string];
    const type = types.get(output) as TensorType;
    const part = (opType: string, inputs: readonly string[], result: string, suffix: string): GraphNode => {
      types.set(result, type);
      return { name: `${node.name}${suffix}`, opType, domain: '', inputs, outputs: [result], attributes: new Map() };
    };
    const count = node.inputs.length;
    const total = node.opType === 'Mean' && count > 1 ? `${output}/sum` : output;
    if (count === 1) return [part('Identity', node.inputs, output, '')];
    const adds = node.inputs.slice(1).map((name, index) => {
      const last = index === count - 2;
      return part('Add', [index === 0 ? (node.inputs[0] as string) : `${output}/sum${index}`, name], last ? total : `${output}/sum${index + 1}`, last ? '' : `/Add${index + 1}`);
    });
    if (total === output) return adds;
    return [...adds, part('Mul', [total, scalarConstant(initializers, types, `${output}/count`, 1 / count)], output, '/Mul')];
  });
  return { ...graph, nodes, types, initializers };
}
