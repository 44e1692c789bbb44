/** The integers of a float value: what stands where the original graph has QuantizeLinear. */
import { ZkonnxError } from '../../errors/index.js';
import { QUANTIZED_RANGE } from '../elementType.js';
import { dequantizeValue, quantizeTensor, quantizeValue } from '../float32.js';
import { EXACT } from '../fold/floatFunctions.js';
import { schemaOf } from '../operators/registry.js';
import { emitLinear } from './linear.js';
import { emitSoftmax } from './softmax.js';
import { quantizeMoved } from './movement.js';
import { canonicalNode, coreName } from './opset.js';
import { integerTensor, reshapedScalar, scalar, targetInputs, zeroPointTensor } from './parameters.js';
import { refusal } from './refusal.js';
import type { State } from './state.js';
import { quantizeByTable } from './table.js';
import { isPerTensor, type Clipped, type Dequantized, type Target, type Value } from './values.js';

/**
 * The core tensor that equals QuantizeLinear of a value.
 * @param name the tensor of the value in the original graph, for messages and for the names of new tensors
 * @param output the name that the core tensor should have, when a new one is made
 */
export function quantize(state: State, value: Value, name: string, target: Target, output: string): string {
  const table = quantizeByTable(state, value, name, target, output);
  if (table !== undefined) return table;
  switch (value.kind) {
    case 'input': return quantizeInput(state, value.input, target, output);
    case 'dequantized': return requantize(state, value, name, target, output);
    case 'clipped': return quantizeClipped(state, value, target, output);
    case 'linear': return emitLinear(state, value, target, output);
    case 'moved': return quantizeMoved(state, value, target, output);
    case 'constant': return state.core.constant(output, quantizeTensor({ tensor: value.value, scale: scalar(target.scale), zeroPoint: zeroPointTensor(target), type: target.type, axis: 0 }));
    case 'elementwise': {
      const input = materialise(state, value, name, target);
      return emitQuantize(state, input, target, output);
    }
    case 'softmax': return emitSoftmax(state, value, target, output);
    case 'refused': throw refusal(value.node.name, value.node.opType, value.reason, value.fix);
    case 'integer': throw new ZkonnxError('MODEL_INVALID', { message: `The node '${target.node.name}' quantizes the integer tensor '${name}'.`, node: target.node.name });
  }
}

/** A float graph input: the quantization becomes an entry, outside the proof. */
function quantizeInput(state: State, input: string, target: Target, output: string): string {
  const entry = state.entries.find((known) => known.input === input);
  if (entry !== undefined) {
    if (entry.scale === target.scale && entry.zeroPoint === target.zeroPoint && entry.type === target.type) return entry.tensor;
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
      message: `The input '${input}' is quantized in two different ways, so the proof could not tell that both come from the same input.`,
      node: target.node.name,
      expected: `scale ${entry.scale}, zero point ${entry.zeroPoint}, ${entry.type}`,
      found: `scale ${target.scale}, zero point ${target.zeroPoint}, ${target.type}`,
      fix: 'Quantize the input once and use that tensor everywhere.',
    });
  }
  const { shape } = state.original.types.get(input) as { shape: readonly number[] };
  const tensor = state.core.input(output, { type: target.type, shape });
  state.entries.push({ input, tensor, type: target.type, scale: target.scale, zeroPoint: target.zeroPoint });
  return tensor;
}

/** Q(DQ(q)): nothing at all when each integer comes back unchanged, which is checked for every one of them. */
function requantize(state: State, value: Dequantized, name: string, target: Target, output: string): string {
  if (returnsUnchanged(state, value, target)) return value.source;
  return emitQuantize(state, materialise(state, value, name, target), target, output);
}

function returnsUnchanged(state: State, value: Dequantized, target: Target): boolean {
  if (!isPerTensor(value) || state.core.type(value.source).type !== target.type) return false;
  const scale = value.scale.data[0] as number;
  const zeroPoint = Number(value.zeroPoint.data[0]);
  if (scale !== target.scale || zeroPoint !== target.zeroPoint) return false;
  const { lo, hi } = QUANTIZED_RANGE[target.type];
  for (let q = lo; q <= hi; q++) if (quantizeValue(dequantizeValue(q, { scale, zeroPoint }), target) !== q) return false;
  return true;
}

/**
 * QuantizeLinear never decreases, and so Q(min(max(x, lo), hi)) = min(max(Q(x), Q(lo)), Q(hi)) for every float32 x: whichever of
 * x, lo and hi the clip picks, quantizing keeps their order. (Where lo > hi both sides are Q(hi).)
 */
function quantizeClipped(state: State, value: Clipped, target: Target, output: string): string {
  // A dequantized tensor that comes back with another scale is one step function: the nodes stay as they are, and run as they are.
  if (isStep(state, value, target)) return emitQuantize(state, materialise(state, value, value.node.outputs[0] as string, target), target, output);

  const inner = value.of;
  const { lo: typeLo, hi: typeHi } = QUANTIZED_RANGE[target.type];
  const lo = Math.max(quantizeValue(value.lo, target), typeLo);
  const hi = Math.min(quantizeValue(value.hi, target), typeHi);
  if (lo === typeLo && hi === typeHi) return quantize(state, inner.value, inner.name, target, output);
  const unclipped = state.quantized(inner.value, inner.name, target);
  return state.core.emit({
    name: value.node.name,
    opType: 'Clip',
    inputs: [unclipped, boundName(state, target, lo), boundName(state, target, hi)],
    output,
    from: [value.node.name, target.node.name],
  });
}

function isStep(state: State, value: Clipped, target: Target): boolean {
  const inner = value.of.value;
  if (inner.kind === 'clipped') return isStep(state, inner, target);
  return inner.kind === 'dequantized' && !returnsUnchanged(state, inner, target);
}

function boundName(state: State, { type }: Target, bound: number): string {
  return state.shared(`clip_bound_${type}_${bound}`, () => integerTensor(type, bound));
}

/** Puts an element-wise float region into the core as it is. Everything in it must come from integers. */
function materialise(state: State, value: Value, name: string, target: Target): string {
  const known = state.floats.get(name);
  if (known !== undefined) return known;
  const tensor = emitFloat(state, value, name, target);
  state.floats.set(name, tensor);
  return tensor;
}

function emitFloat(state: State, value: Value, name: string, target: Target): string {
  switch (value.kind) {
    case 'dequantized':
      if (!isPerTensor(value)) throw refusal(value.node.name, value.node.opType, 'an activation is dequantized per channel', 'Quantize activations per tensor.');
      return state.core.emit({
        name: value.node.name,
        opType: 'DequantizeLinear',
        inputs: [value.source, state.core.constant(`${value.source}_scale`, reshapedScalar(value.scale)), state.core.constant(`${value.source}_zero_point`, reshapedScalar(value.zeroPoint))],
        output: state.core.claim(name),
        from: [value.node.name],
      });
    case 'constant': return state.core.constant(name, value.value);
    case 'integer': return value.tensor;
    case 'clipped': return emitClip(state, value, name, target);
    case 'elementwise': {
      if (!EXACT.has(value.node.opType)) throw refusal(value.node.name, value.node.opType, 'its float result depends on the machine, and it is used before it is quantized', 'Put QuantizeLinear and DequantizeLinear between the two, as the static quantizer of ONNX Runtime does.');
      const inputs = value.operands.map((operand) => (operand === undefined ? '' : materialise(state, operand.value, operand.name, target)));
      return state.core.emit({ ...value.node, inputs, output: state.core.claim(name), from: [value.node.name] });
    }
    case 'input': throw refusal(target.node.name, target.node.opType, `the float input '${value.input}' is used by a float operator before it is quantized`, 'Quantize the input first: QuantizeLinear, then DequantizeLinear, right after the input.');
    case 'linear': throw refusal(value.node.name, value.node.opType, 'its float result is not quantized before the next operator uses it', 'Put QuantizeLinear and DequantizeLinear between the two, as the static quantizer of ONNX Runtime does.');
    case 'moved': return emitMoved(state, value, name, target);
    case 'softmax': throw refusal(value.node.name, value.node.opType, 'it computes in float32 and its result is used inside the model', 'Remove the Softmax, or keep it as the last operator of the model.');
    case 'refused': throw refusal(value.node.name, value.node.opType, value.reason, value.fix);
  }
}

/** A movement inside a float region: moving floats is moving the integers that they are functions of. */
function emitMoved(state: State, { node, operands, data }: Extract<Value, { kind: 'moved' }>, name: string, target: Target): string {
  if (schemaOf(node).moves === undefined) throw refusal(node.name, node.opType, 'it compares tensors of different quantization in float32', 'Quantize its result before the next operator.');
  const inputs = operands.map((operand, index) => (operand === undefined ? '' : data.includes(index) ? materialise(state, operand.value, operand.name, target) : coreName(state, node, operand)));
  return canonicalNode(state, { node, inputs, output: state.core.claim(name), from: [node.name] });
}

function emitClip(state: State, value: Clipped, name: string, target: Target): string {
  const input = materialise(state, value.of.value, value.of.name, target);
  const bounds = value.node.opType === 'Relu' ? [] : [value.lo, value.hi].map((bound) => state.shared(`clip_bound_float32_${bound}`, () => scalar(bound)));
  return state.core.emit({ name: value.node.name, opType: value.node.opType, inputs: [input, ...bounds], output: state.core.claim(name), from: [value.node.name] });
}

function emitQuantize(state: State, input: string, target: Target, output: string): string {
  return state.core.emit({
    name: target.node.name,
    opType: 'QuantizeLinear',
    inputs: [input, ...targetInputs(state, target, output)],
    output,
    from: [target.node.name],
  });
}
