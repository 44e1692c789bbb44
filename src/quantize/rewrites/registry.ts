/** What is done to a float model before it is quantized, in this order. Every rewrite keeps the values of the tensors whose names it keeps. */
import type { TypedGraph } from '../../onnx/graph.js';
import type { QuantizeOptions } from '../options.js';
import { removeDeadNodes } from '../floatGraph.js';
import { constantsToAffines } from './affines.js';
import { productsToDense } from './dense.js';
import { divisionsToProducts } from './divisions.js';
import { equaliseChannels } from './equaliseChannels.js';
import { foldAffines } from './foldAffines.js';
import { spelledOutToLayerNormalization } from './layerNormalizations.js';
import { removeIdentities } from './removeIdentities.js';
import { masksToSoftmax } from './softmaxMasks.js';
import { nameSoftmaxAxis } from './softmaxAxis.js';
import { sumsOfTwo } from './sums.js';

export interface Rewrite {
  readonly name: string;
  /** Whether it is done; always when left out. */
  readonly wanted?: (options: QuantizeOptions) => boolean;
  readonly apply: (graph: TypedGraph) => TypedGraph;
}

export const REWRITES: readonly Rewrite[] = [
  { name: 'remove dead nodes', apply: removeDeadNodes },
  { name: 'remove identities', apply: removeIdentities },
  { name: 'axis of Softmax', apply: nameSoftmaxAxis },
  { name: 'masks to Softmax', apply: masksToSoftmax },
  { name: 'LayerNormalization spelled out', apply: spelledOutToLayerNormalization },
  { name: 'remove what that leaves', apply: removeDeadNodes },
  { name: 'sums of two', apply: sumsOfTwo },
  { name: 'divisions to products', apply: divisionsToProducts },
  { name: 'constants to affines', apply: constantsToAffines },
  { name: 'products to Dense', apply: productsToDense },
  { name: 'fold affines', apply: foldAffines },
  { name: 'equalise channels', wanted: ({ equalise = false }) => equalise, apply: equaliseChannels },
];

/** The float model after all rewrites that are wanted. */
export function rewrite(graph: TypedGraph, options: QuantizeOptions): TypedGraph {
  return REWRITES.filter(({ wanted }) => wanted?.(options) ?? true).reduce((current, { apply }) => apply(current), graph);
}
