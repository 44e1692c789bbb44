/**
 * Reductions of float tensors. Those that are sums of something become ReduceSum of it, as ONNX itself defines them; over one or two
 * elements they become operators on each element, which is where exactness begins. A mean of more is a GlobalAveragePool.
 * https://onnx.ai/onnx/operators/onnx__ReduceL2.html and its kin
 */
import { intAttribute, intsAttribute, intsValue, intValue } from '../attributes.js';
import { elementCount } from '../graph.js';
import type { InferContext } from '../operators/schema.js';
import { stridesOf } from '../shape.js';
import { forEachIndex } from '../fold/moved.js';
import type { Expansion } from './expansion.js';
import { Expander } from './expander.js';

const REDUCTIONS: ReadonlySet<string> = new Set(['ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMean', 'ReduceProd', 'ReduceSum', 'ReduceSumSquare']);

/** Reductions of more elements stay what they are. */
const MOST_ELEMENTS = 2;

/** The operators that stand for a reduction of a float tensor; undefined when it is none, or stays as it is. */
export function expandReduction(context: InferContext, fresh: (base: string) => string): Expansion | undefined {
  const { node } = context;
  if (!REDUCTIONS.has(node.opType) || context.input(0).type !== 'float32') return undefined;
  const { shape } = context.input(0);
  const given = context.has(1) ? context.integers(1, 'axes') : (intsAttribute(node, 'axes') ?? []);
  const x = node.inputs[0] as string;
  const b = new Expander(node, fresh);
  if (given.length === 0 && intAttribute(node, 'noop_with_empty_axes', 0) === 1) {
    if (node.opType !== 'ReduceSum') return undefined;
    b.finish(x);
    return b.expansion;
  }
  const axes = given.length === 0 ? [...shape.keys()] : given.map((axis) => context.axis(axis, shape.length));
  const count = elementCount(axes.map((axis) => shape[axis] as number));
  const keep = intAttribute(node, 'keepdims', 1) === 1;
  if (count === 0) return undefined;
  if (count <= MOST_ELEMENTS) {
    const flat = b.node('Reshape', [x, b.integers([-1])]);
    const parts = partIndices(shape, axes, count).map((index) => b.node('Gather', [flat, b.integers(index.data, index.shape)]));
    b.finish(b.node('Reshape', [combined(b, node.opType, parts), b.integers(keptShape(shape, axes, keep))]));
    return b.expansion;
  }
  const attributes = { keepdims: intValue(keep ? 1 : 0) };
  const sum = (of: string): string => b.node('ReduceSum', [of, b.integers(axes)], { attributes });
  switch (node.opType) {
    case 'ReduceL1': b.finish(sum(b.node('Abs', [x]))); break;
    case 'ReduceL2': b.finish(b.node('Sqrt', [sum(b.node('Mul', [x, x]))])); break;
    case 'ReduceSumSquare': b.finish(sum(b.node('Mul', [x, x]))); break;
    case 'ReduceLogSum': b.finish(b.node('Log', [sum(x)])); break;
    case 'ReduceLogSumExp': b.finish(b.node('Log', [sum(b.node('Exp', [x]))])); break;
    case 'ReduceMean': b.finish(b.node('Reshape', [mean(b, x, shape, axes), b.integers(keptShape(shape, axes, keep))])); break;
    default: return undefined;
  }
  return b.expansion;
}

function keptShape(shape: readonly number[], axes: readonly number[], keep: boolean): number[] {
  return shape.flatMap((size, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [size]));
}

/** A mean is what GlobalAveragePool computes of an image, the axes that are reduced being its spatial ones: quantized, it is an exact sum of integers. */
function mean(b: Expander, x: string, shape: readonly number[], axes: readonly number[]): string {
  const isImage = shape.length > 2 && axes.length === shape.length - 2 && axes.every((axis) => axis > 1);
  if (isImage) return b.node('GlobalAveragePool', [x]);
  const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
  const inner = [...axes].sort((left, right) => left - right);
  const moved = b.node('Transpose', [x], { attributes: { perm: intsValue([...kept, ...inner]) } });
  return b.node('GlobalAveragePool', [b.node('Reshape', [moved, b.integers([1, elementCount(kept.map((axis) => shape[axis] as number)), elementCount(inner.map((axis) => shape[axis] as number)), 1])])]);
}

/** For each of the elements that are reduced into one, its places in the flattened tensor, in the shape of the dimensions that stay. */
function partIndices(shape: readonly number[], axes: readonly number[], count: number): { shape: number[]; data: number[] }[] {
  const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
  const strides = stridesOf(shape);
  const dimensions = kept.map((axis) => shape[axis] as number);
  const steps = new Array<number>(count).fill(0);
  forEachIndex(axes.map((axis) => shape[axis] as number), (coordinates, flat) => { steps[flat] = offset(coordinates, axes); });
  return steps.map((step) => {
    const data: number[] = [];
    forEachIndex(dimensions, (coordinates) => { data.push(step + offset(coordinates, kept)); });
    return { shape: dimensions, data };
  });

  function offset(coordinates: readonly number[], along: readonly number[]): number {
    return coordinates.reduce((sum, coordinate, at) => sum + coordinate * (strides[along[at] as number] as number), 0);
  }
}

/** The reduction of one or two tensors, element by element. */
function combined(b: Expander, opType: string, parts: readonly string[]): string {
  const add = (terms: readonly string[]): string => (terms.length === 1 ? (terms[0] as string) : b.node('Add', terms));
  const squares = (): string => add(parts.map((part) => b.node('Mul', [part, part])));
  switch (opType) {
    case 'ReduceL1': return add(parts.map((part) => b.node('Abs', [part])));
    case 'ReduceL2': return b.node('Sqrt', [squares()]);
    case 'ReduceLogSum': return b.node('Log', [add(parts)]);
    // ln(e^a + e^b) = a + ln(1 + e^(b − a))
    case 'ReduceLogSumExp': return parts.length === 1 ? (parts[0] as string) : b.node('Add', [parts[0] as string, b.node('Softplus', [b.node('Sub', [parts[1] as string, parts[0] as string])])]);
    case 'ReduceMean': return parts.length === 1 ? (parts[0] as string) : b.node('Mean', parts);
    case 'ReduceProd': return parts.length === 1 ? (parts[0] as string) : b.node('Mul', parts);
    case 'ReduceSumSquare': return squares();
    default: return add(parts);
  }
}
