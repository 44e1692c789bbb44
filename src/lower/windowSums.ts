import type { GraphNode } from '../onnx/graph.js';
import type { Window } from '../program/linear.js';
import type { TensorId } from '../program/program.js';
import type { LoweringContext } from './context.js';

export interface WindowSumsParameters {
  readonly window: Window;
  /** Subtracted from each element; padding adds nothing. */
  readonly zeroPoint: number;
}

/** Σ (x − zeroPoint) over the windows of the first input, channel by channel: a convolution by ones. */
export function addWindowSums(node: GraphNode, context: LoweringContext, { window, zeroPoint }: WindowSumsParameters): TensorId {
  const name = node.inputs[0] as string;
  const [batch, channels] = context.type(name).shape as [number, number];
  const taps = window.kernel.reduce((product, size) => product * size, 1);
  const weights = new Int32Array(channels * taps).fill(1);
  return context.program.add(
    {
      kind: 'linear',
      inputs: [context.tensor(name, node)],
      map: { kind: 'conv', batch, inputChannels: channels, outputChannels: channels, groups: channels, ...window, inputZero: zeroPoint, weights, bias: new Int32Array(channels) },
    },
    { name: `${node.outputs[0]}:sum`, node: node.name, type: 'int32', shape: [batch, channels, ...window.outputSpatial] },
  );
}
