/** Quantized operators of com.microsoft that stand alone. https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md */
import { intAttribute } from '../attributes.js';
import type { Attribute, ElementType, TensorType } from '../graph.js';
import { broadcastShape } from '../shape.js';
import { checkQuantization } from './quantization.js';
import { MICROSOFT, type InferContext, type OperatorSchema } from './schema.js';

const EIGHT_BIT: readonly ElementType[] = ['uint8', 'int8'];

/** X, X_scale, X_zero_point, Y_scale, Y_zero_point. */
function quantizedUnary(opType: string, attributes: Readonly<Record<string, Attribute['kind']>> = {}): OperatorSchema {
  return {
    opType, domain: MICROSOFT, inputs: [4, 5], outputs: 1, attributes,
    infer: (context) => {
      const { type, shape } = context.expectType(0, 'input', EIGHT_BIT);
      checkQuantization(context, { scale: 1, zeroPoint: 2, type });
      checkQuantization(context, { scale: 3, zeroPoint: 4, type });
      return [{ type, shape }];
    },
  };
}

/** Y_scale, Y_zero_point, then a tensor, its scale and its zero point for each part. */
function concatType(context: InferContext): TensorType {
  const { type, shape } = context.expectType(2, 'part', EIGHT_BIT);
  const given = intAttribute(context.node, 'axis', 0);
  const axis = given < 0 ? given + shape.length : given;
  let size = 0;
  checkQuantization(context, { scale: 0, zeroPoint: 1, type });
  for (let input = 2; input < context.node.inputs.length; input += 3) {
    const part = context.expectType(input, 'part', [type]).shape;
    checkQuantization(context, { scale: input + 1, zeroPoint: input + 2, type });
    if (part.length !== shape.length || part.some((length, i) => i !== axis && length !== shape[i])) throw context.shapeMismatch('The parts do not fit together', `the shape of the first but for axis ${axis}`, [shape, part]);
    size += part[axis] as number;
  }
  return { type, shape: shape.map((length, i) => (i === axis ? size : length)) };
}

/** condition, X, X_scale, X_zero_point, Y, Y_scale, Y_zero_point, Z_scale, Z_zero_point. */
function whereType(context: InferContext): TensorType {
  const condition = context.expectType(0, 'condition', ['bool']);
  const { type, shape: first } = context.expectType(1, 'first choice', EIGHT_BIT);
  const { shape: second } = context.expectType(4, 'second choice', [type]);
  for (const scale of [2, 5, 7]) checkQuantization(context, { scale, zeroPoint: scale + 1, type });
  const shapes = [condition.shape, first, second];
  const shape = shapes.reduce<readonly number[] | undefined>((common, own) => common && broadcastShape(common, own), []);
  if (shape === undefined) throw context.shapeMismatch('The operands do not broadcast', 'equal dimensions, or 1', shapes);
  return { type, shape };
}

/** ONNX Runtime declares it, and has no kernel of it on the CPU. */
function reduceMeanType(context: InferContext): TensorType[] {
  throw context.unsupported('ONNX Runtime 1.30 declares QLinearReduceMean and cannot run it, so there is nothing to compare with', 'Use QLinearGlobalAveragePool, or ReduceMean between DequantizeLinear and QuantizeLinear.');
}

/** More parts than any model has. */
const MOST_INPUTS = 3 * 4096 + 2;

export const CONTRIB: readonly OperatorSchema[] = [
  quantizedUnary('QLinearSigmoid'),
  quantizedUnary('QLinearLeakyRelu', { alpha: 'float' }),
  { ...quantizedUnary('QLinearSoftmax', { axis: 'int', opset: 'int' }), required: ['opset'] },
  { opType: 'QLinearWhere', domain: MICROSOFT, inputs: [8, 9], outputs: 1, attributes: {}, infer: (context) => [whereType(context)] },
  { opType: 'QLinearReduceMean', domain: MICROSOFT, inputs: [4, 5], outputs: 1, attributes: { axes: 'ints', keepdims: 'int' }, infer: reduceMeanType },
  { opType: 'QLinearConcat', domain: MICROSOFT, inputs: [5, MOST_INPUTS], outputs: 1, attributes: { axis: 'int' }, required: ['axis'], infer: (context) => [concatType(context)] },
];
