/** The geometry that convolutions and pools share. https://onnx.ai/onnx/operators/onnx__Conv.html */
import { intAttribute, intsAttribute, stringAttribute } from '../attributes.js';
import { forEachIndex } from '../fold/moved.js';
import type { Attribute, GraphNode } from '../graph.js';
import { stridesOf } from '../shape.js';
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

/** How a window slides over the spatial dimensions. */
export interface WindowGeometry {
  readonly inputSpatial: readonly number[];
  readonly outputSpatial: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

/**
 * The padding before each spatial dimension, from `pads` or `auto_pad`. SAME_UPPER puts the odd one behind, SAME_LOWER before.
 * https://onnx.ai/onnx/operators/onnx__Conv.html
 */
export function padsBefore(node: GraphNode, { inputSpatial, outputSpatial, kernel, strides, dilations }: WindowGeometry): number[] {
  const mode = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  if (mode === 'SAME_UPPER' || mode === 'SAME_LOWER') {
    return kernel.map((size, axis) => {
      const reach = ((outputSpatial[axis] as number) - 1) * (strides[axis] as number) + (size - 1) * (dilations[axis] as number) + 1;
      const total = Math.max(reach - (inputSpatial[axis] as number), 0);
      return mode === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
    });
  }
  const pads = mode === 'VALID' ? undefined : intsAttribute(node, 'pads');
  return kernel.map((_, axis) => pads?.[axis] ?? 0);
}

/** For each position of the window, in row-major order, the places within one image that it covers, those beside the image left out. */
export function windowPlaces(node: GraphNode, geometry: WindowGeometry): number[][] {
  const { inputSpatial, outputSpatial, kernel, strides, dilations } = geometry;
  const pads = padsBefore(node, geometry);
  const imageStrides = stridesOf(inputSpatial);
  const result: number[][] = [];
  forEachIndex(outputSpatial, (position) => {
    const places: number[] = [];
    forEachIndex(kernel, (tap) => {
      const at = position.map((coordinate, axis) => coordinate * (strides[axis] as number) - (pads[axis] as number) + (tap[axis] as number) * (dilations[axis] as number));
      if (at.every((coordinate, axis) => coordinate >= 0 && coordinate < (inputSpatial[axis] as number))) places.push(at.reduce((sum, coordinate, axis) => sum + coordinate * (imageStrides[axis] as number), 0));
    });
    result.push(places);
  });
  return result;
}

/** The geometry that the attributes of a pool say. */
export function poolGeometry(node: GraphNode, shape: readonly number[], output: readonly number[]): WindowGeometry {
  const kernel = intsAttribute(node, 'kernel_shape') ?? [];
  const ones = kernel.map(() => 1);
  return { inputSpatial: shape.slice(2), outputSpatial: output.slice(2), kernel, strides: intsAttribute(node, 'strides') ?? ones, dilations: intsAttribute(node, 'dilations') ?? ones };
}
