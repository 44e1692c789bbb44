import { ZkonnxError } from '../errors/index.js';
import type { GraphNode, TypedGraph, ValueInfo } from '../onnx/graph.js';
import { attempt, type Refusals } from '../onnx/refusals.js';
import { isRangedType, TYPE_RANGE, type Program } from '../program/program.js';
import { LoweringContext, type LoweringOptions } from './context.js';
import { lowering } from './registry.js';

export interface LowerOptions extends LoweringOptions {
  /** Called before each node with the share of the nodes that are done, 0 to 1. It may throw to stop. */
  readonly onProgress?: ((share: number) => void) | undefined;
  /** Hears of every node that cannot be lowered; its results become inputs of the program that belong to no node. */
  readonly refusals?: Refusals | undefined;
}

/**
 * Lowers the integer core of a canonical graph to the integer program.
 * @param graph its inputs and outputs are integer tensors of known shape.
 * @returns a program with one input and output per graph input and output, in order.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED, TYPE_UNSUPPORTED, MODEL_INVALID, ACCUMULATOR_OVERFLOW; each names the node.
 */
export function lowerGraph(graph: TypedGraph, { onProgress, refusals, hidesWeights }: LowerOptions = {}): Program {
  const context = new LoweringContext(graph, { hidesWeights });
  /** Float tensors that could not be made, and the node at fault. */
  const unknown = new Map<string, string>();
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
    const strange = refusals === undefined ? undefined : node.inputs.find((name) => unknown.has(name));
    if (strange !== undefined) {
      refusals?.block(node, unknown.get(strange) as string);
      leaveOut(node, unknown.get(strange) as string);
    } else attempt(refusals, node, () => lowerNode(node, context), () => leaveOut(node, node.name));
  });
  // With something left out, an input that nothing reads is no finding of its own.
  if (refusals?.any !== true) attempt(refusals, undefined, () => refuseUnusedInputs(graph), () => undefined);
  const outputs = graph.outputs.filter(({ name }) => !unknown.has(name));
  const program = context.program.finish(outputs.flatMap((output) => attempt(refusals, undefined, () => [context.tensor(output.name, producerOf(output, graph))], () => [])));
  // What was left out may be what has weights.
  if (hidesWeights === true && refusals?.any !== true) attempt(refusals, undefined, () => requireWeights(program), () => undefined);
  return program;

  /** Integers may have any value of their type; floats stay unknown. */
  function leaveOut(node: GraphNode, because: string): void {
    for (const name of node.outputs) {
      if (name === '') continue;
      const { type } = context.type(name);
      if (isRangedType(type)) context.stranger(name, TYPE_RANGE[type].lo, TYPE_RANGE[type].hi);
      else unknown.set(name, because);
    }
  }
}

function requireWeights({ weights }: Program): void {
  if (weights.length > 0) return;
  throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: 'The model has no weights that could be hidden.', expected: 'a convolution or a matrix product by constants', fix: 'Leave the weights fixed.' });
}

function lowerNode(node: GraphNode, context: LoweringContext): void {
  const lower = lowering(node.domain, node.opType);
  if (lower === undefined) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
      message: `Node "${node.name}" uses the operator ${node.domain ? `${node.domain}.` : ''}${node.opType}, which has no exact integer form here.`,
      node: node.name,
      found: `${node.domain || 'ai.onnx'}.${node.opType}`,
    });
  }
  lower(node, context);
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
