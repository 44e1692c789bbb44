import { fma32 } from './fma32.js';

/** Coefficients of the odd numerator and of the even denominator, highest power first: MlasLogisticConstants of ONNX Runtime. */
const NUMERATOR = [4.37031012579801e-11, 1.15627324459942e-7, 6.08574864600143e-5, 8.51377133304701e-3, 0.248287947061529].map(Math.fround);
const DENOMINATOR = [6.10247389755681e-13, 5.76102136993427e-9, 6.2910678501704e-6, 1.70198817374094e-3, 0.116817656904453, 0.99315192102318].map(Math.fround);

/**
 * The sigmoid of a float32 as ONNX Runtime's MlasComputeLogistic computes it with fused multiply-adds (x86-64 with AVX2 and later):
 * a rational approximation, absolutely within 2·10⁻⁷. Near 0 it is relatively far from the sigmoid, which small output scales show.
 * https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/mlas/lib/logistic.cpp
 */
export function logistic(value: number): number {
  const x = Math.min(Math.max(value, -18), 18);
  const square = Math.fround(x * x);
  const horner = (coefficients: readonly number[]) => coefficients.reduce((sum, coefficient) => fma32(sum, square, coefficient));
  const quotient = Math.fround(Math.fround(horner(NUMERATOR) * x) / horner(DENOMINATOR));
  return Math.min(Math.max(Math.fround(quotient + 0.5), 0), 1);
}
