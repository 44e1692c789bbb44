/** DequantizeLinear → Conv, Gemm, MatMul or GlobalAveragePool → QuantizeLinear as one quantized operator. */
import { floatAttribute, intAttribute, floatValue, intValue } from '../attributes.js';
import { elementCount, type Attribute, type GraphNode, type Tensor } from '../graph.js';
import { reshapedScalar, targetInputs } from './parameters.js';
import { refusal } from './refusal.js';
import type { State } from './state.js';
import { isPerTensor, type Dequantized, type Linear, type Operand, type Target } from './values.js';

/** The core tensor for the quantized result of a linear operator. */
export function emitLinear(state: State, value: Linear, target: Target, output: string): string {
  switch (value.node.opType) {
    case 'Conv': return emitConvolution(state, value, target, output);
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

function reshape(state: State, input: string, shape: readonly number[], output: string, from: readonly string[]): string {
  const target = state.core.constant(state.core.fresh(`${output}_shape`), { type: 'int64', shape: [shape.length], data: BigInt64Array.from(shape, BigInt) });
  return state.core.emit({ name: `${output}_Reshape`, opType: 'Reshape', inputs: [input, target], output, from });
}

function dequantizedOperand(node: GraphNode, operand: Operand, role: string): Dequantized {
  if (operand?.value.kind === 'dequantized') return operand.value;
  const name = operand?.name ?? '';
  const value = operand?.value;
  if (value?.kind === 'constant') throw refusal(node.name, node.opType, `its ${role} '${name}' is a float constant`, 'Quantize weights as well as activations.');
  if (value?.kind === 'refused') throw refusal(value.node.name, value.node.opType, value.reason, value.fix);
  if (value?.kind === 'linear' || value?.kind === 'clipped' || value?.kind === 'elementwise' || value?.kind === 'moved') {
    throw refusal(value.node.name, value.node.opType, `its float result is not quantized before '${node.name}' (${node.opType}) uses it`, 'Put QuantizeLinear and DequantizeLinear between the two, as the static quantizer of ONNX Runtime does.');
  }
  throw refusal(node.name, node.opType, `its ${role} '${name}' is not quantized`, 'Quantize the model statically: QuantizeLinear and DequantizeLinear before each input and after the output.');
}

function requirePerTensor(node: GraphNode, value: Dequantized, role: string): void {
  if (!isPerTensor(value)) throw refusal(node.name, node.opType, `its ${role} is quantized per channel`, 'Quantize activations per tensor; only weights may have one scale per channel.');
}

function requireColumnScales(node: GraphNode, value: Dequantized, axis: number): void {
  if (isPerTensor(value)) return;
  if (value.axis !== axis) throw refusal(node.name, node.opType, `its weights are quantized along axis ${value.axis}`, `Quantize the weights per tensor or per output column (axis ${axis}).`);
}

/** The combinations of types that ONNX Runtime has kernels for: the output is of the type of the input, and s8 takes no u8 weights. */
function requireTypes(state: State, node: GraphNode, x: Dequantized, w: Dequantized, target: Target): void {
  const [input, weight] = [state.core.type(x.source).type, state.core.type(w.source).type];
  const eightBit = ['uint8', 'int8'];
  if (!eightBit.includes(input) || !eightBit.includes(weight) || !eightBit.includes(target.type)) {
    throw refusal(node.name, node.opType, `it is quantized as ${input} × ${weight} → ${target.type}, and ONNX Runtime has no 16-bit integer products`, 'Quantize it to 8 bits.');
  }
  if (input !== target.type || (input === 'int8' && weight === 'uint8')) {
    throw refusal(node.name, node.opType, `ONNX Runtime has no integer kernel for ${input} × ${weight} → ${target.type}`, 'Use one activation type throughout, and int8 weights with int8 activations.');
  }
}

/** f(f(alpha · sx) · sw[c]): the scale that one unit of the accumulator of each channel has. */
function productScales(x: Dequantized, w: Dequantized, alpha: number): number[] {
  const left = Math.fround(alpha * (x.scale.data[0] as number));
  return Array.from(w.scale.data as Float32Array, (scale) => Math.fround(left * scale));
}

/** An int32 bias whose scale is that of the accumulator, as a constant of the core. Nothing else can be added exactly. */
function biasConstant(state: State, { node, operand, multiplier, shape }: { node: GraphNode; operand: NonNullable<Operand>; multiplier: readonly number[]; shape: readonly [number] }): string {
  const { name, value } = operand;
  const fix = 'Quantize the bias to int32 with the scale (input scale × weight scale), as the static quantizer of ONNX Runtime does.';
  if (value.kind !== 'dequantized') throw refusal(node.name, node.opType, `its bias '${name}' is not quantized, so the sum is rounded in float32`, fix);
  const bias = state.core.constants.get(value.source);
  if (bias === undefined) throw refusal(node.name, node.opType, `its bias '${name}' is computed by the graph`, fix);
  if (bias.type !== 'int32') throw refusal(node.name, node.opType, `its bias '${name}' is quantized to ${bias.type}`, fix);
  if ((value.zeroPoint.data as Int32Array).some((zeroPoint) => zeroPoint !== 0)) throw refusal(node.name, node.opType, `its bias '${name}' has a zero point other than 0`, fix);
  const [channels] = shape;
  const count = Math.max(multiplier.length, value.scale.data.length);
  for (let channel = 0; channel < count; channel++) {
    const expected = multiplier[multiplier.length === 1 ? 0 : channel] as number;
    const found = value.scale.data[value.scale.data.length === 1 ? 0 : channel] as number;
    if (expected !== found) {
      throw refusal(node.name, node.opType, `the scale of its bias '${name}' is ${found} in channel ${channel}, but input scale × weight scale is ${expected}, so that ONNX Runtime itself gives different results with and without optimisation`, fix);
    }
  }
  return state.core.constant(value.source, biasVector(node, name, bias, channels));
}

/** The bias as a vector with one entry per output channel. */
function biasVector(node: GraphNode, name: string, bias: Tensor, channels: number): Tensor {
  const { shape, data } = bias;
  const last = shape.at(-1) ?? 1;
  if (data.length === channels && last === channels) return shape.length === 1 ? bias : { ...bias, shape: [channels] };
  if (data.length === 1) return { type: 'int32', shape: [channels], data: new Int32Array(channels).fill(data[0] as number) };
  throw refusal(node.name, node.opType, `its bias '${name}' has one value per row and column`, 'Use one bias per output channel.');
}

/** Tensor, scale and zero point, as the quantized operators take them. */
function quantizedInputs(state: State, value: Dequantized): [tensor: string, scale: string, zeroPoint: string] {
  const single = isPerTensor(value);
  const scale = single ? reshapedScalar(value.scale) : value.scale;
  // One zero point for all channels is written out: ONNX wants both of one shape.
  const zeroPoint = single ? reshapedScalar(value.zeroPoint) : value.zeroPoint;
  return [value.source, state.core.constant(`${value.source}_scale`, scale), state.core.constant(`${value.source}_zero_point`, zeroPoint)];
}
