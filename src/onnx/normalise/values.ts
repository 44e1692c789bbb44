/**
 * What is known of each tensor of the original graph while it is rewritten. Integer tensors exist in the core; float tensors never
 * do: they stay descriptions until a QuantizeLinear asks for their integers.
 */
import type { QuantizedType } from '../elementType.js';
import type { GraphNode, Tensor } from '../graph.js';

export type Value =
  /** A tensor of the core, by its name there. */
  | { readonly kind: 'integer'; readonly tensor: string }
  /** A float constant of the model. */
  | { readonly kind: 'constant'; readonly value: Tensor }
  /** A float input of the graph. */
  | { readonly kind: 'input'; readonly input: string }
  | Dequantized
  | Linear
  | Clipped
  /**
   * Data movement or a maximum of values that are not all dequantized alike. Commutes with any non-decreasing step. `data` are the
   * indices of the operands that hold elements; the others say where to.
   */
  | { readonly kind: 'moved'; readonly node: GraphNode; readonly operands: readonly Operand[]; readonly data: readonly number[] }
  /** An element-wise float operator. */
  | { readonly kind: 'elementwise'; readonly node: GraphNode; readonly operands: readonly Operand[] }
  /** Softmax of a dequantized tensor (`name` in the original graph), which only the display needs. */
  | { readonly kind: 'softmax'; readonly node: GraphNode; readonly name: string; readonly of: Dequantized; readonly axis: number }
  /** A float operator without an exact integer form. */
  | { readonly kind: 'refused'; readonly node: GraphNode; readonly reason: string; readonly fix?: string };

/** An input of a node: a value with the name of its tensor in the original graph; undefined for an optional input left out. */
export type Operand = { readonly name: string; readonly value: Value } | undefined;

/** `DequantizeLinear(source)`. */
export interface Dequantized {
  readonly kind: 'dequantized';
  readonly node: GraphNode;
  /** The integer tensor of the core. */
  readonly source: string;
  readonly scale: Tensor;
  readonly zeroPoint: Tensor;
  /** The dimension that the scales belong to; 0 when there is one scale. */
  readonly axis: number;
}

/** An integer sum that is rescaled once: Conv, Gemm or MatMul with an optional bias, GlobalAveragePool. */
export interface Linear {
  readonly kind: 'linear';
  readonly node: GraphNode;
  readonly operands: readonly Operand[];
  /** The bias that an Add after a MatMul brings, with that Add. */
  readonly added?: { readonly node: GraphNode; readonly operand: Operand };
}

/** Relu (lo 0, hi ∞) or Clip. */
export interface Clipped {
  readonly kind: 'clipped';
  readonly node: GraphNode;
  readonly of: { readonly name: string; readonly value: Value };
  readonly lo: number;
  readonly hi: number;
}

/** The quantization that a QuantizeLinear asks for, per tensor. */
export interface Target {
  readonly node: GraphNode;
  readonly scale: number;
  readonly zeroPoint: number;
  readonly type: QuantizedType;
}

/** Whether a dequantized tensor has one scale. */
export function isPerTensor({ scale, zeroPoint }: Dequantized): boolean {
  return scale.data.length === 1 && zeroPoint.data.length === 1;
}
