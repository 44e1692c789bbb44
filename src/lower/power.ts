import { ZkonnxError } from '../errors/index.js';
import type { GraphNode } from '../onnx/graph.js';
import type { TensorId } from '../program/program.js';
import type { LoweringContext } from './context.js';
import { guardOf, IntegerBuilder, PRODUCT, rangedType } from './integerBuilder.js';

/** Exponents up to here: 2^63 is beyond every type. */
const EXPONENT_BITS = 6;

/**
 * Integer powers by squaring, highest bit of the exponent first, so that no intermediate value is larger than the result. ONNX Runtime
 * computes them in double and converts, so a result outside of its type is not defined, and has no proof here.
 * https://onnx.ai/onnx/operators/onnx__Pow.html
 */
export function lowerPow(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const { type, shape } = b.output();
  rangedType(context.type(node.inputs[1] as string).type, node);
  const base = b.input(0, shape);
  const exponent = b.input(1, shape);
  const { lo, hi } = b.range(exponent);
  if (hi < 0) throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (Pow) has a negative exponent.`, node: node.name, expected: 'an exponent from 0 to 63', found: String(hi) });
  const guard = guardOf(type);
  const one = b.constant(1, shape);
  const multiply = (left: TensorId, right: TensorId): TensorId => b.bilinear(PRODUCT, left, right, guard);
  if (lo === hi) {
    b.finish(lo === 0 ? one : [...lo.toString(2)].slice(1).reduce((power, bit) => (bit === '1' ? multiply(multiply(power, power), base) : multiply(power, power)), base));
    return;
  }
  const bits = b.bits(b.fit(exponent, { lo: 0, hi: 2 ** EXPONENT_BITS - 1, wraps: false }), { width: EXPONENT_BITS, signed: false });
  const power = [...bits].reverse().reduce((so, bit) => multiply(so === one ? one : multiply(so, so), b.select(bit, base, one)), one);
  b.finish(power);
}
