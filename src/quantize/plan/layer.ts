import type { GraphNode, TypedGraph } from '../../onnx/graph.js';
import type { Emitter } from '../emit/emitter.js';
import type { Clamp } from './elementwise.js';
import type { LinearMap } from './linearMap.js';

/** What becomes one quantized operator, or a few: nodes of the float model with the tensors between which they lie. */
export interface Layer {
  readonly kind: LayerKind;
  /** The node that gives it its name. */
  readonly node: GraphNode;
  /** All nodes that it stands for, in order. */
  readonly nodes: readonly GraphNode[];
  /** The float tensor whose integers it computes: the result of its last node. A Split has more outputs, those of `node`. */
  readonly output: string;
  /** Where its results are cut off, by a Relu or Clip that it includes. */
  readonly clamp?: Clamp;
}

/** How one family of operators is quantized. One file each; registry.ts collects them. */
export interface LayerKind {
  /** Whether its results saturate at the ends of their range, so that a Relu or Clip behind it costs nothing. */
  readonly saturates: boolean;
  /** Whether it takes and yields tensors of 16 bits; neither when left out. */
  readonly wide?: { readonly reads: boolean; readonly makes: boolean } | ((node: GraphNode) => { readonly reads: boolean; readonly makes: boolean });
  /** The float tensors among its operands and results that must have the same scale and zero point. */
  readonly shared?: (node: GraphNode, graph: TypedGraph) => readonly string[];
  /** For layers with constant weights: what their sums read of the first input. */
  readonly linear?: (node: GraphNode, graph: TypedGraph) => LinearMap;
  /** Why a node has no exact integer form, when it has none. */
  readonly obstacle?: (node: GraphNode, graph: TypedGraph) => string | undefined;
  /** Appends the integer operators. */
  readonly emit: (emitter: Emitter, layer: Layer) => void;
}
