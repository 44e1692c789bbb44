/** Operators that put zeros (or copies) around a tensor, or cut it. */
import { intsAttribute, stringAttribute } from '../attributes.js';
import { PAD_MODES, padTensor, type AxisPad, type PadMode } from '../fold/padding.js';
import type { Tensor } from '../graph.js';
import { ONNX, type InferContext, type OperatorSchema } from './schema.js';

export function padMode(context: InferContext): PadMode {
  const mode = stringAttribute(context.node, 'mode') ?? 'constant';
  const known = PAD_MODES.find((name) => name === mode);
  if (known === undefined) throw context.invalid('The attribute mode is wrong', PAD_MODES.join(', '), mode);
  return known;
}

/** https://onnx.ai/onnx/operators/onnx__Pad.html: pads are [before…, after…], for the axes given since opset 18, else for all. */
function padsOf(context: InferContext): AxisPad[] {
  const { shape } = context.input(0);
  const pads = context.integers(1, 'padding');
  const axes = context.has(3) ? context.integers(3, 'axes').map((axis) => context.axis(axis, shape.length)) : [...shape.keys()];
  if (pads.length !== 2 * axes.length || new Set(axes).size !== axes.length) throw context.invalid('The padding is wrong', `${2 * axes.length} integers`, `[${pads.join(', ')}]`);
  const mode = padMode(context);
  return shape.map((size, axis) => {
    const at = axes.indexOf(axis);
    if (at < 0) return { before: 0, after: 0 };
    const [before, after] = [pads[at] as number, pads[at + axes.length] as number];
    const kept = size + Math.min(before, 0) + Math.min(after, 0);
    if (kept < 0 || (kept === 0 && mode !== 'constant')) throw context.invalid('The padding cuts off more than there is', `at most ${size} along axis ${axis}`, `${before} and ${after}`);
    if (mode === 'reflect' && Math.max(before, after) >= kept && Math.max(before, after) > 0) throw context.unsupported(`Mirroring ${Math.max(before, after)} elements of an axis of ${kept} has no meaning`);
    return { before, after };
  });
}

/** https://onnx.ai/onnx/operators/onnx__CenterCropPad.html as the Pad that it is. */
function centering(context: InferContext): AxisPad[] {
  const { shape } = context.input(0);
  const wanted = context.integers(1, 'shape');
  const axes = (intsAttribute(context.node, 'axes') ?? [...shape.keys()]).map((axis) => context.axis(axis, shape.length));
  if (wanted.length !== axes.length || wanted.some((size) => size < 0) || new Set(axes).size !== axes.length) throw context.invalid('The shape does not fit the axes', `${axes.length} sizes`, `[${wanted.join(', ')}]`);
  return shape.map((size, axis) => {
    const at = axes.indexOf(axis);
    const missing = at < 0 ? 0 : (wanted[at] as number) - size;
    // The odd one out is padded behind, and cut off behind as well.
    return missing >= 0 ? { before: Math.floor(missing / 2), after: Math.ceil(missing / 2) } : { before: -Math.floor(-missing / 2), after: -Math.ceil(-missing / 2) };
  });
}

function paddedShape(shape: readonly number[], pads: readonly AxisPad[]): number[] {
  return shape.map((size, axis) => size + (pads[axis] as AxisPad).before + (pads[axis] as AxisPad).after);
}

export const PADDING: readonly OperatorSchema[] = [
  {
    opType: 'Pad', domain: ONNX, inputs: [2, 4], outputs: 1, attributes: { mode: 'string' },
    infer: (context) => {
      const { type, shape } = context.input(0);
      if (context.has(2)) context.expectType(2, 'value', [type]);
      return [{ type, shape: paddedShape(shape, padsOf(context)) }];
    },
    fold: (context) => padTensor({ tensor: context.constant(0) as Tensor, pads: padsOf(context), mode: padMode(context), value: context.constant(2) }),
    moves: (context) => (context.has(2) && padMode(context) === 'constant' ? [0, 2] : [0]),
  },
  {
    opType: 'CenterCropPad', domain: ONNX, inputs: [2, 2], outputs: 1, attributes: { axes: 'ints' },
    infer: (context) => [{ type: context.input(0).type, shape: paddedShape(context.input(0).shape, centering(context)) }],
    fold: (context) => padTensor({ tensor: context.constant(0) as Tensor, pads: centering(context), mode: 'constant', value: undefined }),
    moves: () => [0],
  },
];
