import { intAttribute, intValue } from '../attributes.js';
import { elementCount } from '../graph.js';
import { pooledShape } from '../operators/pooling.js';
import type { InferContext } from '../operators/schema.js';
import { poolGeometry, windowPlaces } from '../operators/windows.js';
import { stridesOf } from '../shape.js';
import type { Expansion } from './expansion.js';
import { Expander } from './expander.js';

/**
 * A MaxPool that gives the places of its maxima as well: they are an ArgMax over the windows, written out side by side. ONNX Runtime
 * takes the first of equal elements, as ArgMax does; a window that lacks some at the border repeats its first one, behind.
 * https://onnx.ai/onnx/operators/onnx__MaxPool.html
 */
export function expandMaxPoolIndices(context: InferContext, fresh: (base: string) => string): Expansion | undefined {
  const { node } = context;
  if (!node.outputs[1]) return undefined;
  const { shape } = context.input(0);
  const output = pooledShape(context, context.input(0));
  const geometry = poolGeometry(node, shape, output);
  const windows = windowPlaces(node, geometry);
  const image = elementCount(geometry.inputSpatial);
  const images = elementCount(shape.slice(0, 2));
  const taps = Math.max(...windows.map(({ length }) => length));
  const places = Array.from({ length: images }, (_, at) => windows.map((window) => Array.from({ length: taps }, (_, tap) => at * image + ((window[tap] ?? window[0]) as number)))).flat(2);

  const b = new Expander(node, fresh);
  const x = node.inputs[0] as string;
  const attributes = Object.fromEntries([...node.attributes].filter(([name]) => name !== 'storage_order'));
  if (node.outputs[0]) b.node('MaxPool', [x], { attributes, output: node.outputs[0] });
  const beside = b.node('Gather', [b.node('Reshape', [x, b.integers([-1])]), b.integers(places, [images * windows.length, taps])]);
  const tap = b.node('ArgMax', [beside], { attributes: { axis: intValue(1), keepdims: intValue(0) } });
  // Each window has a part of the table for itself.
  const starts = b.integers(Array.from({ length: images * windows.length }, (_, window) => window * taps));
  const numbers = intAttribute(node, 'storage_order', 0) === 1 ? places.map((place) => columnMajor(place, image, geometry.inputSpatial)) : places;
  b.finish(b.node('Reshape', [b.node('Gather', [b.integers(numbers), b.node('Add', [tap, starts])]), b.integers(output)]), 1);
  return b.expansion;
}

/** The number of an element when the first spatial dimension runs fastest. */
function columnMajor(place: number, image: number, spatial: readonly number[]): number {
  const strides = stridesOf(spatial);
  const reversed = stridesOf([...spatial].reverse()).reverse();
  const within = place % image;
  return place - within + spatial.reduce((sum, size, axis) => sum + (Math.floor(within / (strides[axis] as number)) % size) * (reversed[axis] as number), 0);
}
