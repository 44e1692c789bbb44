/**
 * LayerNormalization in integers alone. For a row of n integers q with the scale s, c = n·q − Σq and V = Σc² say everything: a result is
 * γ·√n·c / √(V + ε·n³/s²) + β. The root is Newton's, in int64 from a power of two on, and each result one Div.
 */
import { floatAttribute, intAttribute } from '../../onnx/attributes.js';
import { elementCount, type GraphNode, type Tensor, type TypedGraph } from '../../onnx/graph.js';
import { constantInput, floatsOf } from '../floatGraph.js';
import type { LayerKind } from '../plan/layer.js';
import { LEAST, MOST } from '../plan/parameters.js';
import type { Emitter } from './emitter.js';
import { clampedRange, emitCut } from './requantize.js';

/** Bits of the squares, and of dividends: an int64 has 52 of them in a circuit. */
const SQUARE_BITS = 46;
const DIVIDEND_BITS = 50;

/** Bits that a root has beyond those of an integer root; each takes rows. */
const MOST_EXTRA_BITS = 8;

/** Parts of a step of the output in which offsets are written. */
const PARTS = 32;

/** From at most twice the root four rounds come within 5·10⁻⁸ of it. */
const ROUNDS = 4;

/** Σ (n·q − Σq)² is at most n³ · span² / 4. */
function largestSquare(length: number): number {
  return (length ** 3 * (MOST - LEAST) ** 2) / 4;
}

/** https://onnx.ai/onnx/operators/onnx__LayerNormalization.html */
export const LAYER_NORM: LayerKind = {
  saturates: true,
  obstacle: (node, graph) => {
    if (constantInput(graph, node, 1) === undefined || (node.inputs[2] && constantInput(graph, node, 2) === undefined)) return 'its scale or bias is computed by the graph';
    return largestSquare(elementCount(axesOf(node, graph).map((axis) => shapeOf(node, graph)[axis] as number))) < 2 ** (SQUARE_BITS - 1) ? undefined : 'its rows are too long for sums of squares in 46 bits';
  },
  emit: (emitter, { node, output, clamp }) => {
    const { name } = node;
    const [x] = node.inputs as [string];
    const axes = axesOf(node, emitter.graph);
    const length = elementCount(axes.map((axis) => emitter.shape(x)[axis] as number));
    const parameters = emitter.parameters(output);
    // So large a stabiliser leaves nothing of the results, larger or not.
    const stabiliser = Math.min(Math.max(1, Math.round((floatAttribute(node, 'epsilon', 1e-5) * length ** 3) / emitter.parameters(x).scale ** 2)), 2 ** (SQUARE_BITS - 1));
    const gamma = constantInput(emitter.graph, node, 1) as Tensor;
    const beta = node.inputs[2] ? (constantInput(emitter.graph, node, 2) as Tensor) : undefined;
    const slopes = Array.from(floatsOf(gamma), (value) => (value * Math.sqrt(length)) / parameters.scale);
    const offsets = Array.from(beta === undefined ? [0] : floatsOf(beta), (value) => value / parameters.scale);
    // No element lies further than √n standard deviations from the mean. The lift makes every quotient positive, so that Div rounds down.
    const lift = 2 + Math.ceil(1.05 * largest(slopes) + largest(offsets));
    const squareBits = Math.log2(largestSquare(length) + stabiliser);
    const productBits = Math.log2(Math.max(1, largest(slopes)) * PARTS * length * (MOST - LEAST));
    const room = Math.min((SQUARE_BITS - squareBits) / 2, DIVIDEND_BITS - productBits, DIVIDEND_BITS - squareBits / 2 - Math.log2(2 * lift * PARTS));
    const extra = Math.max(0, Math.min(MOST_EXTRA_BITS, Math.floor(room)));

    const wide = emitter.cast(`${name}/cast`, emitter.integers(x), 'int32');
    const sum = emitter.add({ name: `${name}/sum`, opType: 'ReduceSum', inputs: [wide, emitter.int64s(`${name}/axes`, axes)] });
    const multiple = emitter.add({ name: `${name}/multiple`, opType: 'Mul', inputs: [wide, emitter.scalar(`${name}/length`, 'int32', length)] });
    const centred = emitter.cast(`${name}/wide`, emitter.add({ name: `${name}/centre`, opType: 'Sub', inputs: [multiple, sum] }), 'int64');
    const squares = emitter.add({ name: `${name}/squares`, opType: 'Mul', inputs: [centred, centred] });
    const total = emitter.add({ name: `${name}/total`, opType: 'ReduceSum', inputs: [squares, emitter.int64s(`${name}/total_axes`, axes)] });
    const scaled = emitter.add({ name: `${name}/scaled`, opType: 'Mul', inputs: [total, scalar64(emitter, `${name}/power`, 4 ** extra)] });
    const least = stabiliser * 4 ** extra;
    const square = emitter.add({ name: `${name}/square`, opType: 'Add', inputs: [scaled, scalar64(emitter, `${name}/stabiliser`, least)] });
    const root = emitRoot(emitter, name, square, { least, most: (largestSquare(length) + stabiliser) * 4 ** extra });

    const tensor64 = (what: string, shape: readonly number[], values: readonly number[]): string => emitter.constant(`${name}/${what}`, { type: 'int64', shape, data: BigInt64Array.from(values, (value) => BigInt(Math.round(value))) });
    const products = emitter.add({ name: `${name}/products`, opType: 'Mul', inputs: [centred, tensor64('slopes', gamma.shape, slopes.map((slope) => slope * 2 ** extra * PARTS))] });
    const added = emitter.add({ name: `${name}/added`, opType: 'Mul', inputs: [root, tensor64('offsets', beta?.shape ?? [], offsets.map((offset) => (offset + lift + 1 / 2) * PARTS))] });
    const dividend = emitter.add({ name: `${name}/dividend`, opType: 'Add', inputs: [products, added] });
    const divisor = emitter.add({ name: `${name}/divisor`, opType: 'Mul', inputs: [root, scalar64(emitter, `${name}/parts`, PARTS)] });
    const quotient = emitter.cast(`${name}/narrow`, emitter.add({ name: `${name}/quotient`, opType: 'Div', inputs: [dividend, divisor] }), 'int32');
    emitCut(emitter, { name, current: quotient, ...clampedRange(parameters, clamp), lift: lift - parameters.zeroPoint, parameters, output: emitter.claim(output) });
  },
};

function shapeOf(node: GraphNode, graph: TypedGraph): readonly number[] {
  return graph.types.get(node.inputs[0] as string)?.shape ?? [];
}

/** From the given axis on. */
function axesOf(node: GraphNode, graph: TypedGraph): number[] {
  const rank = shapeOf(node, graph).length;
  const given = intAttribute(node, 'axis', -1);
  const axis = given < 0 ? given + rank : given;
  return Array.from({ length: rank - axis }, (_, index) => axis + index);
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function scalar64(emitter: Emitter, name: string, value: number): string {
  return emitter.constant(name, { type: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) });
}

/** √square, rounded down or nearly so: from the power of two above it, by Newton's iteration. */
function emitRoot(emitter: Emitter, name: string, square: string, { least, most }: { least: number; most: number }): string {
  const [first, last] = [least, most].map((value) => Math.floor(Math.log2(value) / 2)) as [number, number];
  const powers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const constant = (what: string, values: readonly number[]): string => emitter.int64s(`${name}/${what}`, values);
  // 2^first + Σ 2^j over all j with 4^j ≤ square is the power of two above the root.
  const reached = emitter.add({ name: `${name}/reached`, opType: 'GreaterOrEqual', inputs: [square, constant('squares_of_powers', powers.map((power) => 4 ** power))] });
  const weighted = emitter.add({ name: `${name}/weighted`, opType: 'Mul', inputs: [emitter.cast(`${name}/bits`, reached, 'int64'), constant('powers', powers.map((power) => 2 ** power))] });
  const above = emitter.add({ name: `${name}/above`, opType: 'ReduceSum', inputs: [weighted, constant('last', [-1])] });
  let root = emitter.add({ name: `${name}/start`, opType: 'Add', inputs: [above, scalar64(emitter, `${name}/first`, 2 ** first)] });
  for (let round = 0; round < ROUNDS; round++) {
    const quotient = emitter.add({ name: `${name}/newton${round}/quotient`, opType: 'Div', inputs: [square, root] });
    const twice = emitter.add({ name: `${name}/newton${round}/sum`, opType: 'Add', inputs: [root, quotient] });
    root = emitter.add({ name: `${name}/newton${round}`, opType: 'Div', inputs: [twice, scalar64(emitter, `${name}/newton${round}/two`, 2)] });
  }
  // Never cut: said for those who look at ranges alone.
  const [lo, hi] = [Math.floor(Math.sqrt(least)), 2 ** (last + 1)];
  return emitter.add({ name: `${name}/root`, opType: 'Clip', inputs: [root, scalar64(emitter, `${name}/root_least`, lo), scalar64(emitter, `${name}/root_most`, hi)] });
}
