/** Bit by bit. 64-bit operands have 52 bits here, sign-extended, which is enough because each is in that range. */
import { ZkonnxError } from '../errors/index.js';
import { stringAttribute } from '../onnx/attributes.js';
import type { GraphNode } from '../onnx/graph.js';
import { TYPE_RANGE, type RangedType, type TensorId } from '../program/program.js';
import type { LoweringContext } from './context.js';
import { fitOf, IntegerBuilder, PRODUCT, type Form } from './integerBuilder.js';

/** https://onnx.ai/onnx/operators/onnx__BitwiseAnd.html, BitwiseOr, BitwiseXor */
export function lowerBitwise(form: Form) {
  return (node: GraphNode, context: LoweringContext): void => {
    const b = new IntegerBuilder(node, context);
    const { shape } = b.output();
    const operands = [b.input(0, shape), b.input(1, shape)] as const;
    const width = widthOf(b, operands);
    const [left, right] = operands.map((id) => b.bits(id, width)) as [TensorId[], TensorId[]];
    const bits = left.map((bit, i) => b.logic(form, bit, right[i] as TensorId));
    b.finish(recombined(b, bits, width.signed));
  };
}

/** The narrowest two's complement that holds all operands. A bitwise function of them fits in it too. */
function widthOf(b: IntegerBuilder, operands: readonly TensorId[]): { width: number; signed: boolean } {
  const ranges = operands.map((id) => b.range(id));
  const signed = ranges.some(({ lo }) => lo < 0);
  const reach = Math.max(1, ...ranges.flatMap(({ lo, hi }) => [hi, -lo - 1]));
  let width = signed ? 1 : 0;
  for (let power = 1; power <= reach; power *= 2) width++;
  return { width, signed };
}

function recombined(b: IntegerBuilder, bits: readonly TensorId[], signed: boolean): TensorId {
  return b.sum(bits.map((bit, i) => [signed && i === bits.length - 1 ? -(2 ** i) : 2 ** i, bit]));
}

/** −1 − x for signed types, the largest value − x for unsigned ones. https://onnx.ai/onnx/operators/onnx__BitwiseNot.html */
export function lowerBitwiseNot(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const { type, shape } = b.output();
  if (type === 'uint64') {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (BitwiseNot) computes uint64 values beyond the 52 bits that are exact here.`, node: node.name, expected: 'a type of at most 32 bits, or int64', found: type });
  }
  const { lo, hi } = TYPE_RANGE[type];
  b.finish(b.sum([[1, b.constant(lo + hi, shape)], [-1, b.input(0)]]));
}

const BITS: Partial<Record<RangedType, number>> = { uint8: 8, uint16: 16, uint32: 32, uint64: 64 };

/**
 * Shifts by less than the width of the type; C++ leaves more undefined, so there is no proof of it.
 * https://onnx.ai/onnx/operators/onnx__BitShift.html
 */
export function lowerBitShift(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const { type, shape } = b.output();
  const width = BITS[type];
  if (width === undefined) throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `Node "${node.name}" (BitShift) shifts ${type}.`, node: node.name, expected: Object.keys(BITS).join(', '), found: type });
  const amount = b.fit(b.input(1, shape), { lo: 0, hi: width - 1, wraps: false });
  const factor = powerOfTwo(b, amount, Math.log2(width), shape);
  const x = b.input(0, shape);
  const left = stringAttribute(node, 'direction') === 'LEFT';
  b.finish(left ? b.bilinear(PRODUCT, x, factor, fitOf(type)) : b.divide('floor', 'quotient', x, factor));
}

/** 2^amount: the product of 2^(2^i) over the bits of the amount. */
function powerOfTwo(b: IntegerBuilder, amount: TensorId, bits: number, shape: readonly number[]): TensorId {
  const one = b.constant(1, shape);
  return b.bits(amount, { width: bits, signed: false }).reduce((power, bit, i) => {
    // power · (1 + bit · (2^(2^i) − 1))
    const by = 2 ** 2 ** i - 1;
    return b.bilinear({ product: by, left: 1, right: 0, constant: 0 }, power, bit, { lo: 0, hi: 2 ** 52, wraps: false });
  }, one);
}

