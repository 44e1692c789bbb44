/** The operators of integer tensors. Those that quantized models also have between DequantizeLinear and QuantizeLinear are chosen by type. */
import { isInteger } from '../onnx/elementType.js';
import type { GraphNode } from '../onnx/graph.js';
import { hull } from '../program/interval.js';
import { lowerBitShift, lowerBitwise, lowerBitwiseNot } from './bitwise.js';
import { lowerCast } from './cast.js';
import { lowerEqual, lowerInequality, lowerLogic, lowerNot, lowerWhere } from './compare.js';
import type { LoweringContext } from './context.js';
import { lowerCumProd, lowerCumSum } from './cumulative.js';
import { lowerExtreme, lowerIntegerAbs, lowerIntegerClip, lowerIntegerDiv, lowerIntegerMul, lowerIntegerNeg, lowerIntegerRelu, lowerIntegerSum, lowerMod, lowerSign } from './integerArithmetic.js';
import { AND, OR, XOR } from './integerBuilder.js';
import { lowerIntegerMatMul } from './integerMatMul.js';
import { lowerPow } from './power.js';
import { lowerReduceExtreme, lowerReduceL1, lowerReduceMean, lowerReduceProd, lowerReduceSum, lowerReduceSumSquare } from './reduce.js';
import { lowerTopK } from './topK.js';

type Lowering = (node: GraphNode, context: LoweringContext) => void;

export const INTEGER_LOWERINGS = {
  Abs: lowerIntegerAbs,
  Add: lowerIntegerSum(1),
  And: lowerLogic(AND),
  BitShift: lowerBitShift,
  BitwiseAnd: lowerBitwise(AND),
  BitwiseNot: lowerBitwiseNot,
  BitwiseOr: lowerBitwise(OR),
  BitwiseXor: lowerBitwise(XOR),
  Cast: lowerCast,
  CastLike: lowerCast,
  Clip: lowerIntegerClip,
  CumProd: lowerCumProd,
  CumSum: lowerCumSum,
  Div: lowerIntegerDiv,
  Equal: lowerEqual,
  Greater: lowerInequality('less', true),
  GreaterOrEqual: lowerInequality('lessOrEqual', true),
  Less: lowerInequality('less', false),
  LessOrEqual: lowerInequality('lessOrEqual', false),
  MatMul: lowerIntegerMatMul,
  Max: lowerExtreme(false),
  Min: lowerExtreme(true),
  Mod: lowerMod,
  Mul: lowerIntegerMul,
  Neg: lowerIntegerNeg,
  Not: lowerNot,
  Or: lowerLogic(OR),
  Pow: lowerPow,
  ReduceL1: lowerReduceL1,
  ReduceMax: lowerReduceExtreme(false),
  ReduceMean: lowerReduceMean,
  ReduceMin: lowerReduceExtreme(true),
  ReduceProd: lowerReduceProd,
  ReduceSum: lowerReduceSum,
  ReduceSumSquare: lowerReduceSumSquare,
  Relu: lowerIntegerRelu,
  Sign: lowerSign,
  Sub: lowerIntegerSum(-1),
  TopK: lowerTopK,
  Where: lowerWhere,
  Xor: lowerLogic(XOR),
} satisfies Record<string, Lowering>;

/** Values up to here, and constant bounds, make Relu and Clip a step, which can be taken together with the rescaling before it. */
const MOST_STEPS = 2 ** 16;

/** Chooses as {@link byType} does, but for narrow integers the step of the float lowering. */
export function byWidth(integer: Lowering, step: Lowering): Lowering {
  return byType((node, context) => {
    const { lo, hi } = hull(context.program.tensor(context.tensor(node.inputs[0] as string, node)).bounds);
    const areConstant = node.inputs.slice(1).every((name) => name === '' || context.constant(name) !== undefined);
    (hi - lo < MOST_STEPS && areConstant ? step : integer)(node, context);
  }, step);
}

/** Chooses by the type of the last operand, which is a value and not a condition. */
export function byType(integer: Lowering, float: Lowering): Lowering {
  return (node, context) => {
    const last = node.inputs.findLast((name) => name !== '') as string;
    (isInteger(context.type(last).type) ? integer : float)(node, context);
  };
}
