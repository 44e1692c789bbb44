import { ZkonnxError } from '../errors/index.js';
import type { Graph, ValueInfo } from './graph.js';
import { formatShape } from './shape.js';

export interface BindOptions {
  /** The size of a symbolic leading dimension. Default 1. */
  readonly batch?: number;
  /** Sizes of symbolic dimensions by their name in the file. */
  readonly dimensions?: Readonly<Record<string, number>>;
}

/**
 * Gives every dimension of every graph input a number: a symbolic leading one is the batch, others are looked up by name.
 * @throws ZkonnxError SHAPE_UNSUPPORTED naming the input and the dimension, USAGE for a size that is not a positive integer.
 */
export function bindShapes(graph: Graph, { batch, dimensions = {} }: BindOptions = {}): Graph {
  const sizes = new Map(Object.entries(dimensions));
  for (const [name, size] of [...sizes, ['batch', batch ?? 1] as const]) {
    if (!Number.isSafeInteger(size) || size < 1) throw new ZkonnxError('USAGE', { message: `The size of the dimension '${name}' must be a positive integer.`, found: String(size) });
  }
  let batchUsed = false;
  // A symbol that is the batch of one input is the batch wherever it stands.
  for (const { shape } of graph.inputs) {
    const [leading] = shape;
    if (typeof leading === 'string' && leading !== '?' && !sizes.has(leading)) {
      sizes.set(leading, batch ?? 1);
      batchUsed = true;
    }
  }
  const inputs = graph.inputs.map((input): ValueInfo => {
    if (input.unknownRank) throw new ZkonnxError('SHAPE_UNSUPPORTED', { message: `The model does not say how many dimensions the input '${input.name}' has.`, fix: 'Export the model with input shapes.' });
    const shape = input.shape.map((dimension, index) => {
      if (typeof dimension === 'number') return dimension;
      const size = sizes.get(dimension);
      if (dimension !== '?' && size !== undefined) return size;
      if (index === 0) {
        batchUsed = true;
        return batch ?? 1;
      }
      throw new ZkonnxError('SHAPE_UNSUPPORTED', {
        message: `Dimension ${index} of the input '${input.name}' of shape ${formatShape(input.shape)} is not known.`,
        expected: 'a number',
        found: dimension === '?' ? 'nothing' : `the symbol '${dimension}'`,
        fix: dimension === '?' ? 'Export the model with a fixed input shape.' : `Give its size: --dimension ${dimension}=N, or dimensions: { ${JSON.stringify(dimension)}: N } in the API.`,
      });
    });
    return { name: input.name, type: input.type, shape };
  });
  if (batch !== undefined && batch !== 1 && !batchUsed && !inputs.every(({ shape }) => shape[0] === batch)) {
    throw new ZkonnxError('SHAPE_UNSUPPORTED', {
      message: `A batch of ${batch} was asked for, but the leading dimension of the inputs is fixed.`,
      expected: `leading dimension ${batch}`,
      found: inputs.map(({ name, shape }) => `${name} ${formatShape(shape)}`).join(', '),
      fix: 'Export the model with a symbolic batch dimension, or prove the inputs one by one.',
    });
  }
  return { ...graph, inputs };
}
