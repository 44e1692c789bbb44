/** Nodes of the original graph in the canonical opset. */
import { ZkonnxError } from '../../errors/index.js';
import { intsAttribute, stringAttribute } from '../attributes.js';
import { dataTypeNumber, newTensorData } from '../elementType.js';
import type { Attribute, GraphNode, Tensor } from '../graph.js';
import { schemaOf } from '../operators/registry.js';
import { emitGathered } from './gathered.js';
import { hasKernel, WIDENABLE } from './kernels.js';
import type { State } from './state.js';
import type { Operand } from './values.js';

/** The opset in which the axes of an operator became an input. */
const AXES_INPUT_SINCE: Readonly<Record<string, number>> = {
  Squeeze: 13, Unsqueeze: 13, ReduceSum: 13, ReduceMax: 18, ReduceMin: 18, ReduceProd: 18, ReduceMean: 18, ReduceSumSquare: 18, ReduceL1: 18,
};

export interface KeptNode {
  readonly node: GraphNode;
  readonly operands: readonly Operand[];
  readonly output: string;
  /** Further outputs. */
  readonly others?: readonly string[];
  readonly from: readonly string[];
  /** What a movement puts where it puts zeros: the integer that stands for zero. Zero itself when left out. */
  readonly fill?: Tensor;
}

/**
 * Appends an original node to the core, its float operands replaced by integers, in the form of the canonical opset. Where ONNX
 * Runtime has no kernel for the element type, a movement is written out and a maximum is taken in int32.
 */
export function integerNode(state: State, kept: KeptNode): string {
  const { node, operands, output, from, others = [] } = kept;
  const inputs = operands.map((operand) => (operand === undefined ? '' : coreName(state, node, operand)));
  const data = node.opType === 'Where' ? 1 : 0;
  const { type } = state.core.type(inputs[data] as string);
  const moves = schemaOf(node).moves !== undefined;
  if (moves && (!hasKernel(node.opType, type) || (Number(kept.fill?.data[0] ?? 0) !== 0 && fillsWithZero(node)))) {
    return emitGathered(state, { node, inputs, output, from, fill: kept.fill ?? { type, shape: [], data: newTensorData(type, 1) } });
  }
  if (!hasKernel(node.opType, type) && WIDENABLE.has(node.opType)) return widened(state, { node, inputs, output, from });
  return canonicalNode(state, { node, inputs, output, from, others });
}

/** Movements that put zeros somewhere and cannot be told to put anything else. */
function fillsWithZero(node: GraphNode): boolean {
  return node.opType === 'CenterCropPad' || node.opType === 'Trilu' || (node.opType === 'Resize' && stringAttribute(node, 'coordinate_transformation_mode') === 'tf_crop_and_resize');
}

/** Appends a node with core inputs in the form of the canonical opset. */
export function canonicalNode(state: State, { node, inputs: given, output, from, others = [] }: {
  node: GraphNode;
  inputs: readonly string[];
  output: string;
  others?: readonly string[];
  from: readonly string[];
}): string {
  const inputs = [...given];
  let attributes: ReadonlyMap<string, Attribute> = node.attributes;
  if (state.opset >= (AXES_INPUT_SINCE[node.opType] ?? Infinity) && attributes.has('axes')) {
    const axes = intsAttribute(node, 'axes') as number[];
    inputs[1] = state.core.constant(state.core.fresh(`${node.name}_axes`), { type: 'int64', shape: [axes.length], data: BigInt64Array.from(axes, BigInt) });
    attributes = new Map([...attributes].filter(([name]) => name !== 'axes'));
  }
  return state.core.emit({ name: node.name, opType: node.opType, domain: node.domain, inputs, output, others, attributes, from });
}

function widened(state: State, { node, inputs, output, from }: { node: GraphNode; inputs: readonly string[]; output: string; from: readonly string[] }): string {
  const condition = node.opType === 'Where' ? 0 : -1;
  const wide = inputs.map((name, index) => (name === '' || index === condition || index > 0 && node.opType.startsWith('Reduce') ? name : cast(state, node, name, 'int32', state.core.fresh(`${name}_int32`), from)));
  const { type } = state.core.typeOf({ node: { ...node, inputs }, output });
  if (type === 'int64') return canonicalNode(state, { node, inputs: wide, output, from });
  const result = canonicalNode(state, { node, inputs: wide, output: state.core.fresh(`${output}_int32`), from });
  return cast(state, node, result, type, output, from);
}

function cast(state: State, node: GraphNode, input: string, type: Tensor['type'], output: string, from: readonly string[]): string {
  const attributes = new Map<string, Attribute>([['to', { kind: 'int', value: BigInt(dataTypeNumber(type)) }]]);
  return state.core.emit({ name: `${node.name}_Cast`, opType: 'Cast', inputs: [input], output, attributes, from });
}

/** The core name of an operand that is an integer or a constant. */
export function coreName(state: State, node: GraphNode, { name, value }: NonNullable<Operand>): string {
  if (value.kind === 'integer') return value.tensor;
  if (value.kind === 'constant') return state.core.constant(name, value.value);
  throw new ZkonnxError('INTERNAL', { message: `The node '${node.name}' reads the float tensor '${name}' in the integer core.`, node: node.name });
}
