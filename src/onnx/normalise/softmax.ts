import { intValue } from '../attributes.js';
import type { Attribute } from '../graph.js';
import { quantizedInputs } from './linearOperands.js';
import { targetInputs } from './parameters.js';
import { refusal } from './refusal.js';
import type { State } from './state.js';
import { isPerTensor, type Target, type Value } from './values.js';

/** The opset since which the axis of Softmax stays alone. */
const AXIS_ALONE = 13;

/**
 * DequantizeLinear → Softmax → QuantizeLinear as QLinearSoftmax. That multiplies by ⌊1 / scale⌋ where QuantizeLinear divides by the
 * scale, so the two mean the same only where 1 / scale is an integer.
 */
export function emitSoftmax(state: State, { node, of, axis }: Extract<Value, { kind: 'softmax' }>, target: Target, output: string): string {
  const { type } = state.core.type(of.source);
  if (!isPerTensor(of) || type !== target.type || (type !== 'uint8' && type !== 'int8')) throw refusal(node.name, node.opType, 'ONNX Runtime has no integer kernel for it but on one 8-bit type, quantized per tensor', 'Use one 8-bit activation type throughout.');
  if (!Number.isInteger(Math.fround(1 / target.scale))) {
    throw refusal(node.name, node.opType, `the scale of its result, ${target.scale}, is not one over an integer, which is what ONNX Runtime's QLinearSoftmax computes with`, 'Quantize its result with the scale 1/256 (zero point 0, or −128 for int8), or keep it as the last operator of the model.');
  }
  return state.core.emit({
    name: node.name,
    opType: 'QLinearSoftmax',
    domain: 'com.microsoft',
    inputs: [...quantizedInputs(state, of), ...targetInputs(state, target, output)],
    output,
    attributes: new Map<string, Attribute>([['axis', intValue(axis)], ['opset', intValue(AXIS_ALONE)]]),
    from: [node.name, target.node.name],
  });
}
