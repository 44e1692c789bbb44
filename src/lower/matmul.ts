/**
 * QLinearMatMul and MatMulInteger of constants and activations in any combination, QGemm with constant weights.
 * https://onnx.ai/onnx/operators/onnx__QLinearMatMul.html, https://onnx.ai/onnx/operators/onnx__MatMulInteger.html,
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QGemm
 */
import { ZkonnxError } from '../errors/index.js';
import { floatAttribute, intAttribute } from '../onnx/attributes.js';
import { elementCount, type GraphNode, type Tensor } from '../onnx/graph.js';
import type { MatMulMap } from '../program/linear.js';
import type { TensorDescription } from '../program/builder.js';
import type { TensorId } from '../program/program.js';
import { integers, type LoweringContext } from './context.js';
import { addLinear, type LinearByWeights } from './linearMap.js';
import { transpose } from './movement.js';
import { defineRequantize, scales, singleScale, singleZeroPoint } from './quantization.js';

/** y = requantize(Σ (a − aZero)(b − bZero)), M[n] = f(f(aScale · bScale[n]) / yScale). */
export function lowerQLinearMatMul(node: GraphNode, context: LoweringContext): void {
  const aScale = singleScale(node, context.requireConstant(node, 1, 'scale of a'));
  const bScale = scales(node, context.requireConstant(node, 4, 'scale of b'));
  const yScale = singleScale(node, context.requireConstant(node, 6, 'output scale'));
  const accumulator = product(node, context, { a: 0, aZero: 2, b: 3, bZero: 5 }, true);
  defineRequantize(context, node, {
    accumulator,
    multipliers: Array.from(bScale, (scale) => Math.fround(Math.fround(aScale * scale) / yScale)),
    inner: 1,
    zeroPoint: singleZeroPoint(node, context.constant(node.inputs[7])),
  });
}

export function lowerMatMulInteger(node: GraphNode, context: LoweringContext): void {
  context.alias(node, product(node, context, { a: 0, aZero: 2, b: 1, bZero: 3 }, false));
}

/** y = requantize(α · A · B + C), M[n] = f(f(f(α · aScale) · bScale[n]) / yScale); C is int32 and not scaled. */
export function lowerQGemm(node: GraphNode, context: LoweringContext): void {
  const aScale = singleScale(node, context.requireConstant(node, 1, 'scale of A'));
  const bScale = scales(node, context.requireConstant(node, 4, 'scale of B'));
  if (!node.inputs[7]) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
      message: `Node "${node.name}" (QGemm) has no output scale, so its output is float.`,
      node: node.name,
      fix: 'Quantize the output of the node.',
    });
  }
  const yScale = singleScale(node, context.requireConstant(node, 7, 'output scale'));
  const alpha = floatAttribute(node, 'alpha', 1);
  if (!(alpha > 0 && Number.isFinite(alpha))) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (QGemm) has an alpha that is not positive.`, node: node.name, expected: 'alpha > 0', found: String(alpha) });
  }
  const weights = context.requireConstant(node, 3, 'B');
  const transB = intAttribute(node, 'transB', 0) === 1;
  const [inner, columns] = (transB ? [...weights.shape].reverse() : weights.shape) as [number, number];
  const zeros = columnZeros(context.constant(node.inputs[5]), columns, node);
  const a = context.tensor(node.inputs[0] as string, node);
  const input = intAttribute(node, 'transA', 0) === 1 ? transpose(context, node, a, [1, 0]) : a;
  const rows = context.program.tensor(input).shape[0] as number;
  const accumulator = addLinear<MatMulMap>(
    context,
    node,
    {
      input,
      geometry: {
        kind: 'matmul',
        rows,
        inner,
        columns,
        inputBatch: Int32Array.of(0),
        weightBatch: Int32Array.of(0),
        inputZero: singleZeroPoint(node, context.constant(node.inputs[2])),
      },
      weights: { name: node.inputs[3] as string, tensor: weights },
      arrange: transB ? (values) => transposed(values, weights.shape) : undefined,
      weightZero: (index) => zeros[zeros.length === 1 ? 0 : index % columns] as number,
      ...gemmBias(node, context, rows, columns),
    },
    { name: `${node.outputs[0]}:accumulator`, node: node.name, type: 'int32', shape: [rows, columns] },
  );
  defineRequantize(context, node, {
    accumulator,
    multipliers: Array.from(bScale, (scale) => Math.fround(Math.fround(Math.fround(alpha * aScale) * scale) / yScale)),
    inner: 1,
    zeroPoint: singleZeroPoint(node, context.constant(node.inputs[8])),
  });
}

/** C broadcast to [rows, columns]; one row of it when all rows are equal. */
function gemmBias(node: GraphNode, context: LoweringContext, rows: number, columns: number): Pick<LinearByWeights<MatMulMap>, 'biases' | 'bias'> {
  if (!node.inputs[6]) return { biases: columns };
  const tensor = context.requireConstant(node, 6, 'C');
  const [height, width] = [1, 1, ...tensor.shape].slice(-2) as [number, number];
  const biases = height === 1 ? columns : rows * columns;
  const arrange = (values: Int32Array): Int32Array => Int32Array.from({ length: biases }, (_, i) => values[(height === 1 ? 0 : Math.floor(i / columns) * width) + (width === 1 ? 0 : i % columns)] as number);
  return { biases, bias: { name: node.inputs[6], tensor, arrange } };
}

interface ProductInputs {
  readonly a: number;
  readonly aZero: number;
  readonly b: number;
  readonly bZero: number;
}

/** Σ (a − aZero)(b − bZero), batched and broadcast as numpy.matmul does; `intermediate` when the node goes on from there. */
function product(node: GraphNode, context: LoweringContext, inputs: ProductInputs, intermediate: boolean): TensorId {
  const [aName, bName] = [node.inputs[inputs.a] as string, node.inputs[inputs.b] as string];
  const shape = context.type(node.outputs[0] as string).shape;
  const describe = { name: intermediate ? `${node.outputs[0]}:accumulator` : (node.outputs[0] as string), node: node.name, type: 'int32', shape } as const;
  const weights = context.constant(bName);
  if (weights === undefined) {
    const constantLeft = context.constant(aName);
    return constantLeft === undefined ? productOfActivations(node, context, inputs, describe) : productByLeft(node, context, inputs, constantLeft, describe);
  }
  const input = context.type(aName).shape;
  const left = input.length === 1 ? [1, ...input] : input;
  const right = weights.shape.length === 1 ? [...weights.shape, 1] : weights.shape;
  const [rows, inner] = left.slice(-2) as [number, number];
  const columns = right.at(-1) as number;
  const batch = broadcastBatches(left.slice(0, -2), right.slice(0, -2));
  const zeros = columnZeros(context.constant(node.inputs[inputs.bZero]), columns, node);
  const map: LinearByWeights<MatMulMap> = {
    input: context.tensor(aName, node),
    geometry: { kind: 'matmul', rows, inner, columns, inputBatch: batch.left, weightBatch: batch.right, inputZero: singleZeroPoint(node, context.constant(node.inputs[inputs.aZero])) },
    weights: { name: bName, tensor: weights },
    weightZero: (index) => zeros[zeros.length === 1 ? 0 : index % columns] as number,
    biases: columns,
  };
  return addLinear(context, node, map, describe);
}

/** Constants on the left: the transposed product of the transposed operands. */
function productByLeft(node: GraphNode, context: LoweringContext, inputs: ProductInputs, weights: Tensor, describe: TensorDescription): TensorId {
  const b = context.tensor(node.inputs[inputs.b] as string, node);
  const { shape } = context.program.tensor(b);
  const input = shape.length === 1 ? b : transpose(context, node, b, swapLast(shape.length));
  const [rows, inner] = shape.length === 1 ? [1, shape[0] as number] : ([shape.at(-1), shape.at(-2)] as [number, number]);
  const left = weights.shape.length === 1 ? [1, ...weights.shape] : weights.shape;
  const columns = left.at(-2) as number;
  const batch = broadcastBatches(shape.slice(0, -2), left.slice(0, -2));
  const aZero = singleZeroPoint(node, context.constant(node.inputs[inputs.aZero]));
  const map: LinearByWeights<MatMulMap> = {
    input,
    geometry: { kind: 'matmul', rows, inner, columns, inputBatch: batch.left, weightBatch: batch.right, inputZero: singleZeroPoint(node, context.constant(node.inputs[inputs.bZero])) },
    weights: { name: node.inputs[inputs.a] as string, tensor: weights },
    // [matrices, columns, inner] to [matrices, inner, columns].
    arrange: (values) =>
      values.map((_, i) => {
        const matrix = Math.floor(i / (inner * columns)) * inner * columns;
        return values[matrix + (i % columns) * inner + (Math.floor(i / columns) % inner)] as number;
      }),
    weightZero: () => aZero,
    biases: columns,
  };
  const product = addLinear(context, node, map, { ...describe, name: `${describe.name}:turned`, shape: [...batch.shape, rows, columns] });
  const order = swapLast(batch.shape.length + 2);
  const turnedBack = transpose(context, node, product, order);
  return context.program.add({ kind: 'view', inputs: [turnedBack], fill: 0 }, describe);
}

function swapLast(rank: number): number[] {
  const order = Array.from({ length: rank }, (_, axis) => axis);
  return [...order.slice(0, -2), rank - 1, rank - 2];
}

/** Σ (a − aZero)(b − bZero) of two computed tensors: one row for every product. */
function productOfActivations(node: GraphNode, context: LoweringContext, inputs: ProductInputs, describe: TensorDescription): TensorId {
  const [a, b] = [context.tensor(node.inputs[inputs.a] as string, node), context.tensor(node.inputs[inputs.b] as string, node)];
  const [aShape, bShape] = [context.program.tensor(a).shape, context.program.tensor(b).shape];
  const left = aShape.length === 1 ? [1, ...aShape] : aShape;
  const right = bShape.length === 1 ? [...bShape, 1] : bShape;
  const [rows, inner] = left.slice(-2) as [number, number];
  const columns = right.at(-1) as number;
  const batch = broadcastBatches(left.slice(0, -2), right.slice(0, -2));
  const terms = batch.left.length * rows * columns * inner;
  const leftIndex = new Int32Array(terms);
  const rightIndex = new Int32Array(terms);
  for (let term = 0; term < terms; term++) {
    const k = term % inner;
    const element = Math.floor(term / inner);
    const column = element % columns;
    const row = Math.floor(element / columns) % rows;
    const matrix = Math.floor(element / (columns * rows));
    leftIndex[term] = ((batch.left[matrix] as number) * rows + row) * inner + k;
    rightIndex[term] = ((batch.right[matrix] as number) * inner + k) * columns + column;
  }
  return context.program.add(
    {
      kind: 'product',
      inputs: [a, b],
      terms: inner,
      left: leftIndex,
      right: rightIndex,
      leftZero: singleZeroPoint(node, context.constant(node.inputs[inputs.aZero])),
      rightZero: singleZeroPoint(node, context.constant(node.inputs[inputs.bZero])),
    },
    describe,
  );
}

/** The shape of the batches of the broadcast result, and for each of them the batch on either side. */
function broadcastBatches(left: readonly number[], right: readonly number[]): { shape: number[]; left: Int32Array; right: Int32Array } {
  const rank = Math.max(left.length, right.length);
  const padded = (shape: readonly number[]) => [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const [a, b] = [padded(left), padded(right)];
  const shape = a.map((size, axis) => Math.max(size, b[axis] as number));
  const indices = (own: readonly number[]) =>
    Int32Array.from({ length: elementCount(shape) }, (_, flat) => {
      let rest = flat;
      let index = 0;
      let stride = 1;
      for (let axis = rank - 1; axis >= 0; axis--) {
        const coordinate = rest % (shape[axis] as number);
        rest = Math.floor(rest / (shape[axis] as number));
        if (own[axis] !== 1) index += coordinate * stride;
        stride *= own[axis] as number;
      }
      return index;
    });
  return { shape, left: indices(a), right: indices(b) };
}

/** The zero points of the weights: one, or one per column. */
function columnZeros(zeroPoint: Tensor | undefined, columns: number, node: GraphNode): Int32Array {
  if (zeroPoint === undefined) return Int32Array.of(0);
  const zeros = integers(zeroPoint, node);
  if (zeros.length !== 1 && zeros.length !== columns) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) has ${zeros.length} weight zero points.`, node: node.name, expected: `1 or ${columns}, one per column`, found: String(zeros.length) });
  }
  return zeros;
}

function transposed(values: Int32Array, shape: readonly number[]): Int32Array {
  const [height, width] = shape as [number, number];
  return values.map((_, i) => values[(i % height) * width + Math.floor(i / height)] as number);
}
