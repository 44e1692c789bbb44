/** The operands of a quantized linear operator, checked, and what the rewrites of all of them share. */
import type { GraphNode, Tensor } from '../graph.js';
import { reshapedScalar } from './parameters.js';
import { refusal } from './refusal.js';
import type { State } from './state.js';
import { isPerTensor, type Dequantized, type Operand, type Target } from './values.js';

/** Appends a Reshape. */
export function reshape(state: State, input: string, shape: readonly number[], output: string, from: readonly string[]): string {
  const target = state.core.constant(state.core.fresh(`${output}_shape`), { type: 'int64', shape: [shape.length], data: BigInt64Array.from(shape, BigInt) });
  return state.core.emit({ name: `${output}_Reshape`, opType: 'Reshape', inputs: [input, target], output, from });
}

export function dequantizedOperand(node: GraphNode, operand: Operand, role: string): Dequantized {
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

export function requirePerTensor(node: GraphNode, value: Dequantized, role: string): void {
  if (!isPerTensor(value)) throw refusal(node.name, node.opType, `its ${role} is quantized per channel`, 'Quantize activations per tensor; only weights may have one scale per channel.');
}

export function requireColumnScales(node: GraphNode, value: Dequantized, axis: number): void {
  if (isPerTensor(value)) return;
  if (value.axis !== axis) throw refusal(node.name, node.opType, `its weights are quantized along axis ${value.axis}`, `Quantize the weights per tensor or per output column (axis ${axis}).`);
}

/** The combinations of types that ONNX Runtime has kernels for: the output is of the type of the input, and s8 takes no u8 weights. */
export function requireTypes(state: State, node: GraphNode, x: Dequantized, w: Dequantized, target: Target): void {
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
export function productScales(x: Dequantized, w: Dequantized, alpha: number): number[] {
  const left = Math.fround(alpha * (x.scale.data[0] as number));
  return Array.from(w.scale.data as Float32Array, (scale) => Math.fround(left * scale));
}

/** An int32 bias whose scale is that of the accumulator, as a constant of the core. Nothing else can be added exactly. */
export function biasConstant(state: State, { node, operand, multiplier, shape }: { node: GraphNode; operand: NonNullable<Operand>; multiplier: readonly number[]; shape: readonly [number] }): string {
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
export function quantizedInputs(state: State, value: Dequantized): [tensor: string, scale: string, zeroPoint: string] {
  const single = isPerTensor(value);
  const scale = single ? reshapedScalar(value.scale) : value.scale;
  // One zero point for all channels is written out: ONNX wants both of one shape.
  const zeroPoint = single ? reshapedScalar(value.zeroPoint) : value.zeroPoint;
  return [value.source, state.core.constant(`${value.source}_scale`, scale), state.core.constant(`${value.source}_zero_point`, zeroPoint)];
}
