import type { GraphNode, Tensor } from '../graph.js';

/** What takes the place of a node. */
export interface Expansion {
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Tensor>;
  /** Pairs of tensors that must have the same type and shape, once these are known. */
  readonly alike?: readonly (readonly [string, string])[];
}
