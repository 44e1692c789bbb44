/**
 * The integer program: what a canonical graph becomes. Straight-line code over integer tensors in about ten primitives. Each has
 * three faces: its value (evaluate.ts), the interval of what it yields (bounds.ts), and the constraints that force it
 * (src/compile with circuits/). Adding an ONNX operator is a lowering to these; adding a primitive is rare.
 */
import type { ElementType } from '../onnx/graph.js';
import type { IntegerOperation } from './integerOperation.js';
import type { Integers, Intervals } from './interval.js';
import type { LinearMap, Window } from './linear.js';
import type { StepFunction } from './step.js';
import type { TensorId } from './tensorId.js';
import type { WeightedOperation } from './weighted.js';

export type { TensorId };

export interface ProgramTensor {
  /** The ONNX tensor it equals, or that name with a suffix (`…:accumulator`) for a value that ONNX does not name. */
  readonly name: string;
  /** The ONNX node that it belongs to; the name of the input for an input. */
  readonly node: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly bounds: Intervals;
}

/** An input tensor, or weights that are hidden; each element is forced into [lo, hi]. */
export interface InputOperation {
  readonly kind: 'input';
  readonly lo: number;
  readonly hi: number;
  /** Of hidden weights: what they are in this model. The circuit does not depend on them. */
  readonly values?: Integers;
}

/** A tensor of constants. */
export interface ConstantOperation {
  readonly kind: 'constant';
  readonly values: Integers;
}

/** Data movement: element i is element index[i] of the inputs laid end to end, or `fill` where index[i] is −1. Without an index: the same elements in a new shape. */
export interface ViewOperation {
  readonly kind: 'view';
  readonly inputs: readonly TensorId[];
  readonly index?: Int32Array;
  readonly fill: number;
}

/** A linear map with constant weights; several inputs are laid end to end. Its sums stay in int32, or with `wide` within 2^53. */
export interface LinearOperation {
  readonly kind: 'linear';
  readonly inputs: readonly TensorId[];
  readonly map: LinearMap;
  readonly wide?: boolean;
}

/** A step function applied to each element; element i uses functions[⌊i / inner⌋ mod functions.length]. */
export interface StepOperation {
  readonly kind: 'step';
  readonly inputs: readonly [TensorId];
  readonly inner: number;
  readonly functions: readonly StepFunction[];
}

/** Any function of a small integer, element by element: y = tables[⌊i / inner⌋ mod tables.length][x − lo]. The tables cover all that x can be. */
export interface TableOperation {
  readonly kind: 'table';
  readonly inputs: readonly [TensorId];
  readonly inner: number;
  readonly lo: number;
  readonly tables: readonly Integers[];
}

/**
 * Sums of products of two tensors: y[i] = Σ_k (a[left[i·terms + k]] − leftZero) · (b[right[i·terms + k]] − rightZero), k from 0 to
 * terms − 1. Element-wise with one term, a matrix product of two activations with more.
 */
export interface ProductOperation {
  readonly kind: 'product';
  readonly inputs: readonly [TensorId, TensorId];
  readonly terms: number;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly leftZero: number;
  readonly rightZero: number;
}

/** Maximum over a window that slides over the spatial dimensions of `planes` images; positions outside do not take part. */
export interface MaxOperation {
  readonly kind: 'max';
  readonly inputs: readonly [TensorId];
  readonly planes: number;
  readonly window: Window;
  /** The minimum instead. */
  readonly minimum?: boolean;
}

/** Index of the first (or last) maximum along the middle axis of [outer, length, inner]. */
export interface ArgMaxOperation {
  readonly kind: 'argmax';
  readonly inputs: readonly [TensorId];
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  readonly selectLast: boolean;
  /** The minimum instead. */
  readonly minimum: boolean;
}

/**
 * Softmax of rows as QLinearSoftmax computes it, level by level: with d = max(x) − x, the sum of term[d] over the row in float32, one
 * element after the other, and numerator[d] over that sum, rounded to float32 and then, halves to even, to an integer of at most `most`.
 */
export interface SoftmaxOperation {
  readonly kind: 'softmax';
  readonly inputs: readonly [TensorId];
  /** Elements of a row; rows follow each other. */
  readonly length: number;
  /** Float32 numbers by d, positive. */
  readonly terms: Float64Array;
  readonly numerators: Float64Array;
  readonly most: number;
}

export type Operation =
  | InputOperation
  | ConstantOperation
  | ViewOperation
  | LinearOperation
  | WeightedOperation
  | StepOperation
  | TableOperation
  | ProductOperation
  | MaxOperation
  | ArgMaxOperation
  | SoftmaxOperation
  | IntegerOperation;

export interface Program {
  /** tensors[i] is the result of operations[i]. */
  readonly tensors: readonly ProgramTensor[];
  readonly operations: readonly Operation[];
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
  /** Hidden weights: input operations with values. */
  readonly weights: readonly TensorId[];
}

/** The tensors that an operation reads. */
export function operands(operation: Operation): readonly TensorId[] {
  return 'inputs' in operation ? operation.inputs : [];
}

/**
 * Ranges of the element types. The 64-bit ones are restricted to 52 bits, so that doubles hold every difference exactly: an input
 * outside is refused, and the circuit proves that it is inside.
 */
export const TYPE_RANGE = {
  uint8: { lo: 0, hi: 255 },
  int8: { lo: -128, hi: 127 },
  uint16: { lo: 0, hi: 65_535 },
  int16: { lo: -32_768, hi: 32_767 },
  int32: { lo: -2_147_483_648, hi: 2_147_483_647 },
  uint32: { lo: 0, hi: 4_294_967_295 },
  int64: { lo: -(2 ** 51), hi: 2 ** 51 - 1 },
  uint64: { lo: 0, hi: 2 ** 52 - 1 },
  bool: { lo: 0, hi: 1 },
} as const satisfies Partial<Record<ElementType, { lo: number; hi: number }>>;

export type RangedType = keyof typeof TYPE_RANGE;

/** Whether the range of a type is known here. */
export function isRangedType(type: ElementType): type is RangedType {
  return type in TYPE_RANGE;
}
