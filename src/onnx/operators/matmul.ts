import { floatAttribute, intAttribute } from '../attributes.js';
import type { ElementType, TensorType } from '../graph.js';
import { broadcastShape } from '../shape.js';
import { checkQuantization } from './quantization.js';
import { MICROSOFT, ONNX, type InferContext, type OperatorSchema } from './schema.js';

const EIGHT_BIT: readonly ElementType[] = ['uint8', 'int8'];

/** NumPy's matmul. https://onnx.ai/onnx/operators/onnx__MatMul.html */
function matMulShape(context: InferContext, a: TensorType, b: TensorType): number[] {
  const left = a.shape.length === 1 ? [1, ...a.shape] : [...a.shape];
  const right = b.shape.length === 1 ? [...b.shape, 1] : [...b.shape];
  const batch = broadcastShape(left.slice(0, -2), right.slice(0, -2));
  if (a.shape.length === 0 || b.shape.length === 0 || batch === undefined || left.at(-1) !== right.at(-2)) {
    throw context.shapeMismatch('The factors do not fit together', '[…, M, K] and […, K, N]', [a.shape, b.shape]);
  }
  return [...batch, ...(a.shape.length === 1 ? [] : [left.at(-2) as number]), ...(b.shape.length === 1 ? [] : [right.at(-1) as number])];
}

/** https://onnx.ai/onnx/operators/onnx__Gemm.html */
function gemmShape(context: InferContext, a: TensorType, b: TensorType, bias: TensorType | undefined): [number, number] {
  const swap = ([rows, columns]: readonly number[]): (number | undefined)[] => [columns, rows];
  const [m, k] = intAttribute(context.node, 'transA', 0) ? swap(a.shape) : a.shape;
  const [k2, n] = intAttribute(context.node, 'transB', 0) ? swap(b.shape) : b.shape;
  if (a.shape.length !== 2 || b.shape.length !== 2 || k !== k2 || m === undefined || n === undefined) {
    throw context.shapeMismatch('The factors do not fit together', '[M, K] and [K, N], each transposed when transA or transB is 1', [a.shape, b.shape]);
  }
  if (bias && (bias.shape.length > 2 || broadcastShape(bias.shape, [m, n])?.join() !== `${m},${n}`)) {
    throw context.shapeMismatch('The bias does not broadcast to the output', `[${m}, ${n}]`, [bias.shape]);
  }
  return [m, n];
}

export const MATMUL: readonly OperatorSchema[] = [
  {
    opType: 'MatMul', domain: ONNX, inputs: [2, 2], outputs: 1, attributes: {},
    infer: (context) => {
      const a = context.expectType(0, 'left factor', ['float32', 'int32', 'uint32', 'int64', 'uint64']);
      return [{ type: a.type, shape: matMulShape(context, a, context.expectType(1, 'right factor', [a.type])) }];
    },
  },
  {
    opType: 'Gemm', domain: ONNX, inputs: [2, 3], outputs: 1, attributes: { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' },
    infer: (context) => {
      const bias = context.has(2) ? context.expectType(2, 'bias', ['float32']) : undefined;
      return [{ type: 'float32', shape: gemmShape(context, context.expectType(0, 'left factor', ['float32']), context.expectType(1, 'right factor', ['float32']), bias) }];
    },
  },
  {
    opType: 'MatMulInteger', domain: ONNX, inputs: [2, 4], outputs: 1, attributes: {},
    infer: (context) => {
      const a = context.expectType(0, 'left factor', EIGHT_BIT);
      const b = context.expectType(1, 'right factor', EIGHT_BIT);
      if (context.has(2)) context.expectType(2, 'left zero point', [a.type]);
      if (context.has(3)) context.expectType(3, 'right zero point', [b.type]);
      return [{ type: 'int32', shape: matMulShape(context, a, b) }];
    },
  },
  {
    opType: 'QLinearMatMul', domain: ONNX, inputs: [8, 8], outputs: 1, attributes: {},
    infer: (context) => {
      const a = context.expectType(0, 'left factor', EIGHT_BIT);
      const b = context.expectType(3, 'right factor', EIGHT_BIT);
      const y = context.expectType(7, 'output zero point', EIGHT_BIT);
      checkQuantization(context, { scale: 1, zeroPoint: 2, type: a.type });
      checkQuantization(context, { scale: 4, zeroPoint: 5, type: b.type, channels: b.shape.at(-1) ?? 1 });
      checkQuantization(context, { scale: 6, zeroPoint: 7, type: y.type });
      return [{ type: y.type, shape: matMulShape(context, a, b) }];
    },
  },
  {
    opType: 'QGemm', domain: MICROSOFT, inputs: [6, 9], outputs: 1, attributes: { alpha: 'float', transA: 'int', transB: 'int' },
    infer: (context) => {
      const a = context.expectType(0, 'left factor', EIGHT_BIT);
      const b = context.expectType(3, 'right factor', EIGHT_BIT);
      const bias = context.has(6) ? context.expectType(6, 'bias', ['int32']) : undefined;
      const shape = gemmShape(context, a, b, bias);
      if (!(floatAttribute(context.node, 'alpha', 1) > 0)) throw context.unsupported('alpha is not positive');
      checkQuantization(context, { scale: 1, zeroPoint: 2, type: a.type });
      checkQuantization(context, { scale: 4, zeroPoint: 5, type: b.type, channels: shape[1] });
      if (!context.has(7)) return [{ type: 'float32', shape }];
      const y = context.expectType(8, 'output zero point', EIGHT_BIT);
      checkQuantization(context, { scale: 7, zeroPoint: 8, type: y.type });
      return [{ type: y.type, shape }];
    },
  },
];
