/**
 * Softmax in integers alone: with d = max(q) − q and t = table[d], round(C · e^(−d · scale)), a result is ⌊t / Σt / scale′ + 1/2⌋, cut off.
 * Maxima, a table of 256 entries, sums, and one Div of two positive integers: every runtime computes them alike. QLinearSoftmax of
 * ONNX Runtime adds up float32 numbers from a library function.
 */
import { intsValue } from '../../onnx/attributes.js';
import { elementCount, type Tensor } from '../../onnx/graph.js';
import { constantInput } from '../floatGraph.js';
import type { LayerKind } from '../plan/layer.js';
import { LEAST, MOST } from '../plan/parameters.js';
import { softmaxAxes } from '../softmaxAxes.js';
import type { Emitter } from './emitter.js';
import { commonFractions, type Fraction } from './multiplier.js';
import { clampedRange, emitCut, LARGEST_SUM } from './requantize.js';

/** How far the integers of the table may move a result, and how far the fraction, in steps of the output. Rounding alone moves it by half a step. */
const TOLERANCE = 1 / 32;
const LARGEST_DENOMINATOR = 16;

/** The opset since which axes are an input of ReduceMax. */
const AXES_AS_INPUT = 18;

const STEPS = MOST - LEAST;

/** https://onnx.ai/onnx/operators/onnx__Softmax.html, and MaskedSoftmax. */
export const SOFTMAX: LayerKind = {
  saturates: true,
  emit: (emitter, { node, output, clamp }) => {
    const { name } = node;
    const [x] = node.inputs as [string];
    const axes = softmaxAxes(node, emitter.graph);
    const length = elementCount(axes.map((axis) => emitter.shape(x)[axis] as number));
    const parameters = emitter.parameters(output);
    const { one, share } = precisionOf(length, parameters.scale);
    const data = Int32Array.from({ length: STEPS + 1 }, (_, difference) => Math.max(1, Math.round(one * Math.exp(-difference * emitter.parameters(x).scale))));

    const wide = emitter.cast(`${name}/cast`, emitter.integers(x), 'int32');
    const keep = node.inputs[1] === undefined ? undefined : emitter.keep(node.inputs[1], constantInput(emitter.graph, node, 1) as Tensor);
    const kept = (what: string, tensor: string, otherwise: number): string => (keep === undefined ? tensor : emitter.add({ name: `${name}/${what}`, opType: 'Where', inputs: [keep, tensor, emitter.scalar(`${name}/${what}_else`, 'int32', otherwise)] }));
    const difference = emitter.add({ name: `${name}/difference`, opType: 'Sub', inputs: [maximum(emitter, name, kept('scores', wide, LEAST), axes), wide] });
    // What is masked may exceed the maximum; a negative index names some entry, which does not count.
    const entries = emitter.add({ name: `${name}/entries`, opType: 'Gather', inputs: [emitter.constant(`${output}_exponentials`, { type: 'int32', shape: [data.length], data }), difference] });
    const terms = kept('terms', entries, 0);
    const total = emitter.add({ name: `${name}/sum`, opType: 'ReduceSum', inputs: [terms, emitter.int64s(`${name}/axes`, axes)] });
    // The largest element of a row has d = 0. Said again, so that who looks at ranges alone knows how large a quotient can be.
    const sum = emitter.add({ name: `${name}/least`, opType: 'Max', inputs: [total, emitter.scalar(`${output}_one`, 'int32', one)] });
    const quotient = emitQuotient(emitter, { name, terms, sum, share, largest: (2 * share.numerator + share.denominator * length) * one });
    // To take away a lift is to add a zero point.
    emitCut(emitter, { name, current: quotient, ...clampedRange(parameters, clamp), lift: -parameters.zeroPoint, parameters, output: emitter.claim(output) });
  },
};

/** What e^0 is in the table, and 1 / scale as a fraction: both no finer than the tolerance asks, since each bit takes rows. */
function precisionOf(length: number, scale: number): { one: number; share: Fraction } {
  // An entry is off by 1/2, and the sum by length/2; results that count are at most STEPS steps.
  const one = Math.min(Math.ceil((1 / scale + STEPS * length) / (2 * TOLERANCE)), Math.floor(LARGEST_SUM / length));
  const { numerators, denominator } = commonFractions([{ ratio: 1 / scale, span: STEPS * scale }], TOLERANCE, LARGEST_DENOMINATOR);
  return { one, share: { numerator: numerators[0] as number, denominator } };
}

function maximum(emitter: Emitter, name: string, x: string, axes: readonly number[]): string {
  const asInput = emitter.opset >= AXES_AS_INPUT;
  return emitter.add({ name: `${name}/maximum`, opType: 'ReduceMax', inputs: [x, ...(asInput ? [emitter.int64s(`${name}/maximum_axes`, axes)] : [])], ...(asInput ? {} : { attributes: { axes: intsValue(axes) } }) });
}

/** ⌊numerator / denominator · terms / sum + 1/2⌋, with the dividend in int64 where int32 does not hold it. */
function emitQuotient(emitter: Emitter, { name, terms, sum, share: { numerator, denominator }, largest }: { name: string; terms: string; sum: string; share: Fraction; largest: number }): string {
  const type = largest <= LARGEST_SUM ? 'int32' : 'int64';
  const times = (what: string, tensor: string, factor: number): string => {
    const own = type === 'int32' ? tensor : emitter.cast(`${name}/${what}/cast`, tensor, type);
    if (factor === 1) return own;
    const constant = type === 'int32' ? emitter.scalar(`${name}/${what}_factor`, type, factor) : emitter.constant(`${name}/${what}_factor`, { type, shape: [], data: BigInt64Array.of(BigInt(factor)) });
    return emitter.add({ name: `${name}/${what}`, opType: 'Mul', inputs: [own, constant] });
  };
  const dividend = emitter.add({ name: `${name}/dividend`, opType: 'Add', inputs: [times('double', terms, 2 * numerator), times('half', sum, denominator)] });
  const quotient = emitter.add({ name: `${name}/quotient`, opType: 'Div', inputs: [dividend, times('divisor', sum, 2 * denominator)] });
  return type === 'int32' ? quotient : emitter.cast(`${name}/quotient/cast`, quotient, 'int32');
}
