/** Operators that only move elements, or compare them: they do with the integers what they do with the floats. */
import { isZkonnxError } from '../../errors/index.js';
import { intsAttribute, intsValue, intValue } from '../../onnx/attributes.js';
import { isInteger } from '../../onnx/elementType.js';
import { elementCount, type Attribute, type GraphNode, type Tensor, type TensorType, type TypedGraph } from '../../onnx/graph.js';
import { movementMap } from '../../onnx/movementMap.js';
import { schemaOf } from '../../onnx/operators/registry.js';
import { InferContext } from '../../onnx/operators/schema.js';
import { floatsOf } from '../floatGraph.js';
import type { LayerKind } from '../plan/layer.js';
import { integerType, quantizeReal } from '../plan/parameters.js';
import type { Emitter } from './emitter.js';
import { emitWideMaximum } from './wideMaximum.js';

/** Operators that commute with every non-decreasing function. */
const COMPARING: ReadonlySet<string> = new Set(['ArgMax', 'ArgMin', 'GlobalMaxPool', 'Max', 'MaxPool', 'Min', 'ReduceMax', 'ReduceMin', 'TopK', 'Where']);

/** Operators without a kernel for int32 in ONNX Runtime. */
const ONLY_8_BIT: ReadonlySet<string> = new Set(['DepthToSpace', 'SpaceToDepth']);

/** A MaxPool of 16 bits has as many operators as its window has elements. */
const MOST_TAPS = 64;

function tapsOf(node: GraphNode): number {
  return elementCount(intsAttribute(node, 'kernel_shape') ?? []);
}

/** The operator as it is, on integers. */
export const MOVEMENT: LayerKind = {
  saturates: false,
  wide: (node) => {
    const able = !ONLY_8_BIT.has(node.opType) && !(node.opType === 'MaxPool' && (node.outputs.length > 1 || tapsOf(node) > MOST_TAPS));
    return { reads: able, makes: able };
  },
  shared: (node, graph) => [...node.inputs, ...node.outputs].filter((name) => name !== '' && graph.types.get(name)?.type === 'float32' && !isParameter(node, name)),
  obstacle: (node, graph) => {
    if (node.opType === 'Resize' && stringOf(node, 'mode', 'nearest') !== 'nearest') return 'interpolation computes in float32; nearest does not';
    if (node.opType === 'Pad' && node.inputs[2] && graph.initializers.get(node.inputs[2]) === undefined) return 'what it fills with is computed by the graph';
    return COMPARING.has(node.opType) || node.opType === 'Pad' ? undefined : obstacleOfPlaces(node, graph);
  },
  emit: (emitter, { node }) => {
    if (node.opType === 'MaxPool' && emitter.parameters(node.inputs[0] as string).bits === 16) {
      emitWideMaximum(emitter, node);
      return;
    }
    const inputs = node.inputs.map((name) => operand(emitter, node, name));
    const outputs = node.outputs.map((name) => (name === '' || emitter.graph.types.get(name)?.type !== 'float32' ? name : emitter.claim(name)));
    const { opType, attributes } = node.opType === 'GlobalMaxPool' ? maximumOfAll(emitter, node, inputs) : node;
    if (node.opType === 'Pad' && !node.inputs[2] && stringOf(node, 'mode', 'constant') === 'constant') {
      const [x] = node.inputs as [string];
      inputs[2] = emitter.scalar(`${node.outputs[0]}_fill`, integerType(emitter.parameters(x)), emitter.parameters(x).zeroPoint);
    }
    const raised = raiseOpset(emitter, { ...node, opType, attributes, inputs });
    emitter.nodes.push({ ...raised, outputs });
  },
};

/** Nodes that have nothing to do with floats. */
export const INTEGER: LayerKind = {
  saturates: false,
  emit: (emitter, { node }) => {
    for (const name of node.inputs) {
      const constant = emitter.graph.initializers.get(name);
      if (constant !== undefined) emitter.keep(name, constant);
    }
    emitter.nodes.push(raiseOpset(emitter, node));
  },
};

/** Whether a node moves float elements, or compares them. */
export function moves(node: GraphNode, graph: TypedGraph): boolean {
  return COMPARING.has(node.opType) || sourcesOf(node, graph) !== undefined;
}

/** The inputs whose elements a node moves, by index. */
function sourcesOf(node: GraphNode, graph: TypedGraph): readonly number[] | undefined {
  const context = new InferContext({ node, opset: graph.opsets.get('') ?? 13, types: graph.types, constants: graph.initializers });
  return schemaOf(node).moves?.(context);
}

/** A movement must not depend on floats, which are rounded, nor fill up with 0, which stands for another number than the float 0. */
function obstacleOfPlaces(node: GraphNode, graph: TypedGraph): string | undefined {
  const sources = sourcesOf(node, graph) ?? [];
  if (node.inputs.some((name, index) => graph.types.get(name)?.type === 'float32' && !sources.includes(index) && !isParameter(node, name))) return 'a float tensor says where its elements go';
  try {
    const { outputs } = movementMap({ node, type: (name) => graph.types.get(name) as TensorType, constant: (name) => graph.initializers.get(name) });
    return outputs.some((places) => places.includes(-1)) ? 'it fills up with 0, which the integers of its tensor have another number for; Pad does not' : undefined;
  } catch (error) {
    // Places that are data: the operator cannot fill up.
    if (isZkonnxError(error)) return undefined;
    throw error;
  }
}

/** Float operands that say how to move instead of being moved. */
function isParameter(node: GraphNode, name: string): boolean {
  const at = node.inputs.indexOf(name);
  return (node.opType === 'Pad' && at === 2) || (node.opType === 'Resize' && at > 0);
}

function operand(emitter: Emitter, node: GraphNode, name: string): string {
  const type = name === '' ? undefined : emitter.graph.types.get(name)?.type;
  if (type === undefined) return name;
  const constant = emitter.graph.initializers.get(name);
  if (isInteger(type)) return constant === undefined ? name : emitter.keep(name, constant);
  if (!isParameter(node, name)) return emitter.integers(name);
  if (node.opType !== 'Pad') return emitter.keep(name, constant as Tensor);
  const parameters = emitter.parameters(node.inputs[0] as string);
  return emitter.scalar(`${node.outputs[0]}_fill`, integerType(parameters), quantizeReal(floatsOf(constant as Tensor)[0] ?? 0, parameters));
}

function stringOf(node: GraphNode, name: string, otherwise: string): string {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'string' ? attribute.value : otherwise;
}

/** GlobalMaxPool has no integer kernel; ReduceMax has. */
function maximumOfAll(emitter: Emitter, node: GraphNode, inputs: string[]): Pick<GraphNode, 'opType' | 'attributes'> {
  const axes = [...emitter.shape(node.inputs[0] as string).keys()].slice(2);
  const attributes = new Map<string, Attribute>([['keepdims', intValue(1)]]);
  if (emitter.opset >= 18) inputs[1] = emitter.int64s(`${node.outputs[0]}_axes`, axes);
  else attributes.set('axes', intsValue(axes));
  return { opType: 'ReduceMax', attributes };
}

/** Opset 13 made inputs of attributes. */
const INPUT_SINCE_13: Readonly<Record<string, string>> = { ReduceSum: 'axes', Split: 'split', Squeeze: 'axes', Unsqueeze: 'axes' };

/** The node in the opset that is written, which is at least 13. */
function raiseOpset(emitter: Emitter, node: GraphNode): GraphNode {
  const name = INPUT_SINCE_13[node.opType];
  const values = name === undefined ? undefined : intsAttribute(node, name);
  if (name === undefined || values === undefined) return node;
  const attributes = new Map([...node.attributes].filter(([attribute]) => attribute !== name));
  return { ...node, inputs: [node.inputs[0] as string, emitter.int64s(`${node.outputs[0]}_${name}`, values)], attributes };
}
