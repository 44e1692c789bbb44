/** MaxPool of 16-bit integers, for which ONNX Runtime has no kernel: the greatest of as many strided slices as a window has elements. */
import type { GraphNode } from '../../onnx/graph.js';
import { padsBefore, poolGeometry } from '../../onnx/operators/windows.js';
import { limitsOf } from '../plan/parameters.js';
import type { Emitter } from './emitter.js';

export function emitWideMaximum(emitter: Emitter, node: GraphNode): void {
  const [x, output] = [node.inputs[0] as string, node.outputs[0] as string];
  const geometry = poolGeometry(node, emitter.shape(x), emitter.shape(output));
  const { inputSpatial, outputSpatial, kernel, strides, dilations } = geometry;
  const before = padsBefore(node, geometry);
  const reach = kernel.map((size, axis) => ((outputSpatial[axis] as number) - 1) * (strides[axis] as number) + (size - 1) * (dilations[axis] as number) + 1);
  const after = reach.map((size, axis) => Math.max(0, size - (inputSpatial[axis] as number) - (before[axis] as number)));
  let source = emitter.integers(x);
  if ([...before, ...after].some((size) => size > 0)) {
    // A window always has an element of the input, and none is less.
    const { least } = limitsOf(emitter.parameters(x));
    source = emitter.add({ name: `${node.name}/pad`, opType: 'Pad', inputs: [source, emitter.int64s(`${node.name}/pads`, [0, 0, ...before, 0, 0, ...after]), emitter.scalar(`${node.name}/least`, 'int32', least)] });
  }
  const axes = emitter.int64s(`${node.name}/axes`, kernel.map((_, axis) => axis + 2));
  const steps = emitter.int64s(`${node.name}/steps`, strides);
  const taps = kernel.reduce<number[][]>((places, size) => places.flatMap((place) => Array.from({ length: size }, (_, index) => [...place, index])), [[]]);
  const slices = taps.map((tap, number) => {
    const from = tap.map((index, axis) => index * (dilations[axis] as number));
    const to = from.map((start, axis) => start + ((outputSpatial[axis] as number) - 1) * (strides[axis] as number) + 1);
    return emitter.add({ name: `${node.name}/${number}`, opType: 'Slice', inputs: [source, emitter.int64s(`${node.name}/from${number}`, from), emitter.int64s(`${node.name}/to${number}`, to), axes, steps] });
  });
  emitter.add({ name: node.name, opType: 'Max', inputs: slices, output: emitter.claim(output) });
}
