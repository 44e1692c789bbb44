import { ZkonnxError } from '../errors/index.js';
import type { Graph, GraphNode, Tensor, ValueInfo } from './graph.js';

/**
 * The rules that hold for every ONNX graph whatever its operators: each tensor has one producer, and each tensor that is read
 * exists. https://onnx.ai/onnx/repo-docs/IR.html#graphs
 * @throws ZkonnxError MODEL_INVALID
 */
export function checkGraph({ inputs, outputs, initializers, nodes, outer }: {
  inputs: readonly ValueInfo[];
  outputs: readonly ValueInfo[];
  initializers: ReadonlyMap<string, Tensor>;
  nodes: readonly GraphNode[];
  outer: ReadonlySet<string>;
}): void {
  const producers = new Map<string, string>();
  const produce = (name: string, by: string, node?: string): void => {
    const other = producers.get(name);
    if (other !== undefined) throw new ZkonnxError('MODEL_INVALID', { message: `The tensor '${name}' is produced twice, by ${other} and by ${by}.`, node });
    producers.set(name, by);
  };
  for (const { name } of inputs) produce(name, 'the graph inputs');
  for (const name of initializers.keys()) produce(name, 'the initializers');
  for (const node of nodes) {
    if (node.outputs.every((name) => name === '')) throw new ZkonnxError('MODEL_INVALID', { message: `The node '${node.name}' has no output.`, node: node.name });
    for (const name of node.outputs) if (name !== '') produce(name, `node '${node.name}'`, node.name);
  }
  const read = (name: string, node?: string): void => {
    if (name === '' || producers.has(name) || outer.has(name)) return;
    throw new ZkonnxError('MODEL_INVALID', {
      message: node === undefined ? `The graph output '${name}' is never produced.` : `The node '${node}' reads the tensor '${name}', which is never produced.`,
      node,
      expected: 'a graph input, an initializer or an output of a node',
    });
  };
  for (const node of nodes) for (const name of node.inputs) read(name, node.name);
  if (outputs.length === 0) throw new ZkonnxError('MODEL_INVALID', { message: 'The graph has no outputs.' });
  const seen = new Set<string>();
  for (const { name } of outputs) {
    read(name);
    if (seen.has(name)) throw new ZkonnxError('MODEL_INVALID', { message: `The graph output '${name}' is listed twice.` });
    seen.add(name);
  }
}

/** The names of all tensors of a graph. */
export function tensorNames({ inputs, initializers, nodes }: Graph): Set<string> {
  return new Set([...inputs.map(({ name }) => name), ...initializers.keys(), ...nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ''))]);
}
