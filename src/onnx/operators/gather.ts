/** Operators that pick elements by number, or put them in numbered places. */
import { intAttribute, stringAttribute } from '../attributes.js';
import { gatherTensor } from '../fold/movement.js';
import { forEachIndex, moved } from '../fold/moved.js';
import { gatherElements, gatherSlices, scatterElements, scatterSlices, type Slices } from '../fold/scatter.js';
import { elementCount, type ElementType, type Tensor } from '../graph.js';
import { stridesOf } from '../shape.js';
import { ONNX, type InferContext, type OperatorSchema } from './schema.js';

const INDEX: readonly ElementType[] = ['int64', 'int32'];
const FIRST = (): readonly number[] => [0];

/** Indices along an axis, negative ones counted from its end. */
function indicesAlong(context: InferContext, input: number, size: number): number[] {
  return context.integers(input, 'indices').map((index) => {
    const at = index < 0 ? index + size : index;
    if (at < 0 || at >= size) throw context.invalid('An index is outside the axis', `${-size} to ${size - 1}`, String(index));
    return at;
  });
}

function axisOf(context: InferContext): { axis: number; size: number } {
  const { shape } = context.input(0);
  const axis = context.axis(intAttribute(context.node, 'axis', 0), shape.length);
  return { axis, size: shape[axis] ?? 0 };
}

/** The slices that index tuples name: the indices are the last dimension of the index tensor. */
function slicesOf(context: InferContext, batchDimensions: number): { slices: Slices; shape: number[] } {
  const { shape } = context.input(0);
  const { shape: indexShape } = context.input(1);
  const { depth, prefix, rest } = tupleShape(context, batchDimensions);
  const strides = stridesOf(shape);
  const tuples = context.integers(1, 'indices');
  const perBatch = elementCount(indexShape.slice(batchDimensions, -1));
  const batchStride = elementCount(shape.slice(batchDimensions));
  const starts = Array.from({ length: elementCount(indexShape.slice(0, -1)) }, (_, tuple) => {
    let start = Math.floor(tuple / perBatch) * batchStride;
    for (let position = 0; position < depth; position++) {
      const axis = batchDimensions + position;
      const size = shape[axis] as number;
      const given = tuples[tuple * depth + position] as number;
      const at = given < 0 ? given + size : given;
      if (at < 0 || at >= size) throw context.invalid('An index is outside its axis', `${-size} to ${size - 1}`, String(given));
      start += at * (strides[axis] as number);
    }
    return start;
  });
  return { slices: { starts, length: elementCount(rest) }, shape: [...prefix, ...rest] };
}

function tupleShape(context: InferContext, batchDimensions: number): { depth: number; prefix: readonly number[]; rest: readonly number[] } {
  const { shape } = context.input(0);
  const { shape: indexShape } = context.expectType(1, 'indices', ['int64']);
  const depth = indexShape.at(-1);
  const fits = depth !== undefined && depth >= 1 && batchDimensions >= 0 && batchDimensions < indexShape.length && batchDimensions + depth <= shape.length
    && shape.slice(0, batchDimensions).join() === indexShape.slice(0, batchDimensions).join();
  if (!fits) throw context.shapeMismatch('The indices do not fit the input', `tuples of at most ${shape.length} indices`, [shape, indexShape]);
  return { depth, prefix: indexShape.slice(0, -1), rest: shape.slice(batchDimensions + depth) };
}

function moveUnlessReduced(context: InferContext): readonly number[] | undefined {
  return (stringAttribute(context.node, 'reduction') ?? 'none') === 'none' ? [0, 2] : undefined;
}

function elementsFit(context: InferContext, shapes: readonly (readonly number[])[]): void {
  const { shape } = context.input(0);
  const { axis } = axisOf(context);
  const [indices] = shapes as [readonly number[]];
  const fits = shapes.every((other) => other.join() === indices.join()) && indices.length === shape.length && indices.every((size, at) => at === axis || size <= (shape[at] as number));
  if (!fits) throw context.shapeMismatch('The indices do not fit the input', 'equal shapes that lie within the input but for the axis', [shape, ...shapes]);
}

function scatter(opType: 'Scatter' | 'ScatterElements'): OperatorSchema {
  return {
    opType, domain: ONNX, inputs: [3, 3], outputs: 1, attributes: { axis: 'int', reduction: 'string' },
    infer: (context) => {
      const data = context.input(0);
      context.expectType(1, 'indices', INDEX);
      context.expectType(2, 'updates', [data.type]);
      elementsFit(context, [context.input(1).shape, context.input(2).shape]);
      return [data];
    },
    fold: (context) => {
      if (moveUnlessReduced(context) === undefined) return undefined;
      const { axis, size } = axisOf(context);
      return scatterElements(context.constant(0) as Tensor, context.constant(2) as Tensor, { indices: indicesAlong(context, 1, size), axis });
    },
    moves: moveUnlessReduced,
  };
}

/** https://onnx.ai/onnx/operators/onnx__Compress.html */
function compressed(context: InferContext): { picked: number[]; axis: number | undefined } {
  const { shape } = context.input(0);
  const given = intAttribute(context.node, 'axis');
  const axis = given === undefined ? undefined : context.axis(given, shape.length);
  const size = axis === undefined ? elementCount(shape) : (shape[axis] as number);
  const condition = context.integers(1, 'condition');
  if (condition.length > size) throw context.shapeMismatch('The condition is longer than the axis', `at most ${size}`, [[condition.length]]);
  return { picked: condition.flatMap((keep, index) => (keep ? [index] : [])), axis };
}

/** https://onnx.ai/onnx/operators/onnx__OneHot.html: `values` holds the value elsewhere, then the value at the index. */
export function oneHotShape(context: InferContext): { axis: number; depth: number; shape: number[] } {
  const { shape } = context.input(0);
  const given = intAttribute(context.node, 'axis', -1);
  const axis = given < 0 ? given + shape.length + 1 : given;
  const [depth] = context.constant(1) === undefined ? context.integers(1, 'depth') : Array.from<number | bigint, number>(context.constant(1)?.data ?? [], Number);
  if (axis < 0 || axis > shape.length || depth === undefined || !Number.isInteger(depth) || depth < 1) throw context.invalid('The axis or the depth is wrong', `an axis from ${-shape.length - 1} to ${shape.length} and a positive depth`, `axis ${given}, depth ${depth}`);
  if (context.input(2).shape.join() !== '2') throw context.shapeMismatch('The values of OneHot are not two', '[2]', [context.input(2).shape]);
  return { axis, depth, shape: [...shape.slice(0, axis), depth, ...shape.slice(axis)] };
}

function oneHot(context: InferContext): Tensor | undefined {
  const { axis, depth, shape } = oneHotShape(context);
  const indices = Array.from<number | bigint, number>((context.constant(0) as Tensor).data, Number);
  if (!indices.every(Number.isInteger)) return undefined;
  const inner = elementCount(shape.slice(axis + 1));
  return moved(context.constant(2) as Tensor, shape, (coordinates, flat) => {
    const index = indices[Math.floor(flat / (inner * depth)) * inner + (flat % inner)] as number;
    return (index < 0 ? index + depth : index) === coordinates[axis] ? 1 : 0;
  });
}

/** Of a ScatterElements or ScatterND, the place in the flattened input that each element of the updates goes to. */
export function scatterTargets(context: InferContext): number[] {
  const count = elementCount(context.input(2).shape);
  if (context.node.opType === 'ScatterND') {
    const { starts, length } = slicesOf(context, 0).slices;
    return Array.from({ length: count }, (_, update) => (starts[Math.floor(update / length)] as number) + (update % length));
  }
  const { axis, size } = axisOf(context);
  const indices = indicesAlong(context, 1, size);
  const strides = stridesOf(context.input(0).shape);
  const targets: number[] = [];
  forEachIndex(context.input(2).shape, (coordinates, update) => {
    targets.push(coordinates.reduce((sum, coordinate, at) => sum + (at === axis ? (indices[update] as number) : coordinate) * (strides[at] as number), 0));
  });
  return targets;
}

export const GATHER: readonly OperatorSchema[] = [
  {
    opType: 'Gather', domain: ONNX, inputs: [2, 2], outputs: 1, attributes: { axis: 'int' },
    infer: (context) => {
      const { type, shape } = context.input(0);
      const { axis } = axisOf(context);
      context.expectType(1, 'indices', INDEX);
      return [{ type, shape: [...shape.slice(0, axis), ...context.input(1).shape, ...shape.slice(axis + 1)] }];
    },
    fold: (context) => {
      const { axis, size } = axisOf(context);
      return gatherTensor(context.constant(0) as Tensor, indicesAlong(context, 1, size), context.input(1).shape, axis);
    },
    moves: FIRST,
  },
  {
    opType: 'GatherElements', domain: ONNX, inputs: [2, 2], outputs: 1, attributes: { axis: 'int' },
    infer: (context) => {
      const { shape } = context.expectType(1, 'indices', INDEX);
      elementsFit(context, [shape]);
      return [{ type: context.input(0).type, shape }];
    },
    fold: (context) => {
      const { axis, size } = axisOf(context);
      return gatherElements(context.constant(0) as Tensor, { indices: indicesAlong(context, 1, size), shape: context.input(1).shape, axis });
    },
    moves: FIRST,
  },
  {
    opType: 'GatherND', domain: ONNX, inputs: [2, 2], outputs: 1, attributes: { batch_dims: 'int' },
    infer: (context) => {
      const { prefix, rest } = tupleShape(context, intAttribute(context.node, 'batch_dims', 0));
      return [{ type: context.input(0).type, shape: [...prefix, ...rest] }];
    },
    fold: (context) => {
      const { slices, shape } = slicesOf(context, intAttribute(context.node, 'batch_dims', 0));
      return gatherSlices(context.constant(0) as Tensor, slices, shape);
    },
    moves: FIRST,
  },
  scatter('Scatter'),
  scatter('ScatterElements'),
  {
    opType: 'ScatterND', domain: ONNX, inputs: [3, 3], outputs: 1, attributes: { reduction: 'string' },
    infer: (context) => {
      const data = context.input(0);
      const { prefix, rest } = tupleShape(context, 0);
      const updates = context.expectType(2, 'updates', [data.type]);
      if (updates.shape.join() !== [...prefix, ...rest].join()) throw context.shapeMismatch('The updates do not fit the indices', `[${[...prefix, ...rest].join(', ')}]`, [updates.shape]);
      return [data];
    },
    fold: (context) => (moveUnlessReduced(context) === undefined ? undefined : scatterSlices(context.constant(0) as Tensor, context.constant(2) as Tensor, slicesOf(context, 0).slices)),
    moves: moveUnlessReduced,
  },
  {
    opType: 'Compress', domain: ONNX, inputs: [2, 2], outputs: 1, attributes: { axis: 'int' },
    infer: (context) => {
      const { type, shape } = context.input(0);
      context.expectType(1, 'condition', ['bool']);
      const { picked, axis } = compressed(context);
      return [{ type, shape: axis === undefined ? [picked.length] : shape.map((size, at) => (at === axis ? picked.length : size)) }];
    },
    fold: (context) => {
      const { picked, axis } = compressed(context);
      const tensor = context.constant(0) as Tensor;
      return axis === undefined ? gatherTensor({ ...tensor, shape: [tensor.data.length] }, picked, [picked.length], 0) : gatherTensor(tensor, picked, [picked.length], axis);
    },
    moves: FIRST,
  },
  {
    opType: 'OneHot', domain: ONNX, inputs: [3, 3], outputs: 1, attributes: { axis: 'int' },
    infer: (context) => [{ type: context.input(2).type, shape: oneHotShape(context).shape }],
    fold: oneHot,
    moves: () => [2],
  },
];
