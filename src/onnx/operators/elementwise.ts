/** Operators that work on each element by itself. */
import { foldArithmetic } from '../fold/arithmetic.js';
import type { Attribute, ElementType, Tensor, TensorType } from '../graph.js';
import { broadcastShape } from '../shape.js';
import { elementTypeOf } from '../elementType.js';
import { intAttribute } from '../attributes.js';
import { castTensor } from '../fold/cast.js';
import { FLOAT } from './float.js';
import { checkQuantization } from './quantization.js';
import { MICROSOFT, ONNX, type InferContext, type OperatorSchema } from './schema.js';

const sameAsInput = (context: InferContext): TensorType[] => [context.input(0)];

function unary(opType: string, attributes: Readonly<Record<string, Attribute['kind']>> = {}): OperatorSchema {
  return { opType, domain: ONNX, inputs: [1, 1], outputs: 1, attributes, infer: sameAsInput };
}

function broadcast(context: InferContext, left: number, right: number): TensorType {
  const [a, b] = [context.input(left), context.input(right)];
  if (a.type !== b.type) throw context.invalid('The operands have different element types', a.type, b.type);
  const shape = broadcastShape(a.shape, b.shape);
  if (shape === undefined) throw context.shapeMismatch('The operands do not broadcast', 'equal dimensions, or 1', [a.shape, b.shape]);
  return { type: a.type, shape };
}

function binary(opType: 'Add' | 'Sub' | 'Mul' | 'Div'): OperatorSchema {
  return {
    opType, domain: ONNX, inputs: [2, 2], outputs: 1, attributes: {},
    infer: (context) => [broadcast(context, 0, 1)],
    fold: (context) => foldArithmetic(opType, context.constant(0) as Tensor, context.constant(1) as Tensor),
  };
}

/** A, A_scale, A_zero_point, B, B_scale, B_zero_point, C_scale, C_zero_point. */
function quantizedBinary(opType: 'QLinearAdd' | 'QLinearMul'): OperatorSchema {
  return {
    opType, domain: MICROSOFT, inputs: [7, 8], outputs: 1, attributes: {},
    infer: (context) => {
      const eightBit: readonly ElementType[] = ['uint8', 'int8'];
      const { type } = context.expectType(0, 'left operand', eightBit);
      checkQuantization(context, { scale: 1, zeroPoint: 2, type });
      checkQuantization(context, { scale: 4, zeroPoint: 5, type });
      checkQuantization(context, { scale: 6, zeroPoint: 7, type });
      return [broadcast(context, 0, 3)];
    },
  };
}

export const ELEMENTWISE: readonly OperatorSchema[] = [
  unary('Relu'), unary('Sigmoid'), unary('Tanh'), unary('Neg'), unary('Abs'), unary('Sqrt'), unary('Exp'), unary('Erf'), unary('HardSwish'),
  unary('LeakyRelu', { alpha: 'float' }), unary('HardSigmoid', { alpha: 'float', beta: 'float' }), unary('Elu', { alpha: 'float' }),
  unary('Softmax', { axis: 'int' }),
  ...FLOAT,
  {
    opType: 'Clip', domain: ONNX, inputs: [1, 3], outputs: 1, attributes: {},
    infer: (context) => {
      const x = context.input(0);
      for (const index of [1, 2]) if (context.has(index) && context.expectType(index, 'bound', [x.type]).shape.length > 1) throw context.shapeMismatch('A bound is not a scalar', 'scalar', [context.input(index).shape]);
      return [x];
    },
  },
  binary('Add'), binary('Sub'), binary('Mul'), binary('Div'),
  {
    opType: 'Cast', domain: ONNX, inputs: [1, 1], outputs: 1, attributes: { to: 'int', saturate: 'int', round_mode: 'string' }, required: ['to'],
    infer: (context) => [{ type: castTarget(context), shape: context.input(0).shape }],
    fold: (context) => castTensor(context.constant(0) as Tensor, castTarget(context)),
  },
  quantizedBinary('QLinearAdd'), quantizedBinary('QLinearMul'),
];

function castTarget(context: InferContext): ElementType {
  const number = intAttribute(context.node, 'to', 0);
  const type = elementTypeOf(number);
  if (type === undefined) throw context.invalid('The target type of the Cast is not known', 'a TensorProto.DataType', String(number));
  return type;
}
