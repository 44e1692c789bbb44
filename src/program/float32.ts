/**
 * The float32 arithmetic of ONNX Runtime's quantized operators, exactly: `Math.fround` of a double-precision +, −, × or ÷ of two
 * float32 values is the correctly rounded float32 result (53 ≥ 2·24 + 2 bits; Figueroa, "When is double rounding innocuous?").
 */

/** Rounds to the nearest integer, ties to even. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction < 0.5) return floor;
  if (fraction > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

function clamp(value: number, lo: number, hi: number): number {
  return Math.min(Math.max(value, lo), hi);
}

/** The quantization of one tensor or channel: real = scale · (q − zeroPoint), q in [lo, hi]. */
export interface Quantization {
  /** A positive, finite float32. */
  readonly scale: number;
  readonly zeroPoint: number;
  /** The range of the integer type. */
  readonly lo: number;
  readonly hi: number;
}

/**
 * ONNX QuantizeLinear of one float32: divide in float32, clamp, round half to even, then add the zero point. What is not a number
 * becomes the smallest integer, as on x86-64.
 * https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html; the clamp before rounding is ONNX Runtime's.
 */
export function quantize(value: number, { scale, zeroPoint, lo, hi }: Quantization): number {
  if (Number.isNaN(value)) return lo;
  return roundHalfEven(clamp(Math.fround(value / scale), lo - zeroPoint, hi - zeroPoint)) + zeroPoint;
}

/** ONNX DequantizeLinear of one integer, as ONNX Runtime computes it. https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html */
export function dequantize(value: number, { scale, zeroPoint }: Pick<Quantization, 'scale' | 'zeroPoint'>): number {
  return Math.fround(Math.fround(value - zeroPoint) * scale);
}

/**
 * ONNX Runtime's MlasRequantizeOutput of one int32 accumulator: multiply in float32, clamp, round half to even, add the zero
 * point. It ends QLinearConv, QLinearMatMul, QGemm and QLinearGlobalAveragePool.
 */
export function requantize(accumulator: number, multiplier: number, { zeroPoint, lo, hi }: Omit<Quantization, 'scale'>): number {
  const scaled = Math.fround(Math.fround(accumulator) * multiplier);
  return roundHalfEven(clamp(scaled, lo - zeroPoint, hi - zeroPoint)) + zeroPoint;
}
