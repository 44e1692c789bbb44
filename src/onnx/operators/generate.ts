/** Operators whose result is known before the model runs: shapes, and tensors made from constants. */
import { intAttribute, tensorAttribute } from '../attributes.js';
import { elementTypeOf, newTensorData } from '../elementType.js';
import { elementCount, type ElementType, type Tensor } from '../graph.js';
import { ONNX, type InferContext, type OperatorSchema } from './schema.js';

/** Constants larger than this are not made: a shape in the file could ask for any size. */
const MAX_CONSTANT = 2 ** 24;

function shapeSlice(context: InferContext): readonly number[] {
  return context.input(0).shape.slice(intAttribute(context.node, 'start', 0), intAttribute(context.node, 'end'));
}

function constantShape(context: InferContext): number[] {
  const shape = context.integers(0, 'shape');
  if (shape.some((dimension) => dimension < 0) || elementCount(shape) > MAX_CONSTANT) throw context.invalid('The shape of the constant is wrong', `at most ${MAX_CONSTANT} elements`, `[${shape.join(', ')}]`);
  return shape;
}

function eyeType(context: InferContext): { type: ElementType; shape: readonly number[] } {
  const { type, shape } = context.input(0);
  const number = intAttribute(context.node, 'dtype');
  const declared = number === undefined ? type : elementTypeOf(number);
  if (declared === undefined) throw context.invalid('The attribute dtype is not a known type', 'a TensorProto.DataType', String(number));
  if (shape.length !== 2) throw context.shapeMismatch('The input is not a matrix', '[rows, columns]', [shape]);
  return { type: declared, shape };
}

const EYE_TYPES: ReadonlySet<ElementType> = new Set(['float32', 'float64', 'int32', 'int64', 'uint64']);

/** https://onnx.ai/onnx/operators/onnx__EyeLike.html */
function eye(context: InferContext): Tensor | undefined {
  const { type, shape } = eyeType(context);
  if (!EYE_TYPES.has(type)) return undefined;
  const [rows, columns] = shape as [number, number];
  const k = intAttribute(context.node, 'k', 0);
  const data = newTensorData(type, elementCount(shape));
  const one = typeof data[0] === 'bigint' ? 1n : 1;
  for (let row = 0; row < rows; row++) if (row + k >= 0 && row + k < columns) data[row * columns + row + k] = one as never;
  return { type, shape, data };
}

const RANGE_TYPES: readonly ElementType[] = ['int16', 'int32', 'int64', 'float32', 'float64'];

/** https://onnx.ai/onnx/operators/onnx__Range.html: ⌈(limit − start) / delta⌉ numbers. */
function rangeOf(context: InferContext): { type: ElementType; start: number; delta: number; count: number } {
  const { type } = context.expectType(0, 'start', RANGE_TYPES);
  const [start, limit, delta] = [0, 1, 2].map((index) => {
    const role = ['start', 'limit', 'step'][index] as string;
    context.expectType(index, role, [type]);
    const value = Number(context.constant(index)?.data[0] ?? context.integers(index, role)[0]);
    if (!Number.isFinite(value) || (!type.startsWith('float') && !Number.isSafeInteger(value))) throw context.invalid(`The ${role} of a Range is wrong`, 'a finite number', String(value));
    return value;
  }) as [number, number, number];
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (delta === 0 || !(count <= MAX_CONSTANT)) throw context.invalid('The range is wrong', `a step other than 0, and at most ${MAX_CONSTANT} numbers`, `${start} to ${limit} in steps of ${delta}`);
  return { type, start, delta, count };
}

/** Integers only: how floats are rounded on the way is not the same everywhere. */
function rangeValues(context: InferContext): Tensor | undefined {
  const { type, start, delta, count } = rangeOf(context);
  if (type.startsWith('float')) return undefined;
  const data = newTensorData(type, count);
  for (let index = 0; index < count; index++) data[index] = (type === 'int64' ? BigInt(start + index * delta) : start + index * delta) as never;
  return { type, shape: [count], data };
}

export const GENERATE: readonly OperatorSchema[] = [
  {
    opType: 'Shape', domain: ONNX, inputs: [1, 1], outputs: 1, attributes: { start: 'int', end: 'int' },
    infer: (context) => [{ type: 'int64', shape: [shapeSlice(context).length] }],
    fold: (context) => ({ type: 'int64', shape: [shapeSlice(context).length], data: BigInt64Array.from(shapeSlice(context), BigInt) }),
  },
  {
    opType: 'Size', domain: ONNX, inputs: [1, 1], outputs: 1, attributes: {},
    infer: () => [{ type: 'int64', shape: [] }],
    fold: (context) => ({ type: 'int64', shape: [], data: BigInt64Array.of(BigInt(elementCount(context.input(0).shape))) }),
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
  {
    opType: 'EyeLike', domain: ONNX, inputs: [1, 1], outputs: 1, attributes: { dtype: 'int', k: 'int' },
    infer: (context) => [eyeType(context)],
    fold: eye,
  },
  {
    opType: 'Range', domain: ONNX, inputs: [3, 3], outputs: 1, attributes: { stash_type: 'int' },
    infer: (context) => [{ type: rangeOf(context).type, shape: [rangeOf(context).count] }],
    fold: rangeValues,
  },
];
