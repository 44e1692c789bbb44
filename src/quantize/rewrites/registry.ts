/** What is done to a float model before it is quantized, in this order. Every rewrite keeps the values of the tensors whose names it keeps. */
import type { TypedGraph } from '../../onnx/graph.js';
import { removeDeadNodes } from '../floatGraph.js';
import { constantsToAffines } from './affines.js';
import { productsToDense } from './dense.js';
import { divisionsToProducts } from './divisions.js';
import { foldAffines } from './foldAffines.js';
import { removeIdentities } from './removeIdentities.js';
import { sumsOfTwo } from './sums.js';

export interface Rewrite {
  readonly name: string;
  readonly apply: (graph: TypedGraph) => TypedGraph;
}

export const REWRITES: readonly Rewrite[] = [
  { name: 'remove dead nodes', apply: removeDeadNodes },
  { name: 'remove identities', apply: removeIdentities },
  { name: 'sums of two', apply: sumsOfTwo },
  { name: 'divisions to products', apply: divisionsToProducts },
  { name: 'constants to affines', apply: constantsToAffines },
  { name: 'products to Dense', apply: productsToDense },
  { name: 'fold affines', apply: foldAffines },
];

export function rewrite(graph: TypedGraph): TypedGraph {
  return REWRITES.reduce((current, { apply }) => apply(current), graph);
}
