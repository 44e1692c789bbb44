/** Resize with mode "nearest" moves elements; the other modes interpolate. */
import { floatAttribute, intAttribute, intsAttribute, stringAttribute } from '../attributes.js';
import { movedByAxis } from '../fold/moved.js';
import { COORDINATE_MODES, NEAREST_MODES, nearestCoordinates, type ResizedAxis } from '../fold/resize.js';
import type { Tensor } from '../graph.js';
import { stridesOf } from '../shape.js';
import { ONNX, type InferContext, type OperatorSchema } from './schema.js';

const f = Math.fround;

function choice<T extends string>(context: InferContext, name: string, allowed: readonly T[], otherwise: T): T {
  const given = stringAttribute(context.node, name) ?? otherwise;
  const known = allowed.find((value) => value === given);
  if (known === undefined) throw context.invalid(`The attribute ${name} is wrong`, allowed.join(', '), given);
  return known;
}

/** The values of a float input that decides a shape; undefined when it is left out, which an empty tensor does as well. */
function floats(context: InferContext, index: number, role: string): number[] | undefined {
  if (!context.has(index) || context.input(index).shape.some((size) => size === 0)) return undefined;
  const tensor = context.constant(index);
  return tensor === undefined ? context.integers(index, role) : Array.from<number | bigint, number>(tensor.data, Number);
}

/** Sizes and scales of every axis, as ONNX Runtime derives one from the other in float32. */
function resizedAxes(context: InferContext): ResizedAxis[] {
  const { shape } = context.input(0);
  const axes = (intsAttribute(context.node, 'axes') ?? [...shape.keys()]).map((axis) => context.axis(axis, shape.length));
  const scales = floats(context, 2, 'scales');
  const sizes = scales === undefined && context.has(3) ? context.integers(3, 'sizes') : undefined;
  const given = scales ?? sizes;
  if (given?.length !== axes.length || given.some((value) => !(value > 0))) throw context.invalid('The scales or sizes of a Resize are wrong', `${axes.length} positive numbers`, `[${given?.join(', ') ?? ''}]`);
  const roi = floats(context, 1, 'region');
  const policy = policyScale(context, shape, axes, sizes);
  return shape.map((input, axis): ResizedAxis => {
    const at = axes.indexOf(axis);
    if (at < 0) return { input, output: input, scale: 1, roi: [0, 1] };
    const value = given[at] as number;
    const region: readonly [number, number] = [roi?.[at] ?? 0, roi?.[at + axes.length] ?? 1];
    if (sizes === undefined) return { input, output: Math.trunc(f(value * input)), scale: value, roi: region };
    if (policy !== undefined) return { input, output: Math.floor(f(policy * input) + 0.5), scale: policy, roi: region };
    return { input, output: value, scale: f(value / input), roi: region };
  });
}

/** One scale for all axes, when the aspect ratio is kept. */
function policyScale(context: InferContext, shape: readonly number[], axes: readonly number[], sizes: readonly number[] | undefined): number | undefined {
  const policy = choice(context, 'keep_aspect_ratio_policy', ['stretch', 'not_larger', 'not_smaller'], 'stretch');
  if (policy === 'stretch' || sizes === undefined) return undefined;
  const scales = sizes.map((size, at) => f(size / (shape[axes[at] as number] as number)));
  return policy === 'not_larger' ? Math.min(...scales) : Math.max(...scales);
}

function resized(context: InferContext): Tensor | undefined {
  if (!isMovement(context)) return undefined;
  const tensor = context.constant(0) as Tensor;
  const axes = resizedAxes(context);
  // ONNX Runtime copies a tensor that keeps its shape, whatever scales and region say.
  if (axes.every(({ input, output }) => input === output)) return tensor;
  const modes = {
    coordinates: choice(context, 'coordinate_transformation_mode', COORDINATE_MODES, 'half_pixel'),
    nearest: choice(context, 'nearest_mode', NEAREST_MODES, 'round_prefer_floor'),
  };
  return movedByAxis(tensor, axes.map((axis) => nearestCoordinates(axis, modes)), stridesOf(tensor.shape));
}

function isMovement(context: InferContext): boolean {
  return (stringAttribute(context.node, 'mode') ?? 'nearest') === 'nearest' && intAttribute(context.node, 'antialias', 0) === 0 && floatAttribute(context.node, 'extrapolation_value', 0) === 0;
}

export const RESIZE: readonly OperatorSchema[] = [
  {
    opType: 'Resize', domain: ONNX, inputs: [1, 4], outputs: 1,
    attributes: {
      mode: 'string', coordinate_transformation_mode: 'string', nearest_mode: 'string', cubic_coeff_a: 'float', exclude_outside: 'int', extrapolation_value: 'float',
      antialias: 'int', axes: 'ints', keep_aspect_ratio_policy: 'string',
    },
    infer: (context) => [{ type: context.input(0).type, shape: resizedAxes(context).map(({ output }) => output) }],
    fold: resized,
    moves: (context) => (isMovement(context) ? [0] : undefined),
  },
];
