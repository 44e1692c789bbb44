/** Operators that move elements without computing, and those that compute shapes. */
import { intAttribute, intsAttribute, tensorAttribute } from '../attributes.js';
import { newTensorData } from '../elementType.js';
import { concatTensors, gatherTensor, reshapeTensor, sliceTensor, transposeTensor } from '../fold/movement.js';
import { elementCount, type Tensor, type TensorType } from '../graph.js';
import { ONNX, type InferContext, type OperatorSchema } from './schema.js';

/** A reshaping operator: its output shape decides everything. */
function reshaping(schema: Omit<OperatorSchema, 'domain' | 'outputs' | 'infer' | 'fold'>, shapeOf: (context: InferContext) => number[]): OperatorSchema {
  return {
    ...schema,
    domain: ONNX,
    outputs: 1,
    infer: (context) => [{ type: context.input(0).type, shape: shapeOf(context) }],
    fold: (context) => reshapeTensor(context.constant(0) as Tensor, shapeOf(context)),
  };
}

function reshapedShape(context: InferContext): number[] {
  const { shape } = context.input(0);
  const requested = context.integers(1, 'shape');
  const allowZero = intAttribute(context.node, 'allowzero', 0) === 1;
  const result = requested.map((dimension, axis) => {
    if (dimension < -1) throw context.invalid('The shape is wrong', 'sizes, 0 or −1', `[${requested.join(', ')}]`);
    if (dimension !== 0 || allowZero) return dimension;
    if (shape[axis] === undefined) throw context.invalid('The shape copies a dimension that the input does not have', `at most ${shape.length} dimensions`, `[${requested.join(', ')}]`);
    return shape[axis];
  });
  const free = result.flatMap((dimension, axis) => (dimension === -1 ? [axis] : []));
  if (free.length > 1) throw context.invalid('The shape leaves more than one dimension open', 'at most one −1', `[${requested.join(', ')}]`);
  const total = elementCount(shape);
  const [open] = free;
  if (open !== undefined) {
    const rest = elementCount(result.filter((_, axis) => axis !== open));
    result[open] = rest === 0 ? 0 : total / rest;
  }
  if (!result.every(Number.isSafeInteger) || elementCount(result) !== total) throw context.shapeMismatch(`${total} elements do not fit the shape [${requested.join(', ')}]`, `${total} elements`, [shape]);
  return result;
}

function flattenedShape(context: InferContext): number[] {
  const { shape } = context.input(0);
  const given = intAttribute(context.node, 'axis', 1);
  const axis = given < 0 ? given + shape.length : given;
  if (axis < 0 || axis > shape.length) throw context.invalid(`The axis ${given} does not exist`, `${-shape.length} to ${shape.length}`, String(given));
  return [elementCount(shape.slice(0, axis)), elementCount(shape.slice(axis))];
}

/** The axes of Squeeze and Unsqueeze: an attribute until opset 12, an input since 13. */
function axesOf(context: InferContext): number[] | undefined {
  return context.has(1) ? context.integers(1, 'axes') : intsAttribute(context.node, 'axes');
}

function squeezedShape(context: InferContext): number[] {
  const { shape } = context.input(0);
  const axes = axesOf(context)?.map((axis) => context.axis(axis, shape.length));
  if (axes?.some((axis) => shape[axis] !== 1)) throw context.shapeMismatch(`The axes ${axes.join(', ')} are not all of size 1`, 'size 1', [shape]);
  return shape.filter((dimension, axis) => (axes === undefined ? dimension !== 1 : !axes.includes(axis)));
}

function unsqueezedShape(context: InferContext): number[] {
  const { shape } = context.input(0);
  const given = axesOf(context);
  if (given === undefined) throw context.invalid('The axes are missing', 'axes');
  const rank = shape.length + given.length;
  const axes = new Set(given.map((axis) => context.axis(axis, rank)));
  if (axes.size !== given.length) throw context.invalid('An axis is given twice', undefined, `[${given.join(', ')}]`);
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (rest.shift() as number)));
}

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
function slicesOf(context: InferContext): { start: number; step: number; count: number }[] {
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

function gatherIndices(context: InferContext): { indices: number[]; axis: number } {
  const { shape } = context.input(0);
  const axis = context.axis(intAttribute(context.node, 'axis', 0), shape.length);
  const size = shape[axis] ?? 0;
  const indices = context.integers(1, 'indices').map((index) => {
    const at = index < 0 ? index + size : index;
    if (at < 0 || at >= size) throw context.invalid('An index is outside the axis', `${-size} to ${size - 1}`, String(index));
    return at;
  });
  return { indices, axis };
}

/** Constants larger than this are not made: a shape in the file could ask for any size. */
const MAX_CONSTANT = 2 ** 24;

export const MOVEMENT: readonly OperatorSchema[] = [
  reshaping({ opType: 'Identity', inputs: [1, 1], attributes: {} }, (context) => [...context.input(0).shape]),
  reshaping({ opType: 'Flatten', inputs: [1, 1], attributes: { axis: 'int' } }, flattenedShape),
  reshaping({ opType: 'Reshape', inputs: [2, 2], attributes: { allowzero: 'int' } }, reshapedShape),
  reshaping({ opType: 'Squeeze', inputs: [1, 2], attributes: { axes: 'ints' } }, squeezedShape),
  reshaping({ opType: 'Unsqueeze', inputs: [1, 2], attributes: { axes: 'ints' } }, unsqueezedShape),
  {
    opType: 'Transpose', domain: ONNX, inputs: [1, 1], outputs: 1, attributes: { perm: 'ints' },
    infer: (context) => {
      const { type, shape } = context.input(0);
      return [{ type, shape: permutation(context).map((axis) => shape[axis] as number) }];
    },
    fold: (context) => transposeTensor(context.constant(0) as Tensor, permutation(context)),
  },
  {
    opType: 'Concat', domain: ONNX, inputs: [1, Infinity], outputs: 1, attributes: { axis: 'int' }, required: ['axis'],
    infer: (context) => [concatType(context)],
    fold: (context) => concatTensors(context.node.inputs.map((_, index) => context.constant(index) as Tensor), concatAxis(context)),
  },
  {
    opType: 'Slice', domain: ONNX, inputs: [3, 5], outputs: 1, attributes: {},
    infer: (context) => [{ type: context.input(0).type, shape: slicesOf(context).map(({ count }) => count) }],
    fold: (context) => sliceTensor(context.constant(0) as Tensor, slicesOf(context)),
  },
  {
    opType: 'Gather', domain: ONNX, inputs: [2, 2], outputs: 1, attributes: { axis: 'int' },
    infer: (context) => {
      const { type, shape } = context.input(0);
      const axis = context.axis(intAttribute(context.node, 'axis', 0), shape.length);
      context.expectType(1, 'indices', ['int64', 'int32']);
      return [{ type, shape: [...shape.slice(0, axis), ...context.input(1).shape, ...shape.slice(axis + 1)] }];
    },
    fold: (context) => {
      const { indices, axis } = gatherIndices(context);
      return gatherTensor(context.constant(0) as Tensor, indices, context.input(1).shape, axis);
    },
  },
  {
    opType: 'Shape', domain: ONNX, inputs: [1, 1], outputs: 1, attributes: { start: 'int', end: 'int' },
    infer: (context) => [{ type: 'int64', shape: [shapeSlice(context).length] }],
    fold: (context) => ({ type: 'int64', shape: [shapeSlice(context).length], data: BigInt64Array.from(shapeSlice(context), BigInt) }),
  },
  {
    opType: 'ConstantOfShape', domain: ONNX, inputs: [1, 1], outputs: 1, attributes: { value: 'tensor' },
    infer: (context) => [{ type: tensorAttribute(context.node, 'value')?.type ?? 'float32', shape: constantShape(context) }],
    fold: (context) => {
      const value = tensorAttribute(context.node, 'value') ?? { type: 'float32', shape: [1], data: new Float32Array(1) };
      const shape = constantShape(context);
      return { type: value.type, shape, data: newTensorData(value.type, elementCount(shape)).fill(value.data[0] as never) };
    },
  },
];

function shapeSlice(context: InferContext): readonly number[] {
  return context.input(0).shape.slice(intAttribute(context.node, 'start', 0), intAttribute(context.node, 'end'));
}

function constantShape(context: InferContext): number[] {
  const shape = context.integers(0, 'shape');
  if (shape.some((dimension) => dimension < 0) || elementCount(shape) > MAX_CONSTANT) throw context.invalid('The shape of the constant is wrong', `at most ${MAX_CONSTANT} elements`, `[${shape.join(', ')}]`);
  return shape;
}
