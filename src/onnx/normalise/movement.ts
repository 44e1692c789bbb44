/** Operators that move elements or take maxima of them: a non-decreasing function of each element commutes with all of them. */
import { intsAttribute, intsValue, intValue, stringAttribute } from '../attributes.js';
import { dequantizeValue, quantizeTensor } from '../float32.js';
import type { GraphNode, Tensor, TensorType } from '../graph.js';
import { splitRanges } from '../operators/movement.js';
import { schemaOf } from '../operators/registry.js';
import { sameShape } from '../shape.js';
import { InferContext } from '../operators/schema.js';
import { integerNode } from './opset.js';
import { integerTensor, scalar } from './parameters.js';
import type { State } from './state.js';
import { isPerTensor, type Dequantized, type Operand, type Target, type Value } from './values.js';

/** Operators that are no movement but commute with non-decreasing functions, and their operands that hold elements. */
const COMMUTING: Readonly<Record<string, (node: GraphNode) => readonly number[]>> = {
  Max: ({ inputs }) => [...inputs.keys()],
  MaxPool: () => [0],
  Min: ({ inputs }) => [...inputs.keys()],
  ReduceMax: () => [0],
  ReduceMin: () => [0],
  Where: () => [1, 2],
};

/** Those of them that take elements of the same place. */
const ELEMENTWISE: ReadonlySet<string> = new Set(['Max', 'Min', 'Where']);

/** The operands of a node that hold the elements it moves or compares; undefined when it does something else. */
export function movedOperands(state: State, node: GraphNode): readonly number[] | undefined {
  const commuting = COMMUTING[node.opType];
  if (commuting !== undefined) return commuting(node);
  return schemaOf(node).moves?.(contextOf(state, node));
}

function contextOf({ original }: State, node: GraphNode): InferContext {
  return new InferContext({ node, opset: original.opsets.get(node.domain) ?? 1, types: original.types, constants: original.initializers });
}

/** The float result of a movement: still a dequantized tensor when all that is moved is dequantized alike. */
export function movedValue(state: State, node: GraphNode, operands: readonly Operand[], data: readonly number[], output: string): Value {
  const first = data.map((index) => operands[index]?.value).find((value) => value?.kind === 'dequantized');
  if (first?.kind !== 'dequantized') return { kind: 'moved', node, operands, data };
  const { type } = state.core.type(first.source);
  if (node.opType === 'MaxPool' && type !== 'uint8' && type !== 'int8') return { kind: 'refused', node, reason: `ONNX Runtime has no MaxPool of ${type}`, fix: 'Quantize to 8 bits.' };
  const integers = operands.map((operand, index) => (data.includes(index) ? sameInteger(state, first, operand) : operand));
  if (data.some((index) => operands[index] !== undefined && integers[index] === undefined)) return { kind: 'moved', node, operands, data };
  const axis = movedAxis(node, first);
  if (axis === undefined) return { kind: 'refused', node, reason: 'it moves a tensor that is dequantized per channel', fix: 'Quantize the tensor per tensor, or move it before it is quantized.' };
  const zero: Tensor = { type, shape: [], data: first.zeroPoint.data.slice(0, 1) };
  const source = emitMovement(state, { node, operands: integers, output: state.core.fresh(`${output}_quantized`), from: [node.name], fill: zero });
  return { ...first, source, axis };
}

/**
 * A movement of a function of one tensor, as the function of the moved tensor, and a choice among elements as the function that it
 * is; undefined where it is more than that. Made once for each result.
 */
export function pushedInside(state: State, { node, operands, data }: Extract<Value, { kind: 'moved' }>, output: string): Value | undefined {
  const known = state.pushed.get(output);
  if (known !== undefined) return known;
  if (ELEMENTWISE.has(node.opType)) return { kind: 'elementwise', node, operands };
  const [position] = data;
  const moved = operands[position ?? -1];
  if (data.length !== 1 || position === undefined || moved === undefined || schemaOf(node).moves === undefined) return undefined;
  const shapeOf = (name: string): readonly number[] => state.pushedShapes.get(name) ?? (state.original.types.get(name) as TensorType).shape;
  const isNumber = (operand: NonNullable<Operand>): boolean => operand.value.kind === 'constant' && operand.value.value.data.length === 1;
  const inside = (operand: Operand): Operand => {
    if (operand === undefined || isNumber(operand)) return operand;
    const value = movedValue(state, node, operands.map((each, index) => (index === position ? operand : each)), data, `${output}_of_${operand.name}`);
    const name = `${output} of ${operand.name}`;
    state.pushedShapes.set(name, shapeOf(output));
    return { name, value };
  };
  const sameShapes = (inner: readonly Operand[]): boolean => inner.every((operand) => operand === undefined || isNumber(operand) || sameShape(shapeOf(operand.name), shapeOf(moved.name)));
  const value = moved.value.kind === 'moved' ? (pushedInside(state, moved.value, moved.name) ?? moved.value) : moved.value;
  let result: Value | undefined;
  if (value.kind === 'elementwise' && sameShapes(value.operands)) result = { ...value, operands: value.operands.map(inside) };
  else if (value.kind === 'clipped') result = { ...value, of: inside(value.of) as NonNullable<Operand> };
  if (result !== undefined) state.pushed.set(output, result);
  return result;
}

/** Appends the integers of a movement whose operands are integers; `fill` is the integer that stands for the zeros it puts between. */
export function emitMovement(state: State, { node, operands, output, from, fill }: {
  node: GraphNode;
  operands: readonly Operand[];
  output: string;
  from: readonly string[];
  fill: Tensor;
}): string {
  const padsWithValue = node.opType === 'Pad' && operands[2] === undefined && (stringAttribute(node, 'mode') ?? 'constant') === 'constant';
  if (!padsWithValue) return integerNode(state, { node, operands, output, from, fill });
  const value: Operand = { name: state.core.constant(state.core.fresh(`${output}_padding`), fill), value: { kind: 'constant', value: fill } };
  return integerNode(state, { node, operands: [operands[0], operands[1], value, ...operands.slice(3)], output, from, fill });
}

/** Q(move(x)) = move(Q(x)): the quantization is pushed through to what is moved. */
export function quantizeMoved(state: State, value: Extract<Value, { kind: 'moved' }>, target: Target, output: string): string {
  const operands = value.operands.map((operand, index): Operand => (operand === undefined || !value.data.includes(index) ? operand : {
    name: operand.name,
    value: { kind: 'integer', tensor: state.quantized(operand.value, operand.name, target) },
  }));
  return emitMovement(state, { node: value.node, operands, output, from: [value.node.name], fill: integerTensor(target.type, target.zeroPoint) });
}

/** The integers that the operand is under the given quantization, if it is exactly those. */
function sameInteger(state: State, quantization: Dequantized, operand: Operand): Operand {
  const value = operand?.value;
  if (operand === undefined || value === undefined) return undefined;
  if (value.kind === 'dequantized' && sameQuantization(value, quantization)) return { name: operand.name, value: { kind: 'integer', tensor: value.source } };
  if (value.kind !== 'constant' || !isPerTensor(quantization)) return undefined;
  const integers = exactIntegers(state, value.value, quantization);
  if (integers === undefined) return undefined;
  return { name: operand.name, value: { kind: 'integer', tensor: state.core.constant(state.core.fresh(`${operand.name}_quantized`), integers) } };
}

/** Float constants as integers, when dequantizing those gives back the same bits. */
function exactIntegers(state: State, tensor: Tensor, quantization: Dequantized): Tensor | undefined {
  const { type } = state.core.type(quantization.source);
  if (tensor.type !== 'float32' || (type !== 'uint8' && type !== 'int8' && type !== 'uint16' && type !== 'int16')) return undefined;
  const parameters = { scale: quantization.scale.data[0] as number, zeroPoint: Number(quantization.zeroPoint.data[0]) };
  const integers = quantizeTensor({ tensor, scale: scalar(parameters.scale), zeroPoint: { type, shape: [], data: quantization.zeroPoint.data }, type, axis: 0 });
  const exact = (integers.data as Int32Array).every((value, index) => Object.is(dequantizeValue(value, parameters), tensor.data[index]));
  return exact ? integers : undefined;
}

function sameQuantization(a: Dequantized, b: Dequantized): boolean {
  return a === b || (isPerTensor(a) && isPerTensor(b) && a.scale.data[0] === b.scale.data[0] && a.zeroPoint.data[0] === b.zeroPoint.data[0] && a.zeroPoint.type === b.zeroPoint.type);
}

/** Where the dimension of the scales goes; undefined when that cannot be said. */
function movedAxis(node: GraphNode, value: Dequantized): number | undefined {
  if (isPerTensor(value)) return 0;
  if (node.opType !== 'Transpose') return undefined;
  const perm = intsAttribute(node, 'perm');
  return perm?.indexOf(value.axis);
}

/** A Split as one Slice per output. */
export function slicesOfSplit(state: State, node: GraphNode): { node: GraphNode; operands: (operand: Operand) => readonly Operand[] }[] {
  const { axis, ranges } = splitRanges(contextOf(state, node));
  const name = node.outputs[0] as string;
  return ranges.map(({ start, count }, index) => {
    const bounds = [start, start + count, axis].map((value, role): Operand => ({
      name: state.core.fresh(`${name}_${['start', 'end', 'axis'][role]}`),
      value: { kind: 'constant', value: { type: 'int64', shape: [1], data: BigInt64Array.of(BigInt(value)) } },
    }));
    const slice: GraphNode = { ...node, opType: 'Slice', inputs: [node.inputs[0] as string, ...bounds.map((bound) => bound?.name ?? '')], outputs: [node.outputs[index] as string], attributes: new Map() };
    return { node: slice, operands: (operand: Operand) => [operand, ...bounds] };
  });
}

/** GlobalMaxPool as the ReduceMax that it is. */
export function reduceMaxOf(node: GraphNode, { shape }: TensorType): GraphNode {
  return { ...node, opType: 'ReduceMax', attributes: new Map([['axes', intsValue([...shape.keys()].slice(2))], ['keepdims', intValue(1)]]) };
}
