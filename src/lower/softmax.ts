/**
 * QLinearSoftmax as ONNX Runtime 1.30 computes it: the exponentials are looked up in a table of 256 float32 numbers that begins at the
 * maximum of the row, and added one after the other, in the same order on every processor. Only the table depends on the machine's
 * library; it is the double-precision exponential, rounded to float32, of an exponent with a float32 logarithm in it.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearSoftmax
 */
import { ZkonnxError } from '../errors/index.js';
import { intAttribute } from '../onnx/attributes.js';
import { elementCount, type GraphNode } from '../onnx/graph.js';
import { hull } from '../program/interval.js';
import { innermost } from './axes.js';
import type { LoweringContext } from './context.js';
import { IntegerBuilder } from './integerBuilder.js';
import { quantizationAt } from './quantization.js';

const LARGEST_FLOAT = 3.4028234663852886e38;

/** What ONNX Runtime leaves free below the largest float32, as a natural logarithm. */
const RESERVE = 5;

/** The axis of a node that names none, in every opset: the default of the schema stands in before the kernel could choose another. */
const DEFAULT_AXIS = -1;

/** The opset since which the axis stays alone; before, it and all axes after it were one. */
const AXIS_ALONE_SINCE = 13;

/**
 * y = saturate(roundHalfEven(f(f(T[d]·c) / S)) + zy), d = max(x) − x, T[d] = f(e^((shift − d)·sx)), S = Σ T[d] in float32 in the order of
 * the row, c = ⌊f(1 / sy)⌋ and shift·sx = max(0, f(ln f(3.4·10³⁸ / length)) − 5).
 * @throws ZkonnxError OPERATOR_UNSUPPORTED for rows of one element, and where ONNX Runtime's numbers overflow
 */
export function lowerQLinearSoftmax(node: GraphNode, context: LoweringContext): void {
  const name = node.inputs[0] as string;
  const x = quantizationAt(node, context, 1, name);
  const y = quantizationAt(node, context, 3, node.outputs[0] as string);
  const b = new IntegerBuilder(node, context);
  const input = b.input(0);
  const shape = b.shape(input);
  const alone = intAttribute(node, 'opset', 0) >= AXIS_ALONE_SINCE;
  const given = intAttribute(node, 'axis', DEFAULT_AXIS);
  const axis = given < 0 ? given + shape.length : given;
  const axes = alone ? [axis] : [...shape.keys()].slice(axis);
  const length = elementCount(axes.map((at) => shape[at] as number));

  const shift = Math.max(0, Math.fround(Math.log(Math.fround(LARGEST_FLOAT / length))) - RESERVE) / x.scale;
  const factor = Math.floor(Math.fround(1 / y.scale));
  const { lo, hi } = hull(context.program.tensor(input).bounds);
  const terms = Float64Array.from({ length: hi - lo + 1 }, (_, d) => Math.fround(Math.exp((shift - d) * x.scale)));
  const numerators = terms.map((term) => Math.fround(term * factor));
  const most = Math.min(y.hi - y.zeroPoint, factor);
  refuse(node, length < 2, 'has rows of one element, on which ONNX Runtime overflows', 'Remove it: the softmax of one element is 1.');
  refuse(node, !Number.isFinite(numerators[0] as number), 'has an output scale so small that the numerators of ONNX Runtime overflow', 'Use 1/256.');
  refuse(node, most < 1 || terms.length < 2, 'has a result that is always the same', 'Use an output scale of 1/256, and a zero point of 0, or −128 for int8.');

  const order = innermost(shape, axes);
  const back = new Int32Array(order.length);
  order.forEach((element, place) => { back[element] = place; });
  const rows = b.view([input], order, shape);
  const levels = context.program.add(
    { kind: 'softmax', inputs: [rows], length, terms, numerators, most },
    { name: `${node.outputs[0]}:levels`, node: node.name, type: 'int32', shape },
  );
  b.finish(b.sum([[1, b.view([levels], back, shape)]], y.zeroPoint));
}

function refuse(node: GraphNode, condition: boolean, what: string, fix: string): void {
  if (condition) throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (QLinearSoftmax) ${what}.`, node: node.name, fix });
}
