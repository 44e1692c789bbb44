/** DequantizeLinear → Conv, ConvTranspose, Gemm, MatMul, AveragePool or GlobalAveragePool → QuantizeLinear as one quantized operator. */
import { floatAttribute, intAttribute, intsAttribute, floatValue, intValue } from '../attributes.js';
import { elementCount, type Attribute, type GraphNode } from '../graph.js';
import { emitTransposedConvolution } from './convTranspose.js';
import { biasConstant, dequantizedOperand, productScales, quantizedInputs, requireColumnScales, requirePerTensor, requireTypes, reshape } from './linearOperands.js';
import { targetInputs } from './parameters.js';
import { refusal } from './refusal.js';
import type { State } from './state.js';
import { isPerTensor, type Dequantized, type Linear, type Operand, type Target } from './values.js';

/** The core tensor for the quantized result of a linear operator. */
export function emitLinear(state: State, value: Linear, target: Target, output: string): string {
  switch (value.node.opType) {
    case 'AveragePool': return emitAveragePool(state, value, target, output);
    case 'Conv': return emitConvolution(state, value, target, output);
    case 'ConvTranspose': return emitTransposedConvolution(state, value, target, output);
    case 'Gemm': return emitGemm(state, value, target, output);
    case 'GlobalAveragePool': return emitGlobalAveragePool(state, value, target, output);
    default: return emitMatMul(state, value, target, output);
  }
}

function emitConvolution(state: State, { node, operands }: Linear, target: Target, output: string): string {
  const x = dequantizedOperand(node, operands[0], 'input');
  const w = dequantizedOperand(node, operands[1], 'weight');
  requirePerTensor(node, x, 'input');
  requireTypes(state, node, x, w, target);
  if (!isPerTensor(w) && w.axis !== 0) throw refusal(node.name, node.opType, `its weights are quantized along axis ${w.axis}`, 'Quantize the weights per tensor or per output channel (axis 0).');
  if (new Set(w.zeroPoint.data as Iterable<number>).size > 1) throw refusal(node.name, node.opType, 'its weights have different zero points in different channels, which QLinearConv does not allow', 'Quantize the weights symmetrically (WeightSymmetric).');
  const bias = operands[2] === undefined ? undefined : biasConstant(state, { node, operand: operands[2], multiplier: productScales(x, w, 1), shape: [state.core.type(w.source).shape[0] as number] });
  return state.core.emit({
    name: node.name,
    opType: 'QLinearConv',
    inputs: [...quantizedInputs(state, x), ...quantizedInputs(state, w), ...targetInputs(state, target, output), ...(bias === undefined ? [] : [bias])],
    output,
    attributes: node.attributes,
    from: [node.name, target.node.name],
  });
}

function emitGemm(state: State, { node, operands }: Linear, target: Target, output: string): string {
  const a = dequantizedOperand(node, operands[0], 'left factor');
  const b = dequantizedOperand(node, operands[1], 'right factor');
  const alpha = floatAttribute(node, 'alpha', 1);
  if (!(alpha > 0)) throw refusal(node.name, node.opType, `alpha is ${alpha}`, 'Fold alpha into the weights.');
  if (operands[2] !== undefined && floatAttribute(node, 'beta', 1) !== 1) throw refusal(node.name, node.opType, 'beta is not 1', 'Fold beta into the bias.');
  const transB = intAttribute(node, 'transB', 0) !== 0;
  requireTypes(state, node, a, b, target);
  requireColumnScales(node, b, transB ? 0 : 1);
  const [columns] = state.core.type(b.source).shape.slice(transB ? 0 : 1) as [number];
  const attributes = new Map<string, Attribute>([['alpha', floatValue(alpha)], ['transA', intValue(intAttribute(node, 'transA', 0))], ['transB', intValue(transB ? 1 : 0)]]);
  return emitQGemm(state, { node, a, b, bias: operands[2], alpha, columns, attributes, target, output, from: [node.name, target.node.name] });
}

function emitQGemm(state: State, { node, a, b, bias, alpha, columns, attributes, target, output, from, source = a.source }: {
  node: GraphNode;
  a: Dequantized;
  b: Dequantized;
  bias: Operand;
  alpha: number;
  columns: number;
  attributes: ReadonlyMap<string, Attribute>;
  target: Target;
  output: string;
  from: readonly string[];
  /** The left factor, when it is not the tensor that `a` says. */
  source?: string;
}): string {
  requirePerTensor(node, a, 'left factor');
  const biasName = bias === undefined ? '' : biasConstant(state, { node, operand: bias, multiplier: productScales(a, b, alpha), shape: [columns] });
  const [, aScale, aZeroPoint] = quantizedInputs(state, a);
  return state.core.emit({
    name: node.name,
    opType: 'QGemm',
    domain: 'com.microsoft',
    inputs: [source, aScale, aZeroPoint, ...quantizedInputs(state, b), biasName, ...targetInputs(state, target, output)],
    output,
    attributes,
    from,
  });
}

function emitMatMul(state: State, { node, operands, added }: Linear, target: Target, output: string): string {
  const a = dequantizedOperand(node, operands[0], 'left factor');
  const b = dequantizedOperand(node, operands[1], 'right factor');
  requirePerTensor(node, a, 'left factor');
  requireTypes(state, node, a, b, target);
  const bType = state.core.type(b.source);
  requireColumnScales(node, b, bType.shape.length - 1);
  if (!isPerTensor(b) && bType.shape.length !== 2) throw refusal(node.name, node.opType, 'a factor of more than two dimensions is quantized per column', 'Quantize it per tensor.');
  if (added === undefined) {
    return state.core.emit({
      name: node.name,
      opType: 'QLinearMatMul',
      inputs: [...quantizedInputs(state, a), ...quantizedInputs(state, b), ...targetInputs(state, target, output)],
      output,
      from: [node.name, target.node.name],
    });
  }
  // QLinearMatMul has no bias. QGemm has one, for matrices: a left factor of more dimensions is laid out as a matrix and back.
  const { shape } = state.core.type(a.source);
  const [rows, columns] = bType.shape;
  if (bType.shape.length !== 2 || rows === undefined || columns === undefined || shape.length < 2) {
    throw refusal(node.name, 'MatMul + Add', 'a bias after a product of more than two dimensions has no exact integer operator', 'Put QuantizeLinear and DequantizeLinear between MatMul and Add.');
  }
  const from = [node.name, added.node.name, target.node.name];
  const attributes = new Map<string, Attribute>([['alpha', floatValue(1)], ['transA', intValue(0)], ['transB', intValue(0)]]);
  const shared = { node, a, b, bias: added.operand, alpha: 1, columns, attributes, target, from };
  if (shape.length === 2) return emitQGemm(state, { ...shared, output });
  const source = reshape(state, a.source, [elementCount(shape.slice(0, -1)), rows], state.core.fresh(`${output}_rows`), from);
  const matrix = emitQGemm(state, { ...shared, output: state.core.fresh(`${output}_matrix`), source });
  return reshape(state, matrix, [...shape.slice(0, -1), columns], output, from);
}

function emitGlobalAveragePool(state: State, { node, operands }: Linear, target: Target, output: string): string {
  const x = dequantizedOperand(node, operands[0], 'input');
  requirePerTensor(node, x, 'input');
  const { type } = state.core.type(x.source);
  if (type !== target.type || (type !== 'uint8' && type !== 'int8')) throw refusal(node.name, node.opType, `ONNX Runtime has no integer kernel for ${type} → ${target.type}`, 'Use one 8-bit activation type throughout.');
  return state.core.emit({
    name: node.name,
    opType: 'QLinearGlobalAveragePool',
    domain: 'com.microsoft',
    inputs: [...quantizedInputs(state, x), ...targetInputs(state, target, output)],
    output,
    attributes: new Map<string, Attribute>([['channels_last', intValue(0)]]),
    from: [node.name, target.node.name],
  });
}

function emitAveragePool(state: State, { node, operands }: Linear, target: Target, output: string): string {
  const x = dequantizedOperand(node, operands[0], 'input');
  requirePerTensor(node, x, 'input');
  const { type } = state.core.type(x.source);
  if (type !== target.type || (type !== 'uint8' && type !== 'int8')) throw refusal(node.name, node.opType, `ONNX Runtime has no integer kernel for ${type} → ${target.type}`, 'Use one 8-bit activation type throughout.');
  if (intsAttribute(node, 'dilations')?.some((dilation) => dilation !== 1)) throw refusal(node.name, node.opType, 'ONNX Runtime has no quantized average over dilated windows', 'Use windows without dilation.');
  return state.core.emit({
    name: node.name,
    opType: 'QLinearAveragePool',
    domain: 'com.microsoft',
    inputs: [...quantizedInputs(state, x), ...targetInputs(state, target, output)],
    output,
    attributes: new Map([...node.attributes].filter(([name]) => name !== 'dilations')),
    from: [node.name, target.node.name],
  });
}
