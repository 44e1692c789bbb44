import { intAttribute, intsAttribute } from '../../onnx/attributes.js';
import type { GraphNode, TypedGraph } from '../../onnx/graph.js';
import { transposedGeometry } from '../../onnx/operators/convTranspose.js';
import { InferContext } from '../../onnx/operators/schema.js';
import { padsBefore, type WindowGeometry } from '../../onnx/operators/windows.js';

/** Which elements of its input each sum of a layer with constant weights reads. */
export interface LinearMap extends WindowGeometry {
  /** Channels of the input. The sums of a group read an equal share of them. */
  readonly channels: number;
  readonly groups: number;
  /** How much padding lies before each spatial axis; negative where elements are left out. */
  readonly padsBefore: readonly number[];
  /** How far apart the elements of the input lie: 1, but the strides of a ConvTranspose, with nothing between them. */
  readonly spread: readonly number[];
}

/** https://onnx.ai/onnx/operators/onnx__Conv.html */
export function mapOfConv(node: GraphNode, { types }: TypedGraph): LinearMap {
  const shapeOf = (name: string | undefined): readonly number[] => types.get(name ?? '')?.shape ?? [];
  const [, channels = 0, ...inputSpatial] = shapeOf(node.inputs[0]);
  const kernel = shapeOf(node.inputs[1]).slice(2);
  const ones = kernel.map(() => 1);
  const geometry = { inputSpatial, outputSpatial: shapeOf(node.outputs[0]).slice(2), kernel, strides: intsAttribute(node, 'strides') ?? ones, dilations: intsAttribute(node, 'dilations') ?? ones };
  return { ...geometry, channels, groups: intAttribute(node, 'group', 1), padsBefore: padsBefore(node, geometry), spread: ones };
}

/** The convolution by the kernel turned round. https://onnx.ai/onnx/operators/onnx__ConvTranspose.html */
export function mapOfConvTranspose(node: GraphNode, { types, initializers, opsets }: TypedGraph): LinearMap {
  const [x, w] = node.inputs.map((name) => types.get(name)) as [{ type: 'float32'; shape: readonly number[] }, { type: 'float32'; shape: readonly number[] }];
  const { kernel, strides, dilations, outputSpatial, padsBefore: cut, group } = transposedGeometry(new InferContext({ node, opset: opsets.get('') ?? 13, types, constants: initializers }), x, w);
  const reach = kernel.map((size, axis) => (size - 1) * (dilations[axis] as number));
  return { inputSpatial: x.shape.slice(2), outputSpatial, kernel, strides: kernel.map(() => 1), dilations, channels: x.shape[1] as number, groups: group, padsBefore: reach.map((size, axis) => size - (cut[axis] as number)), spread: strides };
}

/** Each row of the input is one list of channels. */
export function mapOfDense(node: GraphNode, { types }: TypedGraph): LinearMap {
  const channels = types.get(node.inputs[1] as string)?.shape[1] ?? 0;
  return { inputSpatial: [], outputSpatial: [], kernel: [], strides: [], dilations: [], channels, groups: 1, padsBefore: [], spread: [] };
}
