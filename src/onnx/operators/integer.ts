/** Operators of integer tensors: comparisons, logic, bits, remainders, reductions, sorting. */
import { intAttribute, intsAttribute } from '../attributes.js';
import { foldIntegers } from '../fold/integers.js';
import { newTensorData } from '../elementType.js';
import { elementCount, type Attribute, type ElementType, type Tensor, type TensorType } from '../graph.js';
import { broadcastShape } from '../shape.js';
import { ONNX, type InferContext, type OperatorSchema } from './schema.js';

/** The common type and shape of operands that broadcast. */
function broadcastOperands(context: InferContext, first = 0): TensorType {
  const types = context.inputTypes().slice(first);
  const [{ type }] = types as [TensorType];
  const other = types.find((operand) => operand.type !== type);
  if (other !== undefined) throw context.invalid('The operands have different element types', type, other.type);
  const shape = types.reduce<number[] | undefined>((common, operand) => common && broadcastShape(common, operand.shape), []);
  if (shape === undefined) throw context.shapeMismatch('The operands do not broadcast', 'equal dimensions, or 1', types.map((operand) => operand.shape));
  return { type, shape };
}

type Evaluate = (...values: bigint[]) => bigint | undefined;

interface ElementwiseParameters {
  readonly inputs: readonly [number, number];
  readonly attributes?: Readonly<Record<string, Attribute['kind']>>;
  /** The element type of the result; that of the operands when left out. */
  readonly result?: ElementType;
  /** The only element type that the operands may have. */
  readonly operand?: ElementType;
  readonly evaluate?: Evaluate;
}

function elementwise(opType: string, { inputs, attributes = {}, result, operand, evaluate }: ElementwiseParameters): OperatorSchema {
  const infer = (context: InferContext): TensorType => {
    if (operand !== undefined) context.node.inputs.forEach((_, index) => context.expectType(index, 'operand', [operand]));
    const { type, shape } = broadcastOperands(context);
    return { type: result ?? type, shape };
  };
  return {
    opType, domain: ONNX, inputs, outputs: 1, attributes,
    infer: (context) => [infer(context)],
    ...(evaluate && { fold: (context) => foldIntegers(infer(context).type, context.node.inputs.map((_, index) => context.constant(index) as Tensor), evaluate) }),
  };
}

const truth = (holds: boolean): bigint => (holds ? 1n : 0n);
const extreme = (isBetter: (a: bigint, b: bigint) => boolean): Evaluate => (...values) => values.reduce((best, value) => (isBetter(value, best) ? value : best));

const COMPARISONS: readonly OperatorSchema[] = [
  elementwise('Equal', { inputs: [2, 2], result: 'bool', evaluate: (a, b) => truth(a === b) }),
  elementwise('Less', { inputs: [2, 2], result: 'bool', evaluate: (a, b) => truth((a as bigint) < (b as bigint)) }),
  elementwise('LessOrEqual', { inputs: [2, 2], result: 'bool', evaluate: (a, b) => truth((a as bigint) <= (b as bigint)) }),
  elementwise('Greater', { inputs: [2, 2], result: 'bool', evaluate: (a, b) => truth((a as bigint) > (b as bigint)) }),
  elementwise('GreaterOrEqual', { inputs: [2, 2], result: 'bool', evaluate: (a, b) => truth((a as bigint) >= (b as bigint)) }),
  elementwise('And', { inputs: [2, 2], operand: 'bool', evaluate: (a, b) => (a as bigint) & (b as bigint) }),
  elementwise('Or', { inputs: [2, 2], operand: 'bool', evaluate: (a, b) => (a as bigint) | (b as bigint) }),
  elementwise('Xor', { inputs: [2, 2], operand: 'bool', evaluate: (a, b) => (a as bigint) ^ (b as bigint) }),
  elementwise('Not', { inputs: [1, 1], operand: 'bool', evaluate: (a) => 1n - (a as bigint) }),
  elementwise('Max', { inputs: [1, Infinity], evaluate: extreme((a, b) => a > b) }),
  elementwise('Min', { inputs: [1, Infinity], evaluate: extreme((a, b) => a < b) }),
  elementwise('Sign', { inputs: [1, 1] }),
  elementwise('Mod', { inputs: [2, 2], attributes: { fmod: 'int' } }),
  elementwise('BitShift', { inputs: [2, 2], attributes: { direction: 'string' } }),
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((opType) => elementwise(opType, { inputs: [2, 2] })),
  elementwise('BitwiseNot', { inputs: [1, 1] }),
];

function whereType(context: InferContext): TensorType {
  const condition = context.expectType(0, 'condition', ['bool']);
  const values = broadcastOperands(context, 1);
  const shape = broadcastShape(condition.shape, values.shape);
  if (shape === undefined) throw context.shapeMismatch('The operands do not broadcast', 'equal dimensions, or 1', context.inputTypes().map((operand) => operand.shape));
  return { type: values.type, shape };
}

const CHOICE: readonly OperatorSchema[] = [
  {
    opType: 'Where', domain: ONNX, inputs: [3, 3], outputs: 1, attributes: {},
    infer: (context) => [whereType(context)],
    fold: (context) => foldIntegers(whereType(context).type, [0, 1, 2].map((index) => context.constant(index) as Tensor), (condition, a, b) => (condition === 1n ? a : b)),
  },
  {
    opType: 'CastLike', domain: ONNX, inputs: [2, 2], outputs: 1, attributes: { saturate: 'int', round_mode: 'string' },
    infer: (context) => [{ type: context.input(1).type, shape: context.input(0).shape }],
  },
  {
    opType: 'Pow', domain: ONNX, inputs: [2, 2], outputs: 1, attributes: {},
    infer: (context) => {
      const shape = broadcastShape(context.input(0).shape, context.input(1).shape);
      if (shape === undefined) throw context.shapeMismatch('The operands do not broadcast', 'equal dimensions, or 1', context.inputTypes().map((operand) => operand.shape));
      return [{ type: context.input(0).type, shape }];
    },
  },
];

/** The shape that is left without the axes: an attribute, or since opset 13 (ReduceSum) and 18 the second input. */
function reducedShape(context: InferContext): number[] {
  const { shape } = context.input(0);
  const given = context.has(1) ? context.integers(1, 'axes') : (intsAttribute(context.node, 'axes') ?? []);
  const axes = new Set(given.map((axis) => context.axis(axis, shape.length)));
  if (axes.size !== given.length) throw context.invalid('An axis is given twice', undefined, `[${given.join(', ')}]`);
  if (given.length === 0 && intAttribute(context.node, 'noop_with_empty_axes', 0) === 1) return [...shape];
  const keep = intAttribute(context.node, 'keepdims', 1) === 1;
  return shape.flatMap((dimension, axis) => (given.length > 0 && !axes.has(axis) ? [dimension] : keep ? [1] : []));
}

const REDUCTIONS: readonly OperatorSchema[] = ['ReduceMax', 'ReduceMin', 'ReduceSum', 'ReduceProd', 'ReduceMean', 'ReduceSumSquare', 'ReduceL1'].map((opType) => ({
  opType, domain: ONNX, inputs: [1, 2], outputs: 1, attributes: { axes: 'ints', keepdims: 'int', noop_with_empty_axes: 'int' },
  infer: (context: InferContext) => [{ type: context.input(0).type, shape: reducedShape(context) }],
  ...(opType === 'ReduceProd' && { fold: productOfAll }),
}));

/** Exporters compute element counts as the product of a shape. */
function productOfAll(context: InferContext): Tensor | undefined {
  const tensor = context.constant(0) as Tensor;
  const shape = reducedShape(context);
  if (tensor.type !== 'int64' || elementCount(shape) !== 1) return undefined;
  const data = newTensorData('int64', 1);
  data[0] = BigInt.asIntN(64, (tensor.data as BigInt64Array).reduce((product, value) => product * value, 1n)) as never;
  return { type: 'int64', shape, data };
}

function cumulative(opType: string): OperatorSchema {
  return {
    opType, domain: ONNX, inputs: [2, 2], outputs: 1, attributes: { exclusive: 'int', reverse: 'int' },
    infer: (context) => {
      context.expectType(1, 'axis', ['int32', 'int64']);
      return [context.input(0)];
    },
  };
}

const ORDER: readonly OperatorSchema[] = [
  cumulative('CumSum'), cumulative('CumProd'),
  {
    opType: 'TopK', domain: ONNX, inputs: [2, 2], outputs: 2, attributes: { axis: 'int', largest: 'int', sorted: 'int' },
    infer: (context) => {
      const { type, shape } = context.input(0);
      const axis = context.axis(intAttribute(context.node, 'axis', -1), shape.length);
      const [k] = context.integers(1, 'number k');
      if (k === undefined || k < 1 || k > (shape[axis] ?? 0)) throw context.invalid('k does not fit the axis', `1 to ${shape[axis] ?? 0}`, String(k));
      const output = shape.map((dimension, at) => (at === axis ? k : dimension));
      return [{ type, shape: output }, { type: 'int64', shape: output }];
    },
  },
];

/** The shape of the result is the number of elements that meet a condition: no circuit has such an output. */
function dataDependent(opType: string, outputs: number, attributes: Readonly<Record<string, Attribute['kind']>> = {}): OperatorSchema {
  return {
    opType, domain: ONNX, inputs: [1, 1], outputs, attributes,
    infer: (context) => {
      throw context.unsupported(`The shape of the result of ${opType} depends on the data`, 'Keep a mask of the original shape instead: a comparison, and Where.');
    },
  };
}

export const INTEGER: readonly OperatorSchema[] = [
  ...COMPARISONS, ...CHOICE, ...REDUCTIONS, ...ORDER,
  dataDependent('NonZero', 1), dataDependent('Unique', 4, { axis: 'int', sorted: 'int' }),
];
