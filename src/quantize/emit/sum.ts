/** Sums, differences and x · factor + offset, as Σ m · q in int32 over a common denominator. */
import type { GraphNode, Tensor, TypedGraph } from '../../onnx/graph.js';
import { constantInput, floatsOf } from '../floatGraph.js';
import type { Layer, LayerKind } from '../plan/layer.js';
import { LEAST, limitsOf, MOST, type Parameters } from '../plan/parameters.js';
import type { Emitter } from './emitter.js';
import { commonFractions } from './multiplier.js';
import { emitRequantize, LARGEST_SUM } from './requantize.js';

/** How far the fractions may move a result, in steps of the output. Rounding alone moves it by half a step. */
const TOLERANCE = 1 / 32;
const LARGEST_DENOMINATOR = 2 ** 14;

/** The largest difference of two integers of a tensor. */
function spanOf(parameters: Parameters): number {
  const { least, most } = limitsOf(parameters);
  return most - least;
}

/** a + b or a − b of two tensors, with broadcasting. */
export function sumLayer(sign: 1 | -1): LayerKind {
  return {
    saturates: true,
    wide: { reads: true, makes: true },
    emit: (emitter, { node, output, clamp }) => {
      const parameters = emitter.parameters(output);
      const own = node.inputs.map((name) => emitter.parameters(name));
      const terms = own.map(({ scale }, index) => ({ ratio: ((index === 0 ? 1 : sign) * scale) / parameters.scale, span: spanOf(own[index] as Parameters) }));
      const largest = Math.max(...terms.map(({ ratio, span }) => Math.max(Math.abs(ratio), 1) * span));
      const room = Math.floor(LARGEST_SUM / (4 * largest));
      const { numerators, denominator } = commonFractions(terms, TOLERANCE, Math.max(1, Math.min(LARGEST_DENOMINATOR, room)));
      let least = 0;
      let constant = 0;
      const parts = node.inputs.map((name, index) => {
        const numerator = numerators[index] as number;
        constant -= numerator * (own[index]?.zeroPoint ?? 0);
        const limits = limitsOf(own[index] as Parameters);
        least += Math.min(numerator * limits.least, numerator * limits.most);
        return scaled(emitter, `${node.name}/${index}`, emitter.integers(name), numerator);
      });
      const sum = emitter.add({ name: `${node.name}/sum`, opType: 'Add', inputs: parts });
      emitRequantize(emitter, { name: node.name, sum, denominator, least: least + constant, constant: { shape: [], values: Float64Array.of(constant) }, parameters, clamp, output: emitter.claim(output) });
    },
  };
}

function scaled(emitter: Emitter, name: string, integers: string, factor: number): string {
  const wide = emitter.cast(`${name}/cast`, integers, 'int32');
  return factor === 1 ? wide : emitter.add({ name: `${name}/factor`, opType: 'Mul', inputs: [wide, emitter.scalar(`${name}/numerator`, 'int32', factor)] });
}

/** x · factor + offset by constants that broadcast to x. */
export const AFFINE_LAYER: LayerKind = {
  saturates: true,
  wide: { reads: true, makes: true },
  emit: (emitter, layer) => {
    const { node, output, clamp } = layer;
    const [x] = node.inputs as [string];
    const parameters = emitter.parameters(output);
    const { scale, zeroPoint } = emitter.parameters(x);
    const span = spanOf(emitter.parameters(x));
    const factor = constantInput(emitter.graph, node, 1) as Tensor;
    const offset = constantInput(emitter.graph, node, 2) as Tensor;
    const ratios = Array.from(floatsOf(factor), (value) => (value * scale) / parameters.scale);
    const most = [...ratios.map((ratio) => Math.abs(ratio) * span), ...floatsOf(offset).map((value) => Math.abs(value) / parameters.scale)].reduce((a, b) => Math.max(a, b), 1);
    const denominator = Math.max(1, Math.min(2 ** 12, Math.floor(LARGEST_SUM / (4 * most))));
    const numerators = Int32Array.from(ratios, (ratio) => Math.round(ratio * denominator));
    const wide = emitter.cast(`${node.name}/cast`, emitter.integers(x), 'int32');
    const centred = zeroPoint === 0 ? wide : emitter.add({ name: `${node.name}/centre`, opType: 'Sub', inputs: [wide, emitter.scalar(`${output}_centre`, 'int32', zeroPoint)] });
    const product = emitter.add({ name: `${node.name}/factor`, opType: 'Mul', inputs: [centred, emitter.constant(`${output}_factor`, { type: 'int32', shape: factor.shape, data: numerators })] });
    const values = Float64Array.from(floatsOf(offset), (value) => Math.round((value / parameters.scale) * denominator));
    const reach = numerators.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) * span;
    const least = values.reduce((smallest, value) => Math.min(smallest, value), 0) - reach;
    emitRequantize(emitter, { name: node.name, sum: product, denominator, least, constant: { shape: offset.shape, values }, parameters, clamp, output: emitter.claim(output) });
  },
};

/** a · b of two tensors, element by element. */
export const PRODUCT_LAYER: LayerKind = {
  saturates: true,
  wide: { reads: false, makes: true },
  emit: (emitter, layer) => emitProduct(emitter, layer),
};

function emitProduct(emitter: Emitter, { node, output, clamp }: Layer): void {
  const parameters = emitter.parameters(output);
  const [a, b] = node.inputs.map((name) => emitter.parameters(name)) as [Parameters, Parameters];
  const reach = (zeroPoint: number): number => Math.max(MOST - zeroPoint, zeroPoint - LEAST);
  const span = reach(a.zeroPoint) * reach(b.zeroPoint);
  const ratio = (a.scale * b.scale) / parameters.scale;
  const { numerators, denominator } = commonFractions([{ ratio, span }], TOLERANCE, Math.max(1, Math.min(2 ** 20, Math.floor(LARGEST_SUM / (4 * span * Math.max(ratio, 1 / span))))));
  const [numerator] = numerators as [number];
  const factors = node.inputs.map((name, index) => {
    const { zeroPoint } = emitter.parameters(name);
    const wide = emitter.cast(`${node.name}/${index}/cast`, emitter.integers(name), 'int32');
    return zeroPoint === 0 ? wide : emitter.add({ name: `${node.name}/${index}/centre`, opType: 'Sub', inputs: [wide, emitter.scalar(`${output}_centre${index}`, 'int32', zeroPoint)] });
  });
  const product = emitter.add({ name: `${node.name}/product`, opType: 'Mul', inputs: factors });
  const sum = numerator === 1 ? product : emitter.add({ name: `${node.name}/numerator`, opType: 'Mul', inputs: [product, emitter.scalar(`${output}_numerator`, 'int32', numerator)] });
  emitRequantize(emitter, { name: node.name, sum, denominator, least: -numerator * span, parameters, clamp, output: emitter.claim(output) });
}

/** Whether an Add, Sub or Mul has two computed operands, or a constant that makes its result larger: constants are tensors then. */
export function isOfTensors(node: GraphNode, graph: TypedGraph): boolean {
  return node.inputs.length === 2 && node.inputs.every((name) => graph.types.get(name)?.type === 'float32');
}
