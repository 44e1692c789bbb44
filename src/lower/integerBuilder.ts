import { ZkonnxError } from '../errors/index.js';
import { elementCount, type ElementType, type GraphNode } from '../onnx/graph.js';
import { isInside, type BilinearOperation, type CompareOperation, type DivideOperation, type Fit } from '../program/integerOperation.js';
import { hull } from '../program/interval.js';
import { isRangedType, TYPE_RANGE, type Operation, type RangedType, type TensorId } from '../program/program.js';
import { broadcastIndex } from './broadcast.js';
import type { LoweringContext } from './context.js';

/** The integer type of a tensor. @throws ZkonnxError TYPE_UNSUPPORTED */
export function rangedType(type: ElementType, node: GraphNode): RangedType {
  if (isRangedType(type)) return type;
  throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) computes ${type}, which has no exact integer form here.`, node: node.name, expected: Object.keys(TYPE_RANGE).join(', '), found: type });
}

/** How results come into the range of a type: 64-bit types are exact to 52 bits only, so that what wraps around there has no proof. */
export function fitOf(type: RangedType): Fit {
  return { ...TYPE_RANGE[type], wraps: type !== 'int64' && type !== 'uint64' };
}

/** The range of a type, where a value outside has no proof. */
export function guardOf(type: RangedType): Fit {
  return { ...TYPE_RANGE[type], wraps: false };
}

/** Sums up to here have 32-bit constants and are exact in doubles. */
const MOST_LINEAR = 2 ** 31;

/** A bilinear form of two values. */
export type Form = Pick<BilinearOperation, 'product' | 'left' | 'right' | 'constant'>;

export const PRODUCT: Form = { product: 1, left: 0, right: 0, constant: 0 };
export const AND: Form = PRODUCT;
export const OR: Form = { product: -1, left: 1, right: 1, constant: 0 };
export const XOR: Form = { product: -2, left: 1, right: 1, constant: 0 };
/** 1 where two booleans are equal. */
export const XNOR: Form = { product: 2, left: -1, right: -1, constant: 1 };

/** Composes primitives for one node: each method appends an operation and gives the id of its result. */
export class IntegerBuilder {
  readonly node: GraphNode;
  readonly context: LoweringContext;
  #count = 0;

  constructor(node: GraphNode, context: LoweringContext) {
    this.node = node;
    this.context = context;
  }

  /** The tensor of input `index`, in a shape that broadcasts to `shape` (its own when left out). */
  input(index: number, shape?: readonly number[]): TensorId {
    const id = this.context.tensor(this.node.inputs[index] as string, this.node);
    return shape === undefined ? id : this.broadcast(id, shape);
  }

  shape(id: TensorId): readonly number[] {
    return this.context.program.tensor(id).shape;
  }

  /** The smallest interval that holds every element. */
  range(id: TensorId): { lo: number; hi: number } {
    return hull(this.context.program.tensor(id).bounds);
  }

  /** Type and shape of output `index`. */
  output(index = 0): { type: RangedType; shape: readonly number[] } {
    const { type, shape } = this.context.type(this.node.outputs[index] as string);
    return { type: rangedType(type, this.node), shape };
  }

  /** Makes a tensor the output `index` of the node. */
  finish(id: TensorId, index = 0): void {
    this.context.define(this.node, { kind: 'view', inputs: [id], fill: 0 }, index);
  }

  constant(value: number, shape: readonly number[]): TensorId {
    return this.constants(new Float64Array(elementCount(shape)).fill(value), shape);
  }

  constants(values: Float64Array, shape: readonly number[]): TensorId {
    return this.#add({ kind: 'constant', values }, shape);
  }

  broadcast(id: TensorId, shape: readonly number[]): TensorId {
    const own = this.shape(id);
    return own.join() === shape.join() ? id : this.view([id], broadcastIndex(own, shape), shape);
  }

  /** Elements of tensors laid end to end. */
  view(inputs: readonly TensorId[], index: Int32Array, shape: readonly number[]): TensorId {
    return this.#add({ kind: 'view', inputs, index, fill: 0 }, shape);
  }

  reshape(id: TensorId, shape: readonly number[]): TensorId {
    return this.#add({ kind: 'view', inputs: [id], fill: 0 }, shape);
  }

  /** Σ factor · tensor + constant, of tensors of one shape. */
  sum(terms: readonly (readonly [factor: number, id: TensorId])[], constant = 0): TensorId {
    const shape = this.shape((terms[0] as readonly [number, TensorId])[1]);
    const length = elementCount(shape);
    return this.#add(
      {
        kind: 'linear',
        wide: true,
        inputs: terms.map(([, id]) => id),
        map: {
          kind: 'sum',
          factors: terms.map(([factor]) => factor),
          indices: terms.map((_, term) => Int32Array.from({ length }, (_, i) => term * length + i)),
          constant: new Int32Array(length).fill(constant),
        },
      },
      shape,
    );
  }

  /** The sum of the elements of each window of `count` consecutive elements, with weights that repeat. */
  sumWindows(id: TensorId, weights: readonly number[], shape: readonly number[]): TensorId {
    const length = elementCount(shape);
    return this.#add(
      {
        kind: 'linear',
        wide: true,
        inputs: [id],
        map: {
          kind: 'sum',
          factors: weights,
          indices: weights.map((_, term) => Int32Array.from({ length }, (_, i) => i * weights.length + term)),
          constant: new Int32Array(length),
        },
      },
      shape,
    );
  }

  /** The tensor brought into a range; itself where it is in it. */
  fit(id: TensorId, fit: Fit): TensorId {
    return isInside(this.range(id), fit) ? id : this.#add({ kind: 'fit', inputs: [id], fit }, this.shape(id));
  }

  /**
   * An operand of a kernel that takes the smaller or the larger of two, or looks at a sign. Of int64 those of ONNX Runtime 1.30 on x86
   * compare the lower halves as signed numbers where the upper halves are equal (Eigen's SSE packets: Max of 2^31 and 1 is 1), which
   * is right within 32 bits only. What lies beyond has no proof.
   */
  ordered(id: TensorId): TensorId {
    return this.output().type === 'int64' ? this.fit(id, guardOf('int32')) : id;
  }

  bilinear(form: Form, a: TensorId, b: TensorId, fit: Fit): TensorId {
    if (this.#isIdentity(form, a, b, fit)) return a;
    const { product, left, right, constant } = form;
    if (this.#isConstant(a) && !this.#isConstant(b)) return this.bilinear({ product, left: right, right: left, constant }, b, a, fit);
    const { lo, hi } = this.range(b);
    const reach = (Math.abs(product * lo) + Math.abs(left)) * Math.max(...Object.values(this.range(a)).map(Math.abs)) + Math.abs(right * lo + constant);
    // With one constant it is a multiple of the other operand, which costs no product.
    if (lo === hi && reach < MOST_LINEAR) return this.fit(this.sum([[product * lo + left, a]], right * lo + constant), fit);
    return this.#add({ kind: 'bilinear', inputs: [a, b], ...form, fit }, this.shape(a));
  }

  /** Whether the second operand is one constant with which the form is its first operand. */
  #isIdentity({ product, left, right, constant }: Form, a: TensorId, b: TensorId, fit: Fit): boolean {
    const { lo, hi } = this.range(b);
    return lo === hi && product * lo + left === 1 && right * lo + constant === 0 && isInside(this.range(a), fit);
  }

  #isConstant(id: TensorId): boolean {
    const { lo, hi } = this.range(id);
    return lo === hi;
  }

  /** A form of values that are all 0 or 1. */
  logic(form: Form, a: TensorId, b: TensorId): TensorId {
    return this.bilinear(form, a, b, fitOf('bool'));
  }

  not(id: TensorId): TensorId {
    return this.sum([[-1, id]], 1);
  }

  compare(relation: CompareOperation['relation'], a: TensorId, b: TensorId): TensorId {
    return this.#add({ kind: 'compare', inputs: [a, b], relation }, this.shape(a));
  }

  select(condition: TensorId, a: TensorId, b: TensorId): TensorId {
    return this.#add({ kind: 'select', inputs: [condition, a, b] }, this.shape(a));
  }

  divide(rounding: DivideOperation['rounding'], result: DivideOperation['result'], a: TensorId, d: TensorId): TensorId {
    return this.#add({ kind: 'divide', inputs: [a, d], rounding, result }, this.shape(a));
  }

  /** The bits of each element, least first, as tensors of its shape. */
  bits(id: TensorId, { width, signed }: { readonly width: number; readonly signed: boolean }): TensorId[] {
    const shape = this.shape(id);
    const length = elementCount(shape);
    const all = this.#add({ kind: 'bits', inputs: [id], width, signed }, [width, ...shape]);
    return Array.from({ length: width }, (_, bit) => this.view([all], Int32Array.from({ length }, (_, i) => bit * length + i), shape));
  }

  /** The largest, or smallest, of tensors of one shape, element by element. */
  extreme(ids: readonly TensorId[], minimum: boolean): TensorId {
    const [first] = ids as [TensorId];
    if (ids.length === 1) return first;
    const shape = this.shape(first);
    const length = elementCount(shape);
    const index = Int32Array.from({ length: length * ids.length }, (_, i) => (i % ids.length) * length + Math.floor(i / ids.length));
    return this.extremeOfWindows(this.view(ids, index, [...shape, ids.length]), ids.length, minimum, shape);
  }

  /** The largest, or smallest, of each `count` consecutive elements. */
  extremeOfWindows(id: TensorId, count: number, minimum: boolean, shape: readonly number[]): TensorId {
    const window = { inputSpatial: [count], outputSpatial: [1], kernel: [count], strides: [1], dilations: [1], pads: [0] };
    return this.#add({ kind: 'max', inputs: [id], planes: elementCount(shape), window, minimum }, shape);
  }

  /** Types of tensors within a node do not matter; their ranges do. */
  #add(operation: Operation, shape: readonly number[]): TensorId {
    return this.context.program.add(operation, { name: `${this.node.outputs[0]}:${this.#count++}`, node: this.node.name, type: 'int64', shape });
  }
}
