/** Operators that only change the shape: the elements and their order stay. */
import { intAttribute, intsAttribute } from '../attributes.js';
import { reshapeTensor } from '../fold/movement.js';
import { elementCount, type Tensor } from '../graph.js';
import { ONNX, type InferContext, type OperatorSchema } from './schema.js';

/** A reshaping operator: its output shape decides everything. */
function reshaping(schema: Omit<OperatorSchema, 'domain' | 'outputs' | 'infer' | 'fold' | 'moves'>, shapeOf: (context: InferContext) => number[]): OperatorSchema {
  return {
    ...schema,
    domain: ONNX,
    outputs: 1,
    infer: (context) => [{ type: context.input(0).type, shape: shapeOf(context) }],
    fold: (context) => reshapeTensor(context.constant(0) as Tensor, shapeOf(context)),
    moves: () => [0],
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

export const RESHAPE: readonly OperatorSchema[] = [
  reshaping({ opType: 'Identity', inputs: [1, 1], attributes: {} }, (context) => [...context.input(0).shape]),
  reshaping({ opType: 'Flatten', inputs: [1, 1], attributes: { axis: 'int' } }, flattenedShape),
  reshaping({ opType: 'Reshape', inputs: [2, 2], attributes: { allowzero: 'int' } }, reshapedShape),
  reshaping({ opType: 'Squeeze', inputs: [1, 2], attributes: { axes: 'ints' } }, squeezedShape),
  reshaping({ opType: 'Unsqueeze', inputs: [1, 2], attributes: { axes: 'ints' } }, unsqueezedShape),
];
