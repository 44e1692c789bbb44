import { probeArithmetic, type ArithmeticDifference } from '../runtime/arithmeticProbe.js';

export type { ArithmeticDifference } from '../runtime/arithmeticProbe.js';

/**
 * What the ONNX Runtime of this machine computes in another way than the circuits do; empty where models of all kinds can be proven.
 * A model that is not portable cannot be proven here where it uses an operator that differs.
 */
export function probeRuntime(): Promise<ArithmeticDifference[]> {
  return probeArithmetic();
}
