import { encodeModel } from '../onnx/encode.js';
import type { Graph, Tensor, TypedGraph } from '../onnx/graph.js';
import { elementBits } from '../onnx/elementType.js';
import { withSession, run, type Optimisation } from './session.js';

/** The graph with every tensor that a node computes as an output, its own outputs first. */
export function exposeIntermediates(graph: TypedGraph): Graph {
  const own = new Set(graph.outputs.map(({ name }) => name));
  const computed = graph.nodes.flatMap(({ outputs }) => outputs).filter((name) => name !== '' && !own.has(name));
  const extra = computed.flatMap((name) => {
    const type = graph.types.get(name);
    return type === undefined || elementBits(type.type) < 8 ? [] : [{ name, ...type }];
  });
  return { ...graph, outputs: [...graph.outputs, ...extra] };
}

/**
 * Every tensor that the graph computes, by name, as ONNX Runtime computes it. The graph is written out again with all tensors as
 * outputs; with optimisation that keeps operators apart that would otherwise be fused, so 'disabled' is what compares.
 * @throws ZkonnxError NATIVE_FAILED, INPUT_MISSING
 */
export async function runWithIntermediates({ graph, inputs, optimisation = 'disabled' }: {
  graph: TypedGraph;
  inputs: ReadonlyMap<string, Tensor>;
  optimisation?: Optimisation;
}): Promise<Map<string, Tensor>> {
  const bytes = encodeModel(exposeIntermediates(graph));
  return withSession({ bytes, optimisation }, (session) => run(session, inputs));
}
