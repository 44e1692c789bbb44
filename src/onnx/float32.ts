/**
 * QuantizeLinear and DequantizeLinear in float32, exactly as ONNX Runtime computes them. `Math.fround` of a double-precision
 * +, −, × or ÷ of two float32 values is the correctly rounded float32 result.
 */
import { QUANTIZED_RANGE, newTensorData, type QuantizedType } from './elementType.js';
import { elementCount, type Tensor, type TensorData } from './graph.js';

/** The quantization of one tensor: real = scale · (q − zeroPoint). */
export interface QuantizationParameters {
  /** A positive, finite float32. */
  readonly scale: number;
  readonly zeroPoint: number;
  readonly type: QuantizedType;
}

/** Divide in float32, clamp, round half to even, add the zero point. https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html */
export function quantizeValue(value: number, { scale, zeroPoint, type }: QuantizationParameters): number {
  const { lo, hi } = QUANTIZED_RANGE[type];
  const clamped = Math.min(Math.max(Math.fround(value / scale), lo - zeroPoint), hi - zeroPoint);
  const floor = Math.floor(clamped);
  const fraction = clamped - floor;
  const rounded = fraction < 0.5 || (fraction === 0.5 && floor % 2 === 0) ? floor : floor + 1;
  return rounded + zeroPoint;
}

/** https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html */
export function dequantizeValue(value: number, { scale, zeroPoint }: { scale: number; zeroPoint: number }): number {
  return Math.fround(Math.fround(value - zeroPoint) * scale);
}

/** QuantizeLinear of a whole tensor, with one scale or one per index of `axis`. */
export function quantizeTensor({ tensor, scale, zeroPoint, type, axis }: {
  tensor: Tensor;
  scale: Tensor;
  zeroPoint: Tensor | undefined;
  type: QuantizedType;
  axis: number;
}): Tensor {
  const data = newTensorData(type, tensor.data.length) as Int32Array;
  forEachChannel(tensor, axis, scale.data.length, (index, channel) => {
    data[index] = quantizeValue(tensor.data[index] as number, { scale: scale.data[channel] as number, zeroPoint: elementAt(zeroPoint, channel), type });
  });
  return { type, shape: tensor.shape, data: data as TensorData };
}

function elementAt(zeroPoint: Tensor | undefined, channel: number): number {
  if (zeroPoint === undefined) return 0;
  return Number(zeroPoint.data[zeroPoint.data.length === 1 ? 0 : channel]);
}

function forEachChannel({ shape, data }: Tensor, axis: number, channels: number, visit: (index: number, channel: number) => void): void {
  const inner = elementCount(shape.slice(axis + 1));
  for (let index = 0; index < data.length; index++) visit(index, channels === 1 ? 0 : Math.floor(index / inner) % channels);
}
