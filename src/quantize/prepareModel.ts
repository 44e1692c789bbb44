/** A float model with all shapes known, its constants folded, and the rewrites done. */
import { ZkonnxError, isZkonnxError } from '../errors/index.js';
import { inferTypes } from '../onnx/inferShapes.js';
import { schemaOf } from '../onnx/operators/registry.js';
import type { Dimension, Graph, GraphNode, Tensor, TypedGraph, ValueInfo } from '../onnx/graph.js';
import type { InputSet } from './calibration/calibrationInputs.js';
import { evaluateConstants } from './evaluateConstants.js';
import { floatsOf, removeDeadNodes } from './floatGraph.js';
import type { QuantizeOptions } from './options.js';
import { refuseNodes, type Obstacle } from './refusal.js';
import { rewrite } from './rewrites/registry.js';

export interface PreparedModel {
  /** Typed for a batch of `batch`. */
  readonly graph: TypedGraph;
  /** The inputs as the quantized model has them: a leading dimension stays symbolic where the model works for every size. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Whether every batch size works. */
  readonly batchIsFree: boolean;
  /** The tensors of the model as it was given. */
  readonly ownTensors: ReadonlySet<string>;
  /** The operators of its nodes, by name. */
  readonly ownOperators: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

/**
 * Binds, folds and rewrites a float model.
 * @param example one set of calibration inputs: it says what the model does not say about its shapes
 * @throws ZkonnxError OPERATOR_UNSUPPORTED, TYPE_UNSUPPORTED, SHAPE_UNSUPPORTED, MODEL_INVALID
 */
export async function prepareModel(graph: Graph, example: InputSet, options: QuantizeOptions): Promise<PreparedModel> {
  refuseQuantized(graph);
  refuseUnknown(graph);
  const warnings: string[] = [];
  const symbolic = graph.inputs.some(({ shape }) => typeof shape[0] === 'string');
  const own = inferTypes(bound(graph, example, undefined));
  const one = symbolic ? attempt(() => inferTypes(bound(graph, example, 1))) : undefined;
  const two = symbolic ? attempt(() => inferTypes(bound(graph, example, 2))) : undefined;
  const batchIsFree = one !== undefined && two !== undefined && sameConstants(one, two);
  const typed = batchIsFree ? one : own;
  if (symbolic && !batchIsFree) warnings.push(`the model works for one batch size only: the quantized one takes inputs of shape ${own.inputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ')}`);
  for (const { name, shape, unknownRank } of graph.inputs) {
    if (unknownRank === true || shape.slice(1).some((size) => typeof size === 'string')) warnings.push(`the shape of the input '${name}' is taken from the calibration inputs: [${(example.get(name) as Tensor).shape.join(', ')}]`);
  }
  const free = (typedInfo: ValueInfo, other: ValueInfo | undefined): ValueInfo => ({ ...typedInfo, shape: typedInfo.shape.map((size, axis): Dimension => (other === undefined || other.shape[axis] === size ? size : symbolOf(graph, axis))) });
  const folded = await evaluateConstants(removeDeadNodes(typed));
  refuseNotFinite(folded);
  refuseConstantOutputs(folded);
  return {
    graph: rewrite(folded, options),
    inputs: typed.inputs.map((info, index) => free(info, batchIsFree ? two.inputs[index] : undefined)),
    outputs: typed.outputs.map((info, index) => free(info, batchIsFree ? two.outputs[index] : undefined)),
    batchIsFree,
    ownTensors: new Set([...graph.inputs.map(({ name }) => name), ...graph.nodes.flatMap(({ outputs }) => outputs)]),
    ownOperators: new Map(graph.nodes.map(({ name, opType }) => [name, opType])),
    warnings,
  };
}

/** The name of the batch, for the leading dimension; others that grow with it have no name. */
function symbolOf({ inputs }: Graph, axis: number): Dimension {
  const symbol = inputs.map(({ shape }) => shape[0]).find((size) => typeof size === 'string');
  return axis === 0 && typeof symbol === 'string' ? symbol : '?';
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (isZkonnxError(error)) return undefined;
    throw error;
  }
}

/** Numbers for all dimensions of the inputs: those of the example, but a symbolic leading one is the batch. */
function bound(graph: Graph, example: InputSet, batch: number | undefined): Graph {
  const inputs = graph.inputs.map(({ name, type, shape, unknownRank }): ValueInfo => {
    const given = (example.get(name) as Tensor).shape;
    const size = (axis: number): number => (axis === 0 && batch !== undefined && typeof shape[0] === 'string' ? batch : typeof shape[axis] === 'number' && !unknownRank ? (shape[axis] as number) : (given[axis] as number));
    return { name, type, shape: given.map((_, axis) => size(axis)) };
  });
  return { ...graph, inputs };
}

/** Whether shape arithmetic came to the same constants for two batch sizes, so that none of them holds the size. */
function sameConstants(a: TypedGraph, b: TypedGraph): boolean {
  if (a.nodes.length !== b.nodes.length || a.initializers.size !== b.initializers.size) return false;
  for (const [name, { data, shape }] of a.initializers) {
    const other = b.initializers.get(name);
    if (other === undefined || other.shape.join() !== shape.join()) return false;
    if (data !== other.data && (data as Float32Array).some((value, index) => !Object.is(value, other.data[index]))) return false;
  }
  return true;
}

/** The first node of a graph that computes with quantized tensors, if there is one. */
export function quantizedNode({ nodes }: Pick<Graph, 'nodes'>): GraphNode | undefined {
  return nodes.find(({ opType }) => opType === 'QuantizeLinear' || opType === 'DynamicQuantizeLinear' || opType.startsWith('QLinear') || opType === 'QGemm' || opType.endsWith('Integer'));
}

function refuseQuantized(graph: Graph): void {
  const node = quantizedNode(graph);
  if (node === undefined) return;
  throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `The model is quantized already: node '${node.name}' is a ${node.opType}.`, node: node.name, expected: 'a float model', found: node.opType, fix: 'Give the float model from which it was made, or use it as it is: `zkonnx check`.' });
}

/** Every operator without a known meaning, in one error. */
function refuseUnknown({ nodes, inputs }: Graph): void {
  const stranger = inputs.find(({ type }) => ['float64', 'float16', 'bfloat16', 'string', 'complex64', 'complex128'].includes(type));
  if (stranger !== undefined) throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The input '${stranger.name}' is ${stranger.type}.`, expected: 'float32 or an integer type', found: stranger.type, fix: 'Export the model in float32.' });
  const obstacles: Obstacle[] = [];
  for (const node of nodes) {
    if (node.opType === 'If' && node.domain === '') continue;
    try {
      schemaOf(node);
    } catch (error) {
      if (!isZkonnxError(error) || error.code !== 'OPERATOR_UNSUPPORTED') throw error;
      obstacles.push({ node, reason: reasonOf(node) });
    }
  }
  if (obstacles.length > 0) throw refuseNodes(obstacles);
}

function reasonOf({ opType, domain }: GraphNode): string {
  if (domain !== '') return `an operator of the domain ${domain}`;
  if (['LSTM', 'GRU', 'RNN', 'Scan', 'Loop'].includes(opType)) return 'recurrent operators keep float state between steps';
  if (opType.endsWith('Normalization') || ['LogSoftmax', 'Attention'].includes(opType)) return 'it divides by sums of float32 that depend on the data';
  return 'it has no exact integer form';
}

/** An output that is the same for every input has no integers of its own. */
function refuseConstantOutputs({ outputs, initializers }: TypedGraph): void {
  const constant = outputs.find(({ name }) => initializers.has(name));
  if (constant === undefined) return;
  throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `The output '${constant.name}' does not depend on any input, so there is nothing to quantize.`, expected: 'outputs that depend on inputs', found: 'a constant', fix: 'Remove the output.' });
}

/** Values that no integer stands for. */
function refuseNotFinite({ nodes, initializers }: TypedGraph): void {
  const bounds = new Set(['Clip', 'Max', 'Min', 'Pad', 'Where', 'ConstantOfShape']);
  for (const node of nodes) {
    for (const name of node.inputs) {
      const tensor = initializers.get(name);
      if (tensor?.type !== 'float32') continue;
      const at = floatsOf(tensor).findIndex((value) => Number.isNaN(value) || (!Number.isFinite(value) && !bounds.has(node.opType) && !(value === -Infinity && node.opType === 'Add')));
      if (at < 0) continue;
      const found = String(tensor.data[at]);
      throw new ZkonnxError('MODEL_INVALID', { message: `Element ${at} of the constant '${name}', which node '${node.name}' (${node.opType}) reads, is ${found}.`, node: node.name, expected: 'finite weights', found, fix: 'Training diverged, or the export went wrong: export the model again from finite weights.' });
    }
  }
}
