/** ConvTranspose as QLinearConv. */
import { intsValue, intValue } from '../attributes.js';
import { newTensorData } from '../elementType.js';
import { forEachIndex } from '../fold/moved.js';
import { elementCount, type Attribute, type Tensor } from '../graph.js';
import { transposedGeometry, type TransposedGeometry } from '../operators/convTranspose.js';
import { InferContext } from '../operators/schema.js';
import { stridesOf } from '../shape.js';
import { biasConstant, dequantizedOperand, productScales, quantizedInputs, requirePerTensor, requireTypes, reshape } from './linearOperands.js';
import { reshapedScalar, targetInputs } from './parameters.js';
import { refusal } from './refusal.js';
import type { State } from './state.js';
import { isPerTensor, type Dequantized, type Linear, type Target } from './values.js';

/**
 * ConvTranspose is a convolution of its input with zeros put between and around, by the kernel turned round. The float one adds up
 * in another order and is rounded differently on different machines; QLinearConv is exact.
 */
export function emitTransposedConvolution(state: State, { node, operands }: Linear, target: Target, output: string): string {
  const x = dequantizedOperand(node, operands[0], 'input');
  const w = dequantizedOperand(node, operands[1], 'weight');
  requirePerTensor(node, x, 'input');
  requireTypes(state, node, x, w, target);
  const weights = state.core.constants.get(w.source);
  if (weights === undefined) throw refusal(node.name, node.opType, 'its weights are computed by the graph', 'Use constant weights.');
  if (!isPerTensor(w) && w.axis !== 1) throw refusal(node.name, node.opType, `its weights are quantized along axis ${w.axis}`, 'Quantize the weights per tensor or per output channel (axis 1).');
  if (new Set(w.zeroPoint.data as Iterable<number>).size > 1) throw refusal(node.name, node.opType, 'its weights have different zero points in different channels, which QLinearConv does not allow', 'Quantize the weights symmetrically.');
  const xType = state.core.type(x.source);
  const geometry = transposedGeometry(new InferContext({ node, opset: 1, types: state.core.types, constants: state.core.constants }), xType, weights);
  const from = [node.name, target.node.name];
  const turned = turnedWeights(weights, geometry);
  const perChannel = (tensor: Tensor): Tensor => (isPerTensor(w) ? reshapedScalar(tensor) : repeated(tensor, geometry.group));
  const kernel: Dequantized = { ...w, source: state.core.constant(state.core.fresh(`${w.source}_turned`), turned), scale: perChannel(w.scale), zeroPoint: perChannel(w.zeroPoint), axis: 0 };
  const bias = operands[2] === undefined ? undefined : biasConstant(state, { node, operand: operands[2], multiplier: productScales(x, kernel, 1), shape: [geometry.channels] });
  const [, xScale, xZeroPoint] = quantizedInputs(state, x);
  const stretched = stretch(state, { x, shape: xType.shape, geometry, base: output, from });
  return state.core.emit({
    name: node.name,
    opType: 'QLinearConv',
    inputs: [stretched, xScale, xZeroPoint, ...quantizedInputs(state, kernel), ...targetInputs(state, target, output), ...(bias === undefined ? [] : [bias])],
    output,
    attributes: new Map<string, Attribute>([['dilations', intsValue(geometry.dilations)], ['group', intValue(geometry.group)]]),
    from,
  });
}

/** [C, M / group, k…] → [M, C / group, k…] with the kernel reversed. */
function turnedWeights({ type, shape, data }: Tensor, { group, channels, kernel }: TransposedGeometry): Tensor {
  const inputs = (shape[0] as number) / group;
  const perGroup = channels / group;
  const taps = elementCount(kernel);
  const result = newTensorData(type, data.length);
  for (let index = 0; index < data.length; index++) {
    const tap = index % taps;
    const column = Math.floor(index / taps) % perGroup;
    const row = Math.floor(index / (taps * perGroup));
    const output = Math.floor(row / inputs) * perGroup + column;
    result[(output * inputs + (row % inputs)) * taps + taps - 1 - tap] = data[index] as never;
  }
  return { type, shape: [channels, inputs, ...kernel], data: result };
}

/** The scales of one group for every group. */
function repeated({ type, data }: Tensor, group: number): Tensor {
  const whole = newTensorData(type, data.length * group);
  whole.forEach((_, index) => { whole[index] = data[index % data.length] as never; });
  return { type, shape: [whole.length], data: whole };
}

/** The input with its elements as far apart as the strides, and zeros around it: every element is picked by number. */
function stretch(state: State, { x, shape, geometry, base, from }: {
  x: Dequantized;
  shape: readonly number[];
  geometry: TransposedGeometry;
  base: string;
  from: readonly string[];
}): string {
  const { core } = state;
  const { kernel, strides, dilations, outputSpatial, padsBefore } = geometry;
  const total = elementCount(shape);
  const spatial = outputSpatial.map((size, axis) => size + ((kernel[axis] as number) - 1) * (dilations[axis] as number));
  const sizes = [...shape.slice(0, 2), ...spatial];
  const inner = stridesOf(shape);
  const places = new Int32Array(elementCount(sizes));
  forEachIndex(sizes, (coordinates, flat) => {
    let from = 0;
    for (let axis = 0; axis < coordinates.length; axis++) {
      const at = coordinates[axis] as number;
      const reach = axis < 2 ? 0 : ((kernel[axis - 2] as number) - 1) * (dilations[axis - 2] as number) - (padsBefore[axis - 2] as number);
      const source = (at - reach) / (axis < 2 ? 1 : (strides[axis - 2] as number));
      if (!Number.isInteger(source) || source < 0 || source >= (shape[axis] as number)) {
        places[flat] = total;
        return;
      }
      from += source * (inner[axis] as number);
    }
    places[flat] = from;
  });
  const { type } = core.type(x.source);
  const flat = reshape(state, x.source, [total], core.fresh(`${base}_flat`), from);
  const fill = core.constant(core.fresh(`${base}_fill`), { type, shape: [1], data: x.zeroPoint.data.slice(0, 1) });
  const all = core.emit({ name: `${base}_Concat`, opType: 'Concat', inputs: [flat, fill], output: core.fresh(`${base}_all`), attributes: new Map([['axis', intValue(0)]]), from });
  const index = core.constant(core.fresh(`${base}_places`), { type: 'int32', shape: sizes, data: places });
  return core.emit({ name: `${base}_Gather`, opType: 'Gather', inputs: [all, index], output: core.fresh(`${base}_stretched`), from });
}
