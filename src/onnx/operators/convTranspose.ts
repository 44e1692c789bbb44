import { intAttribute, intsAttribute, stringAttribute } from '../attributes.js';
import type { TensorType } from '../graph.js';
import { ONNX, type InferContext, type OperatorSchema } from './schema.js';
import { WINDOW_ATTRIBUTES } from './windows.js';

/** How a ConvTranspose lies over its output, with x [N, C, …] and w [C, M / group, …]. */
export interface TransposedGeometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly outputSpatial: readonly number[];
  /** What is cut off before each spatial dimension; negative where it is filled up. */
  readonly padsBefore: readonly number[];
  readonly group: number;
  readonly channels: number;
}

/** https://onnx.ai/onnx/operators/onnx__ConvTranspose.html */
export function transposedGeometry(context: InferContext, x: TensorType, w: TensorType): TransposedGeometry {
  const { node } = context;
  const [, channels, ...spatial] = x.shape;
  const [rows, perGroup, ...kernel] = w.shape;
  const group = intAttribute(node, 'group', 1);
  if (channels === undefined || perGroup === undefined || spatial.length === 0 || kernel.length !== spatial.length || rows !== channels || group < 1 || channels % group !== 0) {
    throw context.shapeMismatch('Input and weights do not belong together', '[N, C, spatial…] and [C, M / group, kernel…]', [x.shape, w.shape]);
  }
  const perAxis = (name: string, least: number, otherwise: number): number[] => {
    const values = intsAttribute(node, name) ?? spatial.map(() => otherwise);
    if (values.length !== spatial.length || values.some((value) => value < least)) throw context.invalid(`The attribute ${name} is wrong`, `${spatial.length} integers from ${least} on`, `[${values.join(', ')}]`);
    return values;
  };
  const [strides, dilations, outputPadding] = [perAxis('strides', 1, 1), perAxis('dilations', 1, 1), perAxis('output_padding', 0, 0)];
  const pads = intsAttribute(node, 'pads') ?? [...spatial, ...spatial].map(() => 0);
  if (pads.length !== 2 * spatial.length || pads.some((pad) => pad < 0)) throw context.invalid('The attribute pads is wrong', `${2 * spatial.length} integers from 0 on`, `[${pads.join(', ')}]`);
  const mode = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  const wanted = intsAttribute(node, 'output_shape')?.slice(-spatial.length);
  const padsBefore: number[] = [];
  const outputSpatial = spatial.map((size, axis) => {
    const [stride, padding] = [strides[axis] as number, outputPadding[axis] as number];
    const whole = stride * (size - 1) + padding + ((kernel[axis] as number) - 1) * (dilations[axis] as number) + 1;
    const target = wanted?.[axis] ?? (mode.startsWith('SAME') ? size * stride : undefined);
    if (target === undefined) {
      const cut = mode === 'VALID' ? [0, 0] : [pads[axis] as number, pads[axis + spatial.length] as number];
      padsBefore.push(cut[0] as number);
      return whole - (cut[0] as number) - (cut[1] as number);
    }
    const total = Math.max(whole - target, 0);
    padsBefore.push(mode === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2));
    return target;
  });
  if (outputSpatial.some((size) => size < 1)) throw context.shapeMismatch('Nothing is left of the output', 'padding smaller than the output', [x.shape, w.shape]);
  return { kernel, strides, dilations, outputSpatial, padsBefore, group, channels: perGroup * group };
}

export const CONV_TRANSPOSE: OperatorSchema = {
  opType: 'ConvTranspose', domain: ONNX, inputs: [2, 3], outputs: 1, attributes: { ...WINDOW_ATTRIBUTES, group: 'int', output_padding: 'ints', output_shape: 'ints' },
  infer: (context) => {
    const x = context.expectType(0, 'input', ['float32']);
    const { outputSpatial, channels } = transposedGeometry(context, x, context.expectType(1, 'weight', ['float32']));
    if (context.has(2) && context.expectType(2, 'bias', ['float32']).shape.join() !== String(channels)) throw context.shapeMismatch('The bias does not fit the weights', `[${channels}]`, [context.input(2).shape]);
    return [{ type: x.type, shape: [x.shape[0] as number, channels, ...outputSpatial] }];
  },
};
