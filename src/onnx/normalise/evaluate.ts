/** What one node of the original graph makes of what is known of its inputs. */
import { ZkonnxError } from '../../errors/index.js';
import { intAttribute, intsAttribute } from '../attributes.js';
import { isInteger, newTensorData, QUANTIZED_RANGE, isQuantizedType } from '../elementType.js';
import { dequantizeValue } from '../float32.js';
import type { GraphNode, Tensor, TensorType } from '../graph.js';
import { integerNode } from './opset.js';
import { targetOf } from './parameters.js';
import { refusal } from './refusal.js';
import type { State } from './state.js';
import { isPerTensor, type Dequantized, type Operand, type Value } from './values.js';

/** Operators that move elements or take maxima of them: a non-decreasing function of each element commutes with all of them. */
const MOVEMENT: ReadonlySet<string> = new Set(['Concat', 'Flatten', 'Gather', 'MaxPool', 'Reshape', 'Slice', 'Squeeze', 'Transpose', 'Unsqueeze']);
const LINEAR: ReadonlySet<string> = new Set(['Conv', 'Gemm', 'GlobalAveragePool', 'MatMul']);
const ELEMENTWISE: ReadonlySet<string> = new Set([
  'Abs', 'Add', 'Cast', 'Div', 'Elu', 'Erf', 'Exp', 'HardSigmoid', 'HardSwish', 'LeakyRelu', 'Mul', 'Neg', 'Sigmoid', 'Sqrt', 'Sub', 'Tanh',
]);

/** @throws ZkonnxError OPERATOR_UNSUPPORTED when an integer result would depend on float arithmetic. */
export function valueOf(state: State, node: GraphNode, operands: readonly Operand[]): Value {
  const output = node.outputs[0] as string;
  const { type } = state.original.types.get(output) as TensorType;
  if (node.opType === 'QuantizeLinear') return quantized(state, node, operands, output);
  if (node.opType === 'DequantizeLinear') return dequantized(state, node, operands);
  const [first] = operands;
  if (first !== undefined && (node.opType === 'Identity' || (node.opType === 'Cast' && state.original.types.get(first.name)?.type === type))) return first.value;
  if (isInteger(type)) return { kind: 'integer', tensor: integerResult(state, node, operands, output) };
  if (type !== 'float32') return { kind: 'refused', node, reason: `it computes ${type}`, fix: 'Quantize the model to 8-bit integers.' };
  return floatValue(state, node, operands, output);
}

function quantized(state: State, node: GraphNode, operands: readonly Operand[], output: string): Value {
  const [x] = operands;
  const target = targetOf(state, operands, (state.original.types.get(output) as TensorType).type);
  if (x === undefined || target === undefined) throw refusal(node.name, node.opType, 'its scale is not one constant', 'Quantize activations per tensor, with constant scales.');
  return { kind: 'integer', tensor: state.quantized(x.value, x.name, { node, ...target }, state.core.claim(output)) };
}

function dequantized(state: State, node: GraphNode, operands: readonly Operand[]): Value {
  const [x] = operands;
  const scale = state.constantOf(operands[1]);
  if (scale === undefined || (operands[2] !== undefined && state.constantOf(operands[2]) === undefined)) return { kind: 'refused', node, reason: 'its scale or zero point is computed by the graph', fix: 'Quantize the model statically, with calibration data.' };
  if (x?.value.kind !== 'integer') throw new ZkonnxError('INTERNAL', { message: `The integer operand of '${node.name}' is not in the core.`, node: node.name });
  const { type, shape } = state.core.type(x.value.tensor);
  const zeroPoint = state.constantOf(operands[2]) ?? { type, shape: scale.shape, data: newTensorData(type, scale.data.length) };
  const given = intAttribute(node, 'axis', 1);
  const axis = scale.data.length === 1 ? 0 : given < 0 ? given + shape.length : given;
  return { kind: 'dequantized', node, source: x.value.tensor, scale, zeroPoint: spread(zeroPoint, scale), axis };
}

/** One zero point per scale. */
function spread(zeroPoint: Tensor, scale: Tensor): Tensor {
  if (zeroPoint.data.length === scale.data.length) return zeroPoint;
  return { type: zeroPoint.type, shape: scale.shape, data: newTensorData(zeroPoint.type, scale.data.length).fill(zeroPoint.data[0] as never) };
}

/** An operator with an integer result: on integers it stays as it is. */
function integerResult(state: State, node: GraphNode, operands: readonly Operand[], output: string): string {
  const name = state.core.claim(output);
  const stranger = operands.find((operand) => operand !== undefined && operand.value.kind !== 'integer' && operand.value.kind !== 'constant');
  if (stranger === undefined) return integerNode(state, node, operands, name, [node.name]);
  const { value } = stranger;
  if ((node.opType === 'ArgMax' || node.opType === 'ArgMin') && value.kind === 'dequantized' && strictlyIncreasing(state, value)) {
    // Dequantizing keeps the order and makes no new ties, so the index of the first (or last) maximum stays the same.
    return integerNode(state, node, [{ name: stranger.name, value: { kind: 'integer', tensor: value.source } }], name, [value.node.name, node.name]);
  }
  if (value.kind === 'refused') throw refusal(value.node.name, value.node.opType, value.reason, value.fix);
  const reason = value.kind === 'softmax' ? 'Softmax rounds in float32 and can make ties that were none' : `its operand '${stranger.name}' is float`;
  throw refusal(node.name, node.opType, reason, node.opType.startsWith('Arg') ? `Apply ${node.opType} to the quantized tensor instead.` : 'Quantize the operand.');
}

function strictlyIncreasing(state: State, value: Dequantized): boolean {
  const { type } = state.core.type(value.source);
  if (!isPerTensor(value) || !isQuantizedType(type)) return false;
  const parameters = { scale: value.scale.data[0] as number, zeroPoint: Number(value.zeroPoint.data[0]) };
  const { lo, hi } = QUANTIZED_RANGE[type];
  for (let q = lo; q < hi; q++) if (!(dequantizeValue(q, parameters) < dequantizeValue(q + 1, parameters))) return false;
  return true;
}

function floatValue(state: State, node: GraphNode, operands: readonly Operand[], output: string): Value {
  const [first] = operands;
  const refused = operands.find((operand) => operand?.value.kind === 'refused');
  if (refused !== undefined) return refused.value;
  if (MOVEMENT.has(node.opType)) return moved(state, node, operands, output);
  if (LINEAR.has(node.opType)) return { kind: 'linear', node, operands };
  if (node.opType === 'Relu' && first !== undefined) return { kind: 'clipped', node, of: first, lo: 0, hi: Infinity };
  if (node.opType === 'Clip' && first !== undefined) return clipped(state, node, first, operands);
  if (node.opType === 'Softmax') return softmax(state, node, first);
  if (node.opType === 'Add') {
    const biased = biasedProduct(state, node, operands);
    if (biased !== undefined) return biased;
  }
  if (ELEMENTWISE.has(node.opType)) return { kind: 'elementwise', node, operands };
  return { kind: 'refused', node, reason: 'it computes in float32 and has no exact integer form here' };
}

function moved(state: State, node: GraphNode, operands: readonly Operand[], output: string): Value {
  const data = node.opType === 'Concat' ? operands : operands.slice(0, 1);
  const [first] = data;
  if (first?.value.kind === 'dequantized' && data.every((operand) => operand?.value.kind === 'dequantized' && sameQuantization(operand.value, first.value as Dequantized))) {
    const axis = movedAxis(node, first.value);
    const { type } = state.core.type(first.value.source);
    if (node.opType === 'MaxPool' && type !== 'uint8' && type !== 'int8') return { kind: 'refused', node, reason: `ONNX Runtime has no MaxPool of ${type}`, fix: 'Quantize to 8 bits.' };
    if (axis === undefined) return { kind: 'refused', node, reason: 'it moves a tensor that is dequantized per channel', fix: 'Quantize the tensor per tensor, or move it before it is quantized.' };
    const integers = operands.map((operand): Operand => (operand?.value.kind === 'dequantized' ? { name: operand.name, value: { kind: 'integer', tensor: operand.value.source } } : operand));
    const source = integerNode(state, node, integers, state.core.fresh(`${output}_quantized`), [node.name]);
    return { ...first.value, source, axis };
  }
  return { kind: 'moved', node, operands };
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

/** https://onnx.ai/onnx/operators/onnx__Clip.html */
function clipped(state: State, node: GraphNode, of: NonNullable<Operand>, operands: readonly Operand[]): Value {
  const bound = (index: number, otherwise: number): number | undefined => {
    if (operands[index] === undefined) return otherwise;
    return state.constantOf(operands[index])?.data[0] as number | undefined;
  };
  const [lo, hi] = [bound(1, -Infinity), bound(2, Infinity)];
  if (lo === undefined || hi === undefined) return { kind: 'refused', node, reason: 'its bounds are computed by the graph', fix: 'Use constant bounds.' };
  if (Number.isNaN(lo) || Number.isNaN(hi)) throw new ZkonnxError('MODEL_INVALID', { message: `A bound of the node '${node.name}' (Clip) is not a number.`, node: node.name });
  return { kind: 'clipped', node, of, lo, hi };
}

/** Softmax of a dequantized tensor is left to the display. Until opset 12 it flattened the dimensions from its axis on. */
function softmax(state: State, node: GraphNode, operand: Operand): Value {
  const refused: Value = { kind: 'refused', node, reason: 'it computes in float32', fix: 'Keep Softmax as the last operator, after DequantizeLinear, or remove it: zkonnx shows probabilities beside the proven integers.' };
  if (operand?.value.kind !== 'dequantized') return refused;
  const rank = (state.original.types.get(operand.name) as TensorType).shape.length;
  const flattens = (state.original.opsets.get('') ?? 13) < 13;
  const given = intAttribute(node, 'axis', flattens ? 1 : -1);
  const axis = given < 0 ? given + rank : given;
  return flattens && axis !== rank - 1 ? refused : { kind: 'softmax', node, name: operand.name, of: operand.value, axis };
}

/** MatMul, then Add of an int32 bias that is dequantized: one product with a bias. */
function biasedProduct(state: State, node: GraphNode, operands: readonly Operand[]): Value | undefined {
  const product = operands.find((operand) => operand?.value.kind === 'linear' && operand.value.node.opType === 'MatMul' && operand.value.added === undefined);
  const bias = operands.find((operand) => operand !== product);
  if (product?.value.kind !== 'linear' || bias?.value.kind !== 'dequantized' || state.core.type(bias.value.source).type !== 'int32') return undefined;
  return { ...product.value, added: { node, operand: bias } };
}
