import { intValue } from '../../onnx/attributes.js';
import type { GraphNode, TypedGraph } from '../../onnx/graph.js';
import { softmaxAxes } from '../softmaxAxes.js';

/** Softmax along one axis with that axis as an attribute, so that it means the same in every opset. */
export function nameSoftmaxAxis(graph: TypedGraph): TypedGraph {
  const nodes = graph.nodes.map((node): GraphNode => {
    if (node.opType !== 'Softmax' || node.domain !== '') return node;
    const [axis, ...others] = softmaxAxes(node, graph);
    return axis === undefined || others.length > 0 ? node : { ...node, attributes: new Map([...node.attributes, ['axis', intValue(axis)]]) };
  });
  return { ...graph, nodes };
}
