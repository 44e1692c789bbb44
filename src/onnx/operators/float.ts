/** Element-wise float operators of ONNX: they become tables, or float32 chains between DequantizeLinear and QuantizeLinear. */
import { intAttribute } from '../attributes.js';
import type { Attribute } from '../graph.js';
import { broadcastShape, sameShape } from '../shape.js';
import { ONNX, type InferContext, type OperatorSchema } from './schema.js';

function unary(opType: string, attributes: Readonly<Record<string, Attribute['kind']>> = {}): OperatorSchema {
  return { opType, domain: ONNX, inputs: [1, 1], outputs: 1, attributes, infer: (context) => [context.expectType(0, 'input', ['float32', 'float64', 'float16', 'bfloat16'])] };
}

/** https://onnx.ai/onnx/operators/onnx__PRelu.html: the slope broadcasts to the input, not the other way. */
function slopeFits(context: InferContext): void {
  const [x, slope] = [context.input(0), context.expectType(1, 'slope', [context.input(0).type])];
  const shape = broadcastShape(x.shape, slope.shape);
  if (shape === undefined || !sameShape(shape, x.shape)) throw context.shapeMismatch('The slope does not broadcast to the input', 'equal dimensions, or 1', [x.shape, slope.shape]);
}

/** https://onnx.ai/onnx/operators/onnx__BatchNormalization.html: one scale, bias, mean and variance per channel. */
function channelsFit(context: InferContext): void {
  const { shape } = context.expectType(0, 'input', ['float32']);
  const channels = shape[1];
  for (const index of [1, 2, 3, 4]) {
    const own = context.expectType(index, 'statistic', ['float32']).shape;
    if (channels === undefined || own.length !== 1 || own[0] !== channels) throw context.shapeMismatch('The statistics do not fit the channels', `[${channels}]`, [shape, own]);
  }
  if (intAttribute(context.node, 'training_mode', 0) === 1 || context.node.outputs.length > 1) throw context.unsupported('BatchNormalization in training mode computes its statistics from the data', 'Export the model for inference.');
}

/** https://onnx.ai/onnx/operators/onnx__LayerNormalization.html: scale and bias broadcast to the input. */
function normalisationFits(context: InferContext): void {
  const { shape } = context.expectType(0, 'input', ['float32']);
  context.axis(intAttribute(context.node, 'axis', -1), shape.length);
  for (const index of [1, 2].filter((each) => context.has(each))) {
    const own = context.expectType(index, index === 1 ? 'scale' : 'bias', ['float32']).shape;
    const common = broadcastShape(shape, own);
    if (common === undefined || !sameShape(common, shape)) throw context.shapeMismatch('Scale and bias do not broadcast to the input', 'equal dimensions, or 1', [shape, own]);
  }
  if (context.node.outputs.length > 1) throw context.unsupported('LayerNormalization yields means and deviations, which are float32 sums of many elements', 'Export the model for inference.');
}

/** Float operators of any number of operands that broadcast. */
function variadic(opType: string): OperatorSchema {
  return {
    opType, domain: ONNX, inputs: [1, Infinity], outputs: 1, attributes: {},
    infer: (context) => {
      const types = context.inputTypes();
      types.forEach((_, index) => context.expectType(index, 'operand', [types[0]?.type === 'float64' ? 'float64' : 'float32']));
      const shape = types.reduce<number[] | undefined>((common, operand) => common && broadcastShape(common, operand.shape), []);
      if (shape === undefined) throw context.shapeMismatch('The operands do not broadcast', 'equal dimensions, or 1', types.map((operand) => operand.shape));
      return [{ type: context.input(0).type, shape }];
    },
  };
}

export const FLOAT: readonly OperatorSchema[] = [
  ...['Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Cos', 'Cosh', 'Floor', 'Log', 'Mish', 'Reciprocal', 'Round', 'Sin', 'Sinh', 'Softplus', 'Softsign', 'Tan'].map((opType) => unary(opType)),
  unary('Celu', { alpha: 'float' }),
  unary('Gelu', { approximate: 'string' }),
  unary('Selu', { alpha: 'float', gamma: 'float' }),
  unary('Shrink', { bias: 'float', lambd: 'float' }),
  unary('Swish', { alpha: 'float' }),
  unary('ThresholdedRelu', { alpha: 'float' }),
  variadic('Mean'),
  variadic('Sum'),
  {
    opType: 'PRelu', domain: ONNX, inputs: [2, 2], outputs: 1, attributes: {},
    infer: (context) => {
      slopeFits(context);
      return [context.input(0)];
    },
  },
  {
    opType: 'LayerNormalization', domain: ONNX, inputs: [2, 3], outputs: 3, attributes: { axis: 'int', epsilon: 'float', stash_type: 'int' },
    infer: (context) => {
      normalisationFits(context);
      return [context.input(0)];
    },
  },
  {
    opType: 'BatchNormalization', domain: ONNX, inputs: [5, 5], outputs: 5, attributes: { epsilon: 'float', momentum: 'float', training_mode: 'int' },
    infer: (context) => {
      channelsFit(context);
      return [context.input(0)];
    },
  },
];
