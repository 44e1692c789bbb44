/** What type and shape inference knows about one operator. One file per family lists these; registry.ts collects them. */
import { ZkonnxError } from '../../errors/index.js';
import type { Attribute, ElementType, GraphNode, Tensor, TensorType } from '../graph.js';
import { formatShape } from '../shape.js';

export const ONNX = '';
export const MICROSOFT = 'com.microsoft';

export interface OperatorSchema {
  readonly opType: string;
  readonly domain: string;
  /** Fewest and most inputs; the first `min` of them must be present. */
  readonly inputs: readonly [min: number, max: number];
  /** Most outputs. */
  readonly outputs: number;
  /** All attributes that any supported version has. Others are refused, since they could change the meaning. */
  readonly attributes: Readonly<Record<string, Attribute['kind']>>;
  readonly required?: readonly string[];
  /** The types of the outputs. Checks the operands. */
  readonly infer: (context: InferContext) => readonly TensorType[];
  /**
   * The value of the first output, or of each of several, when all inputs are constants, exactly as ONNX Runtime computes it;
   * undefined when that is not known.
   */
  readonly fold?: (context: InferContext) => Tensor | readonly Tensor[] | undefined;
  /**
   * Of an operator that only moves elements: the inputs whose elements it moves; undefined when its attributes make it compute.
   * Its other inputs say where to, and `fold` may put zeros between. {@link movementMap} is made of both.
   */
  readonly moves?: (context: InferContext) => readonly number[] | undefined;
}

/** A node with what is known of its inputs. */
export class InferContext {
  readonly node: GraphNode;
  readonly opset: number;
  private readonly types: ReadonlyMap<string, TensorType>;
  private readonly constants: ReadonlyMap<string, Tensor>;

  constructor({ node, opset, types, constants }: {
    node: GraphNode;
    opset: number;
    types: ReadonlyMap<string, TensorType>;
    constants: ReadonlyMap<string, Tensor>;
  }) {
    this.node = node;
    this.opset = opset;
    this.types = types;
    this.constants = constants;
  }

  has(index: number): boolean {
    return Boolean(this.node.inputs[index]);
  }

  /** The type of an input that is there. */
  input(index: number): TensorType {
    const name = this.node.inputs[index] ?? '';
    const type = this.types.get(name);
    if (type === undefined) throw new ZkonnxError('MODEL_INVALID', { message: `Input ${index} of node '${this.node.name}' (${this.node.opType}) is missing.`, node: this.node.name });
    return type;
  }

  inputTypes(): TensorType[] {
    return this.node.inputs.map((_, index) => this.input(index));
  }

  /** The value of an input, when it is a constant. */
  constant(index: number): Tensor | undefined {
    return this.constants.get(this.node.inputs[index] ?? '');
  }

  /**
   * The integers of an input that decides a shape.
   * @throws ZkonnxError SHAPE_UNSUPPORTED when it depends on the data.
   */
  integers(index: number, role: string): number[] {
    const tensor = this.constant(index);
    if (tensor === undefined) {
      throw new ZkonnxError('SHAPE_UNSUPPORTED', {
        message: `The ${role} of node '${this.node.name}' (${this.node.opType}) is computed from the data, so the shape of its output is not known before it runs.`,
        node: this.node.name,
        expected: 'a constant',
        found: `the tensor '${this.node.inputs[index]}'`,
      });
    }
    return Array.from<number | bigint, number>(tensor.data, (value) => {
      const number = Number(value);
      if (!Number.isSafeInteger(number)) throw this.invalid(`The ${role} holds ${value}`, 'sizes that exist', String(value));
      return number;
    });
  }

  /** A dimension counted from the front; negative ones count from the back. */
  axis(value: number, rank: number): number {
    const axis = value < 0 ? value + rank : value;
    if (axis < 0 || axis >= rank) throw this.invalid(`The axis ${value} does not exist`, `${-rank} to ${rank - 1}`, String(value));
    return axis;
  }

  expectType(index: number, role: string, allowed: readonly ElementType[]): TensorType {
    const type = this.input(index);
    if (!allowed.includes(type.type)) {
      throw new ZkonnxError('TYPE_UNSUPPORTED', {
        message: `The ${role} of node '${this.node.name}' (${this.node.opType}) has an element type that is wrong or not supported.`,
        node: this.node.name,
        expected: allowed.join(' or '),
        found: type.type,
      });
    }
    return type;
  }

  /** MODEL_INVALID with the node, what was expected and what was found. */
  invalid(what: string, expected?: string, found?: string): ZkonnxError {
    return new ZkonnxError('MODEL_INVALID', { message: `${what}, in node '${this.node.name}' (${this.node.opType}).`, node: this.node.name, expected, found });
  }

  /** SHAPE_UNSUPPORTED for operand shapes that do not fit together. */
  shapeMismatch(what: string, expected: string, found: readonly (readonly number[])[]): ZkonnxError {
    return new ZkonnxError('SHAPE_UNSUPPORTED', {
      message: `${what}, in node '${this.node.name}' (${this.node.opType}).`,
      node: this.node.name,
      expected,
      found: found.map((shape) => formatShape(shape)).join(' and '),
    });
  }

  unsupported(what: string, fix?: string): ZkonnxError {
    return new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `${what}, in node '${this.node.name}' (${this.node.opType}).`, node: this.node.name, fix });
  }
}
