import { ZkonnxError } from '../errors/index.js';
import type { TypedGraph, ValueInfo } from '../onnx/graph.js';
import { isRangedType, TYPE_RANGE, type Program } from '../program/program.js';
import { LoweringContext } from './context.js';
import { lowering } from './registry.js';

/**
 * Lowers the integer core of a canonical graph to the integer program.
 * @param graph its inputs and outputs are integer tensors of known shape.
 * @param onProgress called before each node with the share of the nodes that are done, 0 to 1
 * @returns a program with one input and output per graph input and output, in order.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED, TYPE_UNSUPPORTED, MODEL_INVALID, ACCUMULATOR_OVERFLOW; each names the node.
 */
export function lowerGraph(graph: TypedGraph, onProgress?: (share: number) => void): Program {
  const context = new LoweringContext(graph);
  for (const input of graph.inputs) {
    if (!isRangedType(input.type)) {
      throw new ZkonnxError('TYPE_UNSUPPORTED', {
        message: `Input "${input.name}" is ${input.type}.`,
        expected: Object.keys(TYPE_RANGE).join(', '),
        found: input.type,
        fix: 'Quantize the model, so that it begins with QuantizeLinear or takes 8-bit integers.',
      });
    }
    const { lo, hi } = TYPE_RANGE[input.type];
    context.input(input.name, lo, hi);
  }
  graph.nodes.forEach((node, index) => {
    onProgress?.(index / graph.nodes.length);
    const lower = lowering(node.domain, node.opType);
    if (lower === undefined) {
      throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
        message: `Node "${node.name}" uses the operator ${node.domain ? `${node.domain}.` : ''}${node.opType}, which has no exact integer form here.`,
        node: node.name,
        found: `${node.domain || 'ai.onnx'}.${node.opType}`,
      });
    }
    lower(node, context);
  });
  refuseUnusedInputs(graph);
  return context.program.finish(graph.outputs.map((output) => context.tensor(output.name, producerOf(output, graph))));
}

/** An input that nothing reads would be a public value that the proof says nothing about. */
function refuseUnusedInputs(graph: TypedGraph): void {
  const used = new Set([...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map((output) => output.name)]);
  const unused = graph.inputs.find((input) => !used.has(input.name));
  if (unused === undefined) return;
  throw new ZkonnxError('MODEL_INVALID', {
    message: `Input "${unused.name}" does not influence any output.`,
    expected: 'every input to be used',
    fix: 'Remove the input from the model; a proof would say nothing about its value.',
  });
}

function producerOf(output: ValueInfo, graph: TypedGraph) {
  return (
    graph.nodes.find((node) => node.outputs.includes(output.name)) ?? {
      name: output.name,
      opType: 'graph output',
      domain: '',
      inputs: [],
      outputs: [],
      attributes: new Map(),
    }
  );
}
