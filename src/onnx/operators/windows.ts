/** The geometry that convolutions and pools share. https://onnx.ai/onnx/operators/onnx__Conv.html */
import { intAttribute, intsAttribute, stringAttribute } from '../attributes.js';
import type { Attribute } from '../graph.js';
import type { InferContext } from './schema.js';

export const WINDOW_ATTRIBUTES = {
  auto_pad: 'string',
  dilations: 'ints',
  kernel_shape: 'ints',
  pads: 'ints',
  strides: 'ints',
} as const satisfies Record<string, Attribute['kind']>;

/**
 * The spatial part of the output shape of a window that slides over `spatial`.
 * @throws ZkonnxError MODEL_INVALID for attributes of the wrong length or sign, SHAPE_UNSUPPORTED for a window that does not fit.
 */
export function windowOutput(context: InferContext, spatial: readonly number[], kernel: readonly number[]): number[] {
  const { node } = context;
  const perAxis = (name: string): number[] => {
    const values = intsAttribute(node, name) ?? spatial.map(() => 1);
    if (values.length !== spatial.length || values.some((value) => value < 1)) throw context.invalid(`The attribute ${name} is wrong`, `${spatial.length} positive integers`, `[${values.join(', ')}]`);
    return values;
  };
  if (kernel.length !== spatial.length || kernel.some((size) => size < 1)) throw context.invalid('The kernel is wrong', `${spatial.length} positive sizes`, `[${kernel.join(', ')}]`);
  const strides = perAxis('strides');
  const dilations = perAxis('dilations');
  const pads = intsAttribute(node, 'pads') ?? [...spatial, ...spatial].map(() => 0);
  if (pads.length !== 2 * spatial.length || pads.some((pad) => pad < 0)) throw context.invalid('The attribute pads is wrong', `${2 * spatial.length} integers from 0 on`, `[${pads.join(', ')}]`);
  const mode = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  if (!['NOTSET', '', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].includes(mode)) throw context.invalid('The attribute auto_pad is wrong', 'NOTSET, VALID, SAME_UPPER or SAME_LOWER', mode);
  const ceil = intAttribute(node, 'ceil_mode', 0) === 1;

  return spatial.map((size, axis) => {
    const stride = strides[axis] as number;
    const extent = ((kernel[axis] as number) - 1) * (dilations[axis] as number) + 1;
    if (mode === 'SAME_UPPER' || mode === 'SAME_LOWER') return Math.ceil(size / stride);
    const before = mode === 'VALID' ? 0 : (pads[axis] as number);
    const after = mode === 'VALID' ? 0 : (pads[axis + spatial.length] as number);
    const room = size + before + after - extent;
    if (room < 0) throw context.shapeMismatch('The window is larger than the padded input', `at least ${extent} along spatial axis ${axis}`, [spatial]);
    const count = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    // With ceil_mode the last window must still begin inside the input or its leading padding.
    return ceil && (count - 1) * stride >= size + before ? count - 1 : count;
  });
}
