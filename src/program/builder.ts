import type { ElementType } from '../onnx/graph.js';
import { boundsOf } from './bounds.js';
import type { Intervals } from './interval.js';
import { operands, type Operation, type Program, type ProgramTensor, type TensorId } from './program.js';

/** How a new tensor is called and shaped. */
export interface TensorDescription {
  readonly name: string;
  readonly node: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/**
 * Whether the interval leaves one value to each element, so that nothing has to be computed or forced. Not so where an operation
 * also rules out inputs, which a constant would not.
 */
function isConstant(operation: Operation, { lo, hi }: Intervals): boolean {
  const rulesOut = operation.kind === 'divide' || ('fit' in operation && !operation.fit.wraps);
  return operation.kind !== 'input' && !rulesOut && lo.every((least, i) => least === hi[i]);
}

/** Collects the operations of a program, with the bounds of each result. */
export class ProgramBuilder {
  readonly #tensors: ProgramTensor[] = [];
  readonly #operations: Operation[] = [];
  readonly #inputs: TensorId[] = [];
  readonly #weights: TensorId[] = [];

  /**
   * Appends an operation and returns the id of its result.
   * @throws ZkonnxError ACCUMULATOR_OVERFLOW
   */
  add(operation: Operation, description: TensorDescription): TensorId {
    const length = description.shape.reduce((total, size) => total * size, 1);
    const inputs = operands(operation).map((id) => this.tensor(id).bounds);
    const bounds = boundsOf(operation, inputs, length, description.node);
    if (bounds.lo.length !== length) throw new RangeError(`"${description.name}" has ${bounds.lo.length} elements, its shape [${description.shape.join(', ')}] has ${length}`);
    const id = this.#tensors.length;
    this.#tensors.push({ ...description, bounds });
    this.#operations.push(isConstant(operation, bounds) ? { kind: 'constant', values: bounds.lo } : operation);
    if (operation.kind === 'input') (operation.values === undefined ? this.#inputs : this.#weights).push(id);
    return id;
  }

  tensor(id: TensorId): ProgramTensor {
    const tensor = this.#tensors[id];
    if (tensor === undefined) throw new RangeError(`no tensor ${id}`);
    return tensor;
  }

  finish(outputs: readonly TensorId[]): Program {
    return { tensors: this.#tensors, operations: this.#operations, inputs: this.#inputs, outputs, weights: this.#weights };
  }
}
