/** Scales and zero points as constants of the core. */
import { isQuantizedType, newTensorData } from '../elementType.js';
import type { ElementType, Tensor } from '../graph.js';
import type { State } from './state.js';
import type { Operand, Target } from './values.js';

/** Constants for the scale and the zero point of a target. */
export function targetInputs(state: State, target: Target, output: string): [scale: string, zeroPoint: string] {
  return [state.core.constant(state.core.claim(`${output}_scale`), scalar(target.scale)), state.core.constant(state.core.claim(`${output}_zero_point`), zeroPointTensor(target))];
}

export function zeroPointTensor({ type, zeroPoint }: Target): Tensor {
  return integerTensor(type, zeroPoint);
}

export function integerTensor(type: Target['type'], value: number): Tensor {
  const data = newTensorData(type, 1) as Int32Array;
  data[0] = value;
  return { type, shape: [], data };
}

export function scalar(value: number): Tensor {
  return { type: 'float32', shape: [], data: Float32Array.of(value) };
}

/** A tensor of one element as a scalar. */
export function reshapedScalar(tensor: Tensor): Tensor {
  return tensor.shape.length === 0 ? tensor : { ...tensor, shape: [] };
}

/** The target of a QuantizeLinear node; undefined when it is per channel. */
export function targetOf(state: State, operands: readonly Operand[], type: ElementType): Omit<Target, 'node'> | undefined {
  const scale = state.constantOf(operands[1]);
  const zeroPoint = state.constantOf(operands[2]);
  if (scale === undefined || scale.data.length !== 1 || (operands[2] !== undefined && zeroPoint?.data.length !== 1)) return undefined;
  if (!isQuantizedType(type)) return undefined;
  return { scale: scale.data[0] as number, zeroPoint: zeroPoint === undefined ? 0 : Number(zeroPoint.data[0]), type };
}
