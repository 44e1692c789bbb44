/** QLinearSoftmax, and Softmax between DequantizeLinear and QuantizeLinear. */
import { count, dequantized, operand, parameters, quantize, quantizedInputs, RANGE, type Quantization, type QuantizedValue, type StepContext, type StepMaker } from './step.js';

/** An element takes some hundreds of rows. */
const MOST_ELEMENTS = 64;

/** The opset since which the axis of Softmax stays alone. */
const AXIS_ALONE = 13;

const softmax: StepMaker = (context) => {
  const { random, style } = context;
  const x = operand(context, ({ shape }) => count(shape) <= MOST_ELEMENTS && shape.some((size) => size > 1));
  if (x === undefined) return undefined;
  const opset = style === 'qdq' ? AXIS_ALONE : random.pick([11, 12, AXIS_ALONE, AXIS_ALONE, 21]);
  const rank = x.shape.length;
  const length = (at: number): number => (opset < AXIS_ALONE ? count(x.shape.slice(at)) : (x.shape[at] as number));
  // One element alone is 1, which ONNX Runtime computes wrongly.
  const axis = random.pick([...x.shape.keys()].filter((at) => length(at) > 1));
  const written = random.chance(0.5) ? axis : axis - rank;
  // Left out, it is the last one.
  const attributes = axis === rank - 1 && random.chance(0.3) ? {} : { axis: written };
  return {
    label: style === 'qoperator' ? 'QLinearSoftmax' : 'QDQ Softmax',
    operands: [x], shape: x.shape, type: x.type, quantization: quantizationOf(context, x.type),
    float: (builder, [input], output) => builder.node('Softmax', [input as string], output, { axis }),
    emit: (builder, [given], output) => {
      const [source, target] = [given as QuantizedValue, output as QuantizedValue];
      if (style === 'qoperator') {
        builder.node('QLinearSoftmax', [...quantizedInputs(builder, source, `${target.name}_x`), ...parameters(builder, target, `${target.name}_y`)], target.name, { ...attributes, opset }, 'com.microsoft');
      } else {
        builder.node('Softmax', [dequantized(builder, source)], `${target.name}_float`, attributes);
        quantize(builder, `${target.name}_float`, target);
      }
    },
  };
};

/** Mostly all of [0, 1]; with a quantization of its own also scales that are not one over an integer, and results that saturate. */
function quantizationOf({ random, style }: StepContext, type: 'int8' | 'uint8'): Quantization {
  const { lo, hi } = RANGE[type];
  if (random.chance(0.5)) return { scale: 1 / 256, zeroPoint: lo };
  const steps = random.pick([random.int(1, 4), random.int(5, 255), random.int(256, 300)]);
  const scale = style === 'qdq' || random.chance(0.5) ? 1 / steps : 1 / (steps + random.unit());
  return { scale: Math.fround(scale), zeroPoint: random.chance(0.7) ? lo : random.int(lo, hi - 1) };
}

export const SOFTMAX: Readonly<Record<string, StepMaker>> = { softmax };
