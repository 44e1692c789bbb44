/** What one node of the original graph makes of what is known of its inputs. */
import { ZkonnxError } from '../../errors/index.js';
import { intAttribute } from '../attributes.js';
import { isInteger, newTensorData, QUANTIZED_RANGE, isQuantizedType } from '../elementType.js';
import { dequantizeValue } from '../float32.js';
import { floatFunction } from '../fold/floatFunctions.js';
import type { GraphNode, Tensor, TensorType } from '../graph.js';
import { movedOperands, movedValue, reduceMaxOf, slicesOfSplit } from './movement.js';
import { compareDequantized } from './comparison.js';
import { integerNode } from './opset.js';
import { targetOf } from './parameters.js';
import { refusal } from './refusal.js';
import type { State } from './state.js';
import { integersByTable, isFunctionOfOne } from './table.js';
import { isPerTensor, type Dequantized, type Operand, type Value } from './values.js';

const LINEAR: ReadonlySet<string> = new Set(['AveragePool', 'Conv', 'ConvTranspose', 'Gemm', 'GlobalAveragePool', 'MatMul']);

/**
 * One value per output of the node.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED when an integer result would depend on float arithmetic.
 */
export function valuesOf(state: State, node: GraphNode, operands: readonly Operand[]): Value[] {
  const [first] = operands;
  if (node.opType === 'Split') return slicesOfSplit(state, node).map((slice) => valueOf(state, slice.node, slice.operands(first)));
  const types = node.outputs.map((name) => state.original.types.get(name)?.type);
  if (node.outputs.length > 1 && types.some((type) => type !== undefined && isInteger(type))) return integerResults(state, node, operands);
  if (node.opType === 'Mean' && operands.length === 1 && first !== undefined) return [first.value];
  if (node.opType === 'Sum' && operands.length <= 2) return [valueOf(state, { ...node, opType: operands.length === 1 ? 'Identity' : 'Add' }, operands)];
  if (node.opType === 'GlobalMaxPool' && first !== undefined) return [valueOf(state, reduceMaxOf(node, state.original.types.get(first.name) as TensorType), operands)];
  return [valueOf(state, node, operands)];
}

function valueOf(state: State, node: GraphNode, operands: readonly Operand[]): Value {
  const output = node.outputs[0] as string;
  const { type } = state.original.types.get(output) as TensorType;
  if (node.opType === 'QuantizeLinear') return quantized(state, node, operands, output);
  if (node.opType === 'DequantizeLinear') return dequantized(state, node, operands);
  const [first] = operands;
  if (first !== undefined && (node.opType === 'Identity' || (node.opType.startsWith('Cast') && state.original.types.get(first.name)?.type === type))) return first.value;
  if (type === 'bool') {
    const compared = compareDequantized(state, node, operands, state.core.claim(output));
    if (compared !== undefined) return { kind: 'integer', tensor: compared };
    if (operands.some(isFloat) && floatFunction(node) !== undefined) return { kind: 'elementwise', node, operands };
  }
  if (isInteger(type) && node.opType.startsWith('Cast') && first !== undefined && isFloat(first)) {
    const tensor = integersByTable(state, node, first, type, state.core.claim(output));
    if (tensor !== undefined) return { kind: 'integer', tensor };
  }
  if (isInteger(type)) return integerResults(state, node, operands)[0] as Value;
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

/** Operators whose integer results are the same for a tensor and for any strictly increasing function of it. */
const OF_THE_ORDER: ReadonlySet<string> = new Set(['ArgMax', 'ArgMin', 'TopK']);

/** An operator with an integer result: on integers it stays as it is. */
function integerResults(state: State, node: GraphNode, given: readonly Operand[]): Value[] {
  const operands = withTruthValues(state, given);
  const stranger = operands.find(isFloat);
  if (stranger === undefined) return keptResults(state, node, operands, [node.name]);
  const { value } = stranger;
  if (OF_THE_ORDER.has(node.opType) && stranger === operands[0] && value.kind === 'dequantized' && strictlyIncreasing(state, value)) {
    // Dequantizing keeps the order and makes no new ties, so the index of the first (or last) maximum stays the same.
    const integers = [{ name: stranger.name, value: { kind: 'integer' as const, tensor: value.source } }, ...operands.slice(1)];
    const results = keptResults(state, node, integers, [value.node.name, node.name]);
    return node.outputs.map((name, index): Value => {
      const result = results[index] as Extract<Value, { kind: 'integer' }>;
      return state.original.types.get(name)?.type === 'float32' ? { ...value, source: result.tensor } : result;
    });
  }
  if (value.kind === 'refused') throw refusal(value.node.name, value.node.opType, value.reason, value.fix);
  const reason = value.kind === 'softmax' ? 'Softmax rounds in float32 and can make ties that were none' : `its operand '${stranger.name}' is float`;
  throw refusal(node.name, node.opType, reason, node.opType.startsWith('Arg') ? `Apply ${node.opType} to the quantized tensor instead.` : 'Quantize the operand.');
}

function isFloat(operand: Operand): boolean {
  return operand !== undefined && operand.value.kind !== 'integer' && operand.value.kind !== 'constant';
}

/** Truth values of floats as a tensor, where an operator on integers reads them. */
function withTruthValues(state: State, operands: readonly Operand[]): Operand[] {
  return operands.map((operand) => {
    if (operand?.value.kind !== 'elementwise' || state.original.types.get(operand.name)?.type !== 'bool') return operand;
    const tensor = state.truth(operand.value, operand.name);
    return tensor === undefined ? operand : { name: operand.name, value: { kind: 'integer', tensor } };
  });
}

/** The node as it is, on integers. */
function keptResults(state: State, node: GraphNode, operands: readonly Operand[], from: readonly string[]): Value[] {
  const [output, ...others] = node.outputs.map((name) => (name === '' ? '' : state.core.claim(name))) as [string, ...string[]];
  const tensor = integerNode(state, { node, operands, output, others, from });
  return [tensor, ...others].map((name) => ({ kind: 'integer', tensor: name }));
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
  // A choice by truth values of the same tensor is a function of that tensor.
  if (node.opType === 'Where' && operands.some((operand) => operand?.value.kind === 'elementwise') && isFunctionOfOne(state, { kind: 'elementwise', node, operands }, output)) return { kind: 'elementwise', node, operands };
  const data = movedOperands(state, node);
  if (data !== undefined) {
    const placed = withTruthValues(state, operands);
    const place = placed.find((operand, index) => !data.includes(index) && isFloat(operand));
    if (place !== undefined) return { kind: 'refused', node, reason: `its operand '${place.name}', which says where elements go, is a float tensor`, fix: 'Use integer indices.' };
    return movedValue(state, node, placed, data, output);
  }
  if (LINEAR.has(node.opType)) return { kind: 'linear', node, operands };
  if (node.opType === 'Relu' && first !== undefined) return { kind: 'clipped', node, of: first, lo: 0, hi: Infinity };
  if (node.opType === 'Clip' && first !== undefined) return clipped(state, node, first, operands);
  if (node.opType === 'Softmax') return softmax(state, node, first);
  if (node.opType === 'Add') {
    const biased = biasedProduct(state, node, operands);
    if (biased !== undefined) return biased;
  }
  if (floatFunction(node) !== undefined) return { kind: 'elementwise', node, operands };
  return { kind: 'refused', node, reason: 'it computes in float32 and has no exact integer form here' };
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
  const refused: Value = { kind: 'refused', node, reason: 'it computes in float32', fix: 'Keep Softmax as the last operator, after DequantizeLinear: zkonnx shows probabilities beside the proven integers. Or quantize the float model with zkonnx quantize, which writes it in integers.' };
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
