/** QuantizeLinear and its kin, and the checks on scales and zero points that all quantized operators share. */
import { ZkonnxError } from '../../errors/index.js';
import { intAttribute } from '../attributes.js';
import { elementTypeOf, isQuantizedType, type QuantizedType } from '../elementType.js';
import { quantizeTensor } from '../float32.js';
import type { ElementType, Tensor } from '../graph.js';
import { sameShape } from '../shape.js';
import { MICROSOFT, ONNX, type InferContext, type OperatorSchema } from './schema.js';

const ATTRIBUTES = { axis: 'int', block_size: 'int', output_dtype: 'int', saturate: 'int', precision: 'int' } as const;

/**
 * Checks a scale and a zero point: float32 and the type given, of the same shape, one element or one per channel; constant scales
 * positive and finite.
 */
export function checkQuantization(context: InferContext, { scale, zeroPoint, type, channels }: {
  /** Index of the input that holds the scale. */
  scale: number;
  zeroPoint: number;
  type: ElementType;
  /** How many channels the tensor may be quantized by. */
  channels?: number;
}): void {
  const scaleType = context.expectType(scale, 'scale', ['float32']);
  const single = scaleType.shape.every((dimension) => dimension === 1);
  if (!single && !(channels !== undefined && scaleType.shape.reduce((product, dimension) => product * dimension, 1) === channels)) {
    throw context.shapeMismatch('The scale has the wrong shape', channels === undefined ? 'one element' : `one element or ${channels}`, [scaleType.shape]);
  }
  if (context.has(zeroPoint)) {
    const zeroPointType = context.expectType(zeroPoint, 'zero point', [type]);
    const bothSingle = single && zeroPointType.shape.every((dimension) => dimension === 1);
    if (!bothSingle && !sameShape(scaleType.shape, zeroPointType.shape) && !zeroPointType.shape.every((dimension) => dimension === 1)) {
      throw context.shapeMismatch('Scale and zero point differ in shape', 'the same shape', [scaleType.shape, zeroPointType.shape]);
    }
  }
  checkScale(context, context.constant(scale));
}

function checkScale(context: InferContext, scale: Tensor | undefined): void {
  for (const value of scale?.data ?? []) {
    if (!(Number(value) > 0) || !Number.isFinite(Number(value))) throw context.invalid('A scale is not a positive number', 'a positive finite float32', String(value));
  }
}

/** How many channels the tensor has along the axis of the node. */
function channelsOf(context: InferContext): number {
  const { shape } = context.input(0);
  const single = context.input(1).shape.every((dimension) => dimension === 1);
  if (single) return 1;
  return shape[context.axis(intAttribute(context.node, 'axis', 1), shape.length)] ?? 1;
}

function refuseBlocks(context: InferContext): void {
  if (intAttribute(context.node, 'block_size', 0) !== 0) throw context.unsupported('Quantization by blocks is not supported', 'Quantize per tensor, or per channel for weights.');
}

function quantizedOutputType(context: InferContext): QuantizedType {
  const declared = intAttribute(context.node, 'output_dtype', 0);
  const type = context.has(2) ? context.input(2).type : declared !== 0 ? elementTypeOf(declared) : 'uint8';
  if (type === undefined || (declared !== 0 && elementTypeOf(declared) !== type)) throw context.invalid('output_dtype does not fit the zero point', type, String(elementTypeOf(declared)));
  if (!isQuantizedType(type)) {
    throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The node '${context.node.name}' (QuantizeLinear) makes ${type}.`, node: context.node.name, expected: 'uint8, int8, uint16 or int16', found: type });
  }
  return type;
}

const quantizeLinear = (domain: string): OperatorSchema => ({
  opType: 'QuantizeLinear', domain, inputs: [2, 3], outputs: 1, attributes: ATTRIBUTES,
  infer: (context) => {
    refuseBlocks(context);
    const x = context.expectType(0, 'input', ['float32']);
    const type = quantizedOutputType(context);
    checkQuantization(context, { scale: 1, zeroPoint: 2, type, channels: channelsOf(context) });
    return [{ type, shape: x.shape }];
  },
  fold: (context) => {
    const [x, scale, zeroPoint] = [context.constant(0), context.constant(1), context.constant(2)];
    if (x === undefined || scale === undefined || x.data.some((value) => Number.isNaN(value as number))) return undefined;
    return quantizeTensor({ tensor: x, scale, zeroPoint, type: quantizedOutputType(context), axis: axisOf(context) });
  },
});

function axisOf(context: InferContext): number {
  const { shape } = context.input(0);
  return context.input(1).shape.every((dimension) => dimension === 1) ? 0 : context.axis(intAttribute(context.node, 'axis', 1), shape.length);
}

const dequantizeLinear = (domain: string): OperatorSchema => ({
  opType: 'DequantizeLinear', domain, inputs: [2, 3], outputs: 1, attributes: ATTRIBUTES,
  infer: (context) => {
    refuseBlocks(context);
    const x = context.input(0);
    if (!isQuantizedType(x.type) && x.type !== 'int32') {
      throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The node '${context.node.name}' (DequantizeLinear) reads ${x.type}.`, node: context.node.name, expected: '8-bit or 16-bit integers, or int32', found: x.type });
    }
    checkQuantization(context, { scale: 1, zeroPoint: 2, type: x.type, channels: channelsOf(context) });
    return [{ type: 'float32', shape: x.shape }];
  },
});

export const QUANTIZATION: readonly OperatorSchema[] = [
  quantizeLinear(ONNX), dequantizeLinear(ONNX), quantizeLinear(MICROSOFT), dequantizeLinear(MICROSOFT),
];
