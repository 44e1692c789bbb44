import { intAttribute, intsAttribute } from '../attributes.js';
import type { ElementType, TensorType } from '../graph.js';
import { CONV_TRANSPOSE } from './convTranspose.js';
import { checkQuantization } from './quantization.js';
import { ONNX, type InferContext, type OperatorSchema } from './schema.js';
import { WINDOW_ATTRIBUTES, windowOutput } from './windows.js';

const EIGHT_BIT: readonly ElementType[] = ['uint8', 'int8'];
const ATTRIBUTES = { ...WINDOW_ATTRIBUTES, group: 'int' } as const;

/** The output shape, with x [N, C, …] and w [M, C / group, …]. */
function convolutionShape(context: InferContext, x: TensorType, w: TensorType, biasInput: number): number[] {
  const [n, channels, ...spatial] = x.shape;
  const [filters, perGroup, ...kernel] = w.shape;
  const group = intAttribute(context.node, 'group', 1);
  if (n === undefined || channels === undefined || filters === undefined || perGroup === undefined || spatial.length === 0 || kernel.length !== spatial.length) {
    throw context.shapeMismatch('Input and weights do not belong together', '[N, C, spatial…] and [M, C / group, kernel…]', [x.shape, w.shape]);
  }
  if (group < 1 || channels !== perGroup * group || filters % group !== 0) {
    throw context.shapeMismatch(`The channels do not fit group ${group}`, '[N, C, …] and [M, C / group, …], with M divisible by group', [x.shape, w.shape]);
  }
  const declared = intsAttribute(context.node, 'kernel_shape');
  if (declared && declared.join() !== kernel.join()) throw context.invalid('The attribute kernel_shape does not fit the weights', `[${kernel.join(', ')}]`, `[${declared.join(', ')}]`);
  if (context.has(biasInput)) {
    const bias = context.input(biasInput);
    if (bias.shape.length !== 1 || bias.shape[0] !== filters) throw context.shapeMismatch('The bias does not fit the weights', `[${filters}]`, [bias.shape]);
  }
  return [n, filters, ...windowOutput(context, spatial, kernel)];
}

export const CONVOLUTION: readonly OperatorSchema[] = [
  CONV_TRANSPOSE,
  {
    opType: 'Conv', domain: ONNX, inputs: [2, 3], outputs: 1, attributes: ATTRIBUTES,
    infer: (context) => {
      const x = context.expectType(0, 'input', ['float32']);
      return [{ type: x.type, shape: convolutionShape(context, x, context.expectType(1, 'weight', ['float32']), 2) }];
    },
  },
  {
    opType: 'ConvInteger', domain: ONNX, inputs: [2, 4], outputs: 1, attributes: ATTRIBUTES,
    infer: (context) => {
      const x = context.expectType(0, 'input', EIGHT_BIT);
      return [{ type: 'int32', shape: convolutionShape(context, x, context.expectType(1, 'weight', EIGHT_BIT), 4) }];
    },
  },
  {
    opType: 'QLinearConv', domain: ONNX, inputs: [8, 9], outputs: 1, attributes: ATTRIBUTES,
    infer: (context) => {
      const x = context.expectType(0, 'input', EIGHT_BIT);
      const w = context.expectType(3, 'weight', EIGHT_BIT);
      const y = context.expectType(7, 'output zero point', EIGHT_BIT);
      if (context.has(8)) context.expectType(8, 'bias', ['int32']);
      checkQuantization(context, { scale: 1, zeroPoint: 2, type: x.type });
      checkQuantization(context, { scale: 4, zeroPoint: 5, type: w.type, channels: w.shape[0] ?? 0 });
      checkQuantization(context, { scale: 6, zeroPoint: 7, type: y.type });
      return [{ type: y.type, shape: convolutionShape(context, x, w, 8) }];
    },
  },
];
