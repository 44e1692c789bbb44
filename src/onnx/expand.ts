/** Nodes that stand for others: branches and loops are written out, Dropout for inference is the identity; each has its file in expand/. */
import { expandIf } from './expand/conditional.js';
import type { Expansion } from './expand/expansion.js';
import { expandHardmax } from './expand/hardmax.js';
import { expandLoop } from './expand/loop.js';
import { expandMaxPoolIndices } from './expand/maxPoolIndices.js';
import { expandOneHot } from './expand/oneHot.js';
import { expandScan } from './expand/scan.js';
import { expandScatterReduction } from './expand/scatterReduction.js';
import { expandReduction } from './expand/reduction.js';
import { elementCount, type GraphNode, type Tensor } from './graph.js';
import type { InferContext } from './operators/schema.js';

/**
 * The nodes that a node stands for, or undefined when it stands for itself.
 * @param fresh makes a tensor name that nothing else has
 * @throws ZkonnxError OPERATOR_UNSUPPORTED for a loop whose length is computed from the data
 */
export function expandNode(context: InferContext, fresh: (base: string) => string): Expansion | undefined {
  const { node } = context;
  if (node.domain !== '') return undefined;
  return OPERATORS[node.opType]?.(context, fresh) ?? expandReduction(context, fresh);
}

/** Operators that others define. Each gives undefined where the node stays what it is. */
const OPERATORS: Readonly<Record<string, (context: InferContext, fresh: (base: string) => string) => Expansion | undefined>> = {
  Dropout: inferenceDropout,
  Hardmax: expandHardmax,
  If: expandIf,
  Loop: expandLoop,
  MaxPool: expandMaxPoolIndices,
  OneHot: expandOneHot,
  Scan: expandScan,
  ScatterElements: expandScatterReduction,
  ScatterND: expandScatterReduction,
};

/** https://onnx.ai/onnx/operators/onnx__Dropout.html: without training it passes its input on, with a mask of ones. */
function inferenceDropout(context: InferContext): Expansion | undefined {
  const { node } = context;
  const training = context.has(2) ? context.constant(2)?.data[0] : 0;
  if (training !== 0) return undefined;
  const [input, output, mask] = [node.inputs[0], node.outputs[0], node.outputs[1]] as [string, string, string | undefined];
  const { shape } = context.input(0);
  const constants = new Map<string, Tensor>();
  if (mask) constants.set(mask, { type: 'bool', shape, data: new Uint8Array(elementCount(shape)).fill(1) });
  return { nodes: [{ ...node, opType: 'Identity', inputs: [input], outputs: [output], attributes: new Map() }], constants };
}

/** The tensors that the graphs within a node read from the graph around it. */
export function capturedTensors(node: GraphNode): string[] {
  return [...node.attributes.values()].flatMap((attribute) => {
    if (attribute.kind !== 'graph') return [];
    const { inputs, initializers, nodes, outputs } = attribute.value;
    const own = new Set([...inputs.map(({ name }) => name), ...initializers.keys(), ...nodes.flatMap((inner) => inner.outputs)]);
    const read = [...nodes.flatMap((inner) => [...inner.inputs, ...capturedTensors(inner)]), ...outputs.map(({ name }) => name)];
    return read.filter((name) => name !== '' && !own.has(name));
  });
}
