/** What Loop and Scan share: a body that is run again and again. */
import { intsValue, intValue } from '../attributes.js';
import type { Graph } from '../graph.js';
import type { InferContext } from '../operators/schema.js';
import type { Expander } from './expander.js';

/** Loops of more rounds are not written out. */
export const MOST_ROUNDS = 4096;

/** The opset since which the axes of Unsqueeze are an input. */
const AXES_INPUT_SINCE = 13;

/** @throws ZkonnxError MODEL_INVALID when the body does not have as many inputs and outputs as it should */
export function bodyOf(context: InferContext, inputs: number, outputs: number): Graph {
  const body = context.node.attributes.get('body');
  if (body?.kind !== 'graph') throw context.invalid('The attribute body is missing', 'a graph', body?.kind ?? 'nothing');
  const { value } = body;
  if (value.inputs.length !== inputs || value.outputs.length !== outputs) throw context.invalid('The body does not fit', `${inputs} inputs and ${outputs} outputs`, `${value.inputs.length} inputs and ${value.outputs.length} outputs`);
  return value;
}

/** Tensors of one shape, laid side by side along a new axis. */
export function stacked(b: Expander, tensors: readonly string[], axis: number, opset: number): string {
  const parts = tensors.map((name) => (opset >= AXES_INPUT_SINCE ? b.node('Unsqueeze', [name, b.integers([axis])]) : b.node('Unsqueeze', [name], { attributes: { axes: intsValue([axis]) } })));
  return b.node('Concat', parts, { attributes: { axis: intValue(axis) } });
}
