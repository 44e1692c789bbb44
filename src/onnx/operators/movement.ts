/** Operators that move elements along their axes, or cut and join tensors. */
import { intAttribute, intsAttribute, stringAttribute } from '../attributes.js';
import { moved } from '../fold/moved.js';
import { broadcastTensor, concatTensors, reshapeTensor, sliceTensor, tileTensor, transposeTensor, type AxisSlice } from '../fold/movement.js';
import type { Tensor, TensorType } from '../graph.js';
import { broadcastShape, stridesOf } from '../shape.js';
import { ONNX, type InferContext, type OperatorSchema } from './schema.js';

const FIRST = (): readonly number[] => [0];

/** The permutation of a Transpose; by default it reverses the dimensions. */
function permutation(context: InferContext): number[] {
  const { shape } = context.input(0);
  const perm = intsAttribute(context.node, 'perm') ?? [...shape.keys()].reverse();
  if ([...perm].sort((a, b) => a - b).join() !== [...shape.keys()].join()) throw context.invalid('The permutation is wrong', `each of 0 to ${shape.length - 1} once`, `[${perm.join(', ')}]`);
  return perm;
}

function concatAxis(context: InferContext): number {
  return context.axis(intAttribute(context.node, 'axis', 0), context.input(0).shape.length);
}

function concatType(context: InferContext): TensorType {
  const types = context.inputTypes();
  const [first] = types as [TensorType, ...TensorType[]];
  const axis = concatAxis(context);
  for (const { type, shape } of types) {
    if (type !== first.type) throw context.invalid('The operands have different element types', first.type, type);
    if (shape.length !== first.shape.length || shape.some((dimension, at) => at !== axis && dimension !== first.shape[at])) {
      throw context.shapeMismatch(`The operands do not fit along axis ${axis}`, 'equal dimensions but for the axis', types.map((operand) => operand.shape));
    }
  }
  return { type: first.type, shape: first.shape.map((dimension, at) => (at === axis ? types.reduce((sum, { shape }) => sum + (shape[axis] as number), 0) : dimension)) };
}

/** https://onnx.ai/onnx/operators/onnx__Slice.html: ends are clamped into the dimension, steps may be negative. */
function slicesOf(context: InferContext): AxisSlice[] {
  const { shape } = context.input(0);
  const clampedIntegers = (index: number, role: string): number[] => {
    const tensor = context.constant(index);
    // Exporters write the largest int64 for "to the end".
    if (tensor?.type === 'int64') return Array.from(tensor.data as BigInt64Array, (value) => Math.min(Math.max(Number(value), -(2 ** 52)), 2 ** 52));
    return context.integers(index, role);
  };
  const starts = clampedIntegers(1, 'start');
  const ends = clampedIntegers(2, 'end');
  const axes = context.has(3) ? context.integers(3, 'axes').map((axis) => context.axis(axis, shape.length)) : starts.map((_, axis) => axis);
  const steps = context.has(4) ? clampedIntegers(4, 'steps') : starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length || new Set(axes).size !== axes.length) throw context.invalid('Starts, ends, axes and steps differ in number, or an axis is given twice');
  return shape.map((size, axis) => {
    const at = axes.indexOf(axis);
    if (at < 0) return { start: 0, step: 1, count: size };
    const step = steps[at] as number;
    if (step === 0) throw context.invalid('A step of a Slice is 0', 'a step other than 0', '0');
    const clamp = (value: number, lo: number, hi: number): number => Math.min(Math.max(value < 0 ? value + size : value, lo), hi);
    const start = step > 0 ? clamp(starts[at] as number, 0, size) : clamp(starts[at] as number, 0, size - 1);
    const end = step > 0 ? clamp(ends[at] as number, 0, size) : clamp(ends[at] as number, -1, size - 1);
    return { start, step, count: Math.max(0, Math.ceil((end - start) / step)) };
  });
}

/**
 * The ranges that the outputs of a Split take of its axis: `split` was an attribute until opset 12 and is an input since 13; without
 * it the parts are equal, but for a smaller last one. https://onnx.ai/onnx/operators/onnx__Split.html
 */
export function splitRanges(context: InferContext): { axis: number; ranges: readonly AxisSlice[] } {
  const { shape } = context.input(0);
  const axis = context.axis(intAttribute(context.node, 'axis', 0), shape.length);
  const size = shape[axis] ?? 0;
  const count = context.node.outputs.length;
  const declared = intAttribute(context.node, 'num_outputs', count);
  if (declared !== count) throw context.invalid('num_outputs is not the number of outputs', String(count), String(declared));
  const given = context.has(1) ? context.integers(1, 'sizes of the parts') : intsAttribute(context.node, 'split');
  const part = Math.ceil(size / count);
  const sizes = given ?? context.node.outputs.map((_, index) => Math.min(part, size - index * part));
  if (sizes.length !== count || sizes.some((value) => value < 0) || sizes.reduce((sum, value) => sum + value, 0) !== size) {
    throw context.invalid('The parts of a Split do not make up the axis', `${count} sizes with the sum ${size}`, `[${sizes.join(', ')}]`);
  }
  let start = 0;
  const ranges = sizes.map((length) => {
    start += length;
    return { start: start - length, step: 1, count: length };
  });
  return { axis, ranges };
}

/** The slice of every axis for one output of a Split. */
function partSlices(shape: readonly number[], axis: number, range: AxisSlice): AxisSlice[] {
  return shape.map((size, at) => (at === axis ? range : { start: 0, step: 1, count: size }));
}

function expandedShape(context: InferContext): number[] {
  const { shape } = context.input(0);
  const wanted = context.integers(1, 'shape');
  const result = wanted.some((dimension) => dimension < 0) ? undefined : broadcastShape(shape, wanted);
  if (result === undefined) throw context.shapeMismatch('The input does not broadcast to the shape', 'equal dimensions, or 1', [shape, wanted]);
  return result;
}

function repeatsOf(context: InferContext): number[] {
  const { shape } = context.input(0);
  const repeats = context.integers(1, 'repeats');
  if (repeats.length !== shape.length || repeats.some((count) => count < 0)) throw context.invalid('The repeats are wrong', `${shape.length} counts from 0 on`, `[${repeats.join(', ')}]`);
  return repeats;
}

function blockSize(context: InferContext): { shape: readonly [number, number, number, number]; block: number } {
  const { shape } = context.input(0);
  const block = intAttribute(context.node, 'blocksize', 0);
  const [n, channels, height, width] = shape;
  if (shape.length !== 4 || n === undefined || channels === undefined || height === undefined || width === undefined || block < 1) {
    throw context.shapeMismatch(`The input does not fit blocks of ${block}`, '[N, C, H, W] and a positive block size', [shape]);
  }
  return { shape: [n, channels, height, width], block };
}

/** The order in which the block's rows and columns and the channels lie in the channels of the deep tensor. */
function depthToSpace(context: InferContext): { split: number[]; perm: number[]; shape: number[] } {
  const { shape: [n, channels, height, width], block } = blockSize(context);
  const mode = stringAttribute(context.node, 'mode') ?? 'DCR';
  const deep = channels / (block * block);
  if (!Number.isInteger(deep) || (mode !== 'DCR' && mode !== 'CRD')) throw context.shapeMismatch(`${channels} channels do not fit mode ${mode} with blocks of ${block}`, 'DCR or CRD, and a multiple of the square of the block size', [[n, channels, height, width]]);
  const shape = [n, deep, height * block, width * block];
  return mode === 'DCR'
    ? { split: [n, block, block, deep, height, width], perm: [0, 3, 4, 1, 5, 2], shape }
    : { split: [n, deep, block, block, height, width], perm: [0, 1, 4, 2, 5, 3], shape };
}

function spaceToDepth(context: InferContext): { split: number[]; perm: number[]; shape: number[] } {
  const { shape: [n, channels, height, width], block } = blockSize(context);
  const [rows, columns] = [height / block, width / block];
  if (!Number.isInteger(rows) || !Number.isInteger(columns)) throw context.shapeMismatch(`The input does not fit blocks of ${block}`, 'height and width divisible by the block size', [[n, channels, height, width]]);
  return { split: [n, channels, rows, block, columns, block], perm: [0, 3, 5, 1, 2, 4], shape: [n, channels * block * block, rows, columns] };
}

/** Reshape, Transpose, Reshape. */
function blocks(opType: string, attributes: OperatorSchema['attributes'], parts: (context: InferContext) => { split: number[]; perm: number[]; shape: number[] }): OperatorSchema {
  return {
    opType, domain: ONNX, inputs: [1, 1], outputs: 1, attributes, required: ['blocksize'],
    infer: (context) => [{ type: context.input(0).type, shape: parts(context).shape }],
    fold: (context) => {
      const { split, perm, shape } = parts(context);
      return reshapeTensor(transposeTensor(reshapeTensor(context.constant(0) as Tensor, split), perm), shape);
    },
    moves: FIRST,
  };
}

/** https://onnx.ai/onnx/operators/onnx__Trilu.html: the rest of each matrix is zero. */
function triangle(context: InferContext): Tensor {
  const tensor = context.constant(0) as Tensor;
  const upper = intAttribute(context.node, 'upper', 1) === 1;
  const [k] = context.has(1) ? context.integers(1, 'diagonal') : [0];
  return moved(tensor, tensor.shape, (coordinates, flat) => {
    const [row, column] = coordinates.slice(-2) as [number, number];
    return (upper ? column >= row + (k as number) : column <= row + (k as number)) ? flat : -1;
  });
}

/** https://onnx.ai/onnx/operators/onnx__ReverseSequence.html */
function reversed(context: InferContext): Tensor {
  const tensor = context.constant(0) as Tensor;
  const [batchAxis, timeAxis, lengths] = sequenceAxes(context);
  const strides = stridesOf(tensor.shape);
  return moved(tensor, tensor.shape, (coordinates, flat) => {
    const length = lengths[coordinates[batchAxis] as number] as number;
    const time = coordinates[timeAxis] as number;
    return time < length ? flat + (length - 1 - 2 * time) * (strides[timeAxis] as number) : flat;
  });
}

function sequenceAxes(context: InferContext): [batchAxis: number, timeAxis: number, lengths: number[]] {
  const { shape } = context.input(0);
  const batchAxis = context.axis(intAttribute(context.node, 'batch_axis', 1), shape.length);
  const timeAxis = context.axis(intAttribute(context.node, 'time_axis', 0), shape.length);
  const lengths = context.integers(1, 'sequence lengths');
  const longest = shape[timeAxis] as number;
  if (batchAxis === timeAxis || shape.length < 2 || lengths.length !== shape[batchAxis] || lengths.some((length) => length < 0 || length > longest)) {
    throw context.invalid('The sequence lengths do not fit the input', `${shape[batchAxis]} lengths up to ${longest}`, `[${lengths.join(', ')}]`);
  }
  return [batchAxis, timeAxis, lengths];
}

export const MOVEMENT: readonly OperatorSchema[] = [
  {
    opType: 'Transpose', domain: ONNX, inputs: [1, 1], outputs: 1, attributes: { perm: 'ints' },
    infer: (context) => {
      const { type, shape } = context.input(0);
      return [{ type, shape: permutation(context).map((axis) => shape[axis] as number) }];
    },
    fold: (context) => transposeTensor(context.constant(0) as Tensor, permutation(context)),
    moves: FIRST,
  },
  {
    opType: 'Concat', domain: ONNX, inputs: [1, Infinity], outputs: 1, attributes: { axis: 'int' }, required: ['axis'],
    infer: (context) => [concatType(context)],
    fold: (context) => concatTensors(context.node.inputs.map((_, index) => context.constant(index) as Tensor), concatAxis(context)),
    moves: (context) => [...context.node.inputs.keys()],
  },
  {
    opType: 'Split', domain: ONNX, inputs: [1, 2], outputs: Infinity, attributes: { axis: 'int', split: 'ints', num_outputs: 'int' },
    infer: (context) => {
      const { type, shape } = context.input(0);
      const { axis, ranges } = splitRanges(context);
      return ranges.map(({ count }) => ({ type, shape: shape.map((size, at) => (at === axis ? count : size)) }));
    },
    fold: (context) => {
      const tensor = context.constant(0) as Tensor;
      const { axis, ranges } = splitRanges(context);
      return ranges.map((range) => sliceTensor(tensor, partSlices(tensor.shape, axis, range)));
    },
    moves: FIRST,
  },
  {
    opType: 'Slice', domain: ONNX, inputs: [3, 5], outputs: 1, attributes: {},
    infer: (context) => [{ type: context.input(0).type, shape: slicesOf(context).map(({ count }) => count) }],
    fold: (context) => sliceTensor(context.constant(0) as Tensor, slicesOf(context)),
    moves: FIRST,
  },
  {
    opType: 'Expand', domain: ONNX, inputs: [2, 2], outputs: 1, attributes: {},
    infer: (context) => [{ type: context.input(0).type, shape: expandedShape(context) }],
    fold: (context) => broadcastTensor(context.constant(0) as Tensor, expandedShape(context)),
    moves: FIRST,
  },
  {
    opType: 'Tile', domain: ONNX, inputs: [2, 2], outputs: 1, attributes: {},
    infer: (context) => {
      const { type, shape } = context.input(0);
      const repeats = repeatsOf(context);
      return [{ type, shape: shape.map((size, axis) => size * (repeats[axis] as number)) }];
    },
    fold: (context) => tileTensor(context.constant(0) as Tensor, repeatsOf(context)),
    moves: FIRST,
  },
  blocks('DepthToSpace', { blocksize: 'int', mode: 'string' }, depthToSpace),
  blocks('SpaceToDepth', { blocksize: 'int' }, spaceToDepth),
  {
    opType: 'Trilu', domain: ONNX, inputs: [1, 2], outputs: 1, attributes: { upper: 'int' },
    infer: (context) => {
      if (context.input(0).shape.length < 2) throw context.shapeMismatch('The input is not a matrix', '[…, rows, columns]', [context.input(0).shape]);
      return [context.input(0)];
    },
    fold: triangle,
    moves: FIRST,
  },
  {
    opType: 'ReverseSequence', domain: ONNX, inputs: [2, 2], outputs: 1, attributes: { batch_axis: 'int', time_axis: 'int' },
    infer: (context) => [context.input(0)],
    fold: reversed,
    moves: FIRST,
  },
  {
    // For inference it is the identity, and is replaced by one before it comes here (expand.ts).
    opType: 'Dropout', domain: ONNX, inputs: [1, 3], outputs: 2, attributes: { seed: 'int', ratio: 'float' },
    infer: (context) => {
      throw context.unsupported('Dropout in training mode is random', 'Export the model for inference.');
    },
  },
];
