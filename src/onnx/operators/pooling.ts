import { intAttribute, intsAttribute } from '../attributes.js';
import type { ElementType, TensorType } from '../graph.js';
import { checkQuantization } from './quantization.js';
import { MICROSOFT, ONNX, type InferContext, type OperatorSchema } from './schema.js';
import { WINDOW_ATTRIBUTES, windowOutput } from './windows.js';

const EIGHT_BIT: readonly ElementType[] = ['uint8', 'int8'];

export function pooledShape(context: InferContext, { shape }: TensorType): number[] {
  const [n, channels, ...spatial] = shape;
  if (n === undefined || channels === undefined || spatial.length === 0) throw context.shapeMismatch('The input of a pool has the wrong shape', '[N, C, spatial…]', [shape]);
  return [n, channels, ...windowOutput(context, spatial, intsAttribute(context.node, 'kernel_shape') ?? [])];
}

/** A maximum over nothing has no meaning: padding is smaller than the kernel (ONNX Runtime demands it), and no step jumps over the input. */
function refuseEmptyWindows(context: InferContext, { shape }: TensorType): void {
  const kernel = intsAttribute(context.node, 'kernel_shape') ?? [];
  const pads = intsAttribute(context.node, 'pads') ?? [];
  const dilations = intsAttribute(context.node, 'dilations') ?? [];
  pads.forEach((pad, index) => {
    if (pad >= (kernel[index % kernel.length] as number)) throw context.invalid('The padding is not smaller than the kernel', `pads below [${kernel.join(', ')}]`, `[${pads.join(', ')}]`);
  });
  if (pads.some((pad) => pad > 0) && dilations.some((dilation, axis) => dilation > (shape[axis + 2] ?? 0))) throw context.unsupported('A window can lie beside the input, because the dilation is larger than the input');
}

function globalShape(context: InferContext, { shape }: TensorType): number[] {
  if (shape.length < 3) throw context.shapeMismatch('The input of a pool has the wrong shape', '[N, C, spatial…]', [shape]);
  return shape.map((dimension, index) => (index < 2 ? dimension : 1));
}

/** x, x_scale, x_zero_point, y_scale, y_zero_point. */
function quantizedPool(context: InferContext): TensorType {
  if (intAttribute(context.node, 'channels_last', 0) !== 0) throw context.unsupported('channels_last is not supported');
  const x = context.expectType(0, 'input', EIGHT_BIT);
  checkQuantization(context, { scale: 1, zeroPoint: 2, type: x.type });
  checkQuantization(context, { scale: 3, zeroPoint: 4, type: x.type });
  return x;
}

export const POOLING: readonly OperatorSchema[] = [
  {
    opType: 'MaxPool', domain: ONNX, inputs: [1, 1], outputs: 2, required: ['kernel_shape'],
    attributes: { ...WINDOW_ATTRIBUTES, ceil_mode: 'int', storage_order: 'int' },
    infer: (context) => {
      if (context.node.outputs[1]) throw context.unsupported('The second output (the indices of the maxima) is not supported');
      const x = context.expectType(0, 'input', ['float32', 'uint8', 'int8']);
      refuseEmptyWindows(context, x);
      return [{ type: x.type, shape: pooledShape(context, x) }];
    },
  },
  {
    opType: 'AveragePool', domain: ONNX, inputs: [1, 1], outputs: 1, required: ['kernel_shape'],
    attributes: { ...WINDOW_ATTRIBUTES, ceil_mode: 'int', count_include_pad: 'int' },
    infer: (context) => {
      const x = context.expectType(0, 'input', ['float32']);
      return [{ type: x.type, shape: pooledShape(context, x) }];
    },
  },
  {
    opType: 'GlobalAveragePool', domain: ONNX, inputs: [1, 1], outputs: 1, attributes: {},
    infer: (context) => {
      const x = context.expectType(0, 'input', ['float32']);
      return [{ type: x.type, shape: globalShape(context, x) }];
    },
  },
  {
    opType: 'GlobalMaxPool', domain: ONNX, inputs: [1, 1], outputs: 1, attributes: {},
    infer: (context) => {
      const x = context.expectType(0, 'input', ['float32']);
      return [{ type: x.type, shape: globalShape(context, x) }];
    },
  },
  {
    opType: 'QLinearAveragePool', domain: MICROSOFT, inputs: [4, 5], outputs: 1, required: ['kernel_shape'],
    attributes: { ...WINDOW_ATTRIBUTES, ceil_mode: 'int', count_include_pad: 'int', channels_last: 'int' },
    infer: (context) => {
      const x = quantizedPool(context);
      return [{ type: x.type, shape: pooledShape(context, x) }];
    },
  },
  {
    opType: 'QLinearGlobalAveragePool', domain: MICROSOFT, inputs: [5, 5], outputs: 1, attributes: { channels_last: 'int' },
    infer: (context) => {
      const x = quantizedPool(context);
      return [{ type: x.type, shape: globalShape(context, x) }];
    },
  },
];
