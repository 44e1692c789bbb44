import { ZkonnxError } from '../errors/index.js';
import { elementCount, type GraphNode, type Tensor, type TensorType, type TypedGraph } from '../onnx/graph.js';
import { ProgramBuilder } from '../program/builder.js';
import type { Integers } from '../program/interval.js';
import type { Operation, TensorId } from '../program/program.js';

/**
 * A float32 tensor that is an exact function of an integer tensor, element by element: what lies between DequantizeLinear and
 * QuantizeLinear. It is never computed; QuantizeLinear turns the function into a step.
 */
export interface FloatChain {
  readonly source: TensorId;
  /** Element i uses functions[⌊i / inner⌋ mod functions.length]. Each is made of correctly rounded float32 operations. */
  readonly functions: readonly ((x: number) => number)[];
  readonly inner: number;
  /** Whether every function is non-decreasing: then QuantizeLinear makes it a step, however wide the integer is. */
  readonly monotone: boolean;
}

/** A float32 tensor that is an exact function of two integer tensors, with numpy broadcasting. */
export interface FloatPair {
  readonly kind: 'sum' | 'product' | 'quotient';
  readonly left: DequantizedOperand;
  readonly right: DequantizedOperand;
  /** +1, or −1 for a difference. */
  readonly sign: 1 | -1;
  /** From both float32 operands to the float32 result; made of correctly rounded operations. */
  readonly combine: (left: number, right: number) => number;
}

/** A DequantizeLinear with one scale. */
export interface DequantizedOperand {
  readonly source: TensorId;
  readonly scale: number;
  readonly zeroPoint: number;
}

export interface LoweringOptions {
  /** Whether weights are hidden values; by default they are constants. */
  readonly hidesWeights?: boolean | undefined;
}

/** What a lowering works with: the graph, the program so far, and which tensors are already there. */
export class LoweringContext {
  readonly program = new ProgramBuilder();
  readonly #graph: TypedGraph;
  readonly #tensors = new Map<string, TensorId>();
  readonly #chains = new Map<string, FloatChain>();
  readonly #dequantized = new Map<string, DequantizedOperand>();
  readonly #pairs = new Map<string, FloatPair>();
  readonly #hidden = new Map<string, TensorId>();

  /** Whether the weights of linear maps are hidden values instead of constants. */
  readonly hidesWeights: boolean;

  constructor(graph: TypedGraph, { hidesWeights = false }: LoweringOptions = {}) {
    this.#graph = graph;
    this.hidesWeights = hidesWeights;
  }

  /** The program tensor of an ONNX tensor. A constant becomes an operation when it is first used as a tensor. */
  tensor(name: string, node: GraphNode): TensorId {
    const known = this.#tensors.get(name);
    if (known !== undefined) return known;
    const value = this.#graph.initializers.get(name);
    if (value !== undefined) {
      const id = this.program.add({ kind: 'constant', values: constantIntegers(value, node) }, { name, node: node.name, type: value.type, shape: value.shape });
      this.#tensors.set(name, id);
      return id;
    }
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
      message: `Node "${node.name}" (${node.opType}) reads "${name}", which is not an integer tensor at this point.`,
      node: node.name,
      expected: 'a quantized tensor',
      found: this.#chains.has(name) || this.#pairs.has(name) ? 'a dequantized tensor' : 'a tensor that no supported node produced',
      fix: `Quantize the input of "${node.name}", so that it becomes an integer operator; \`zkonnx check\` shows each node.`,
    });
  }

  /** The value of an initializer, or undefined for a computed tensor and for an input that was left out. */
  constant(name: string | undefined): Tensor | undefined {
    return name ? this.#graph.initializers.get(name) : undefined;
  }

  /** The value of an input of a node that must be constant. */
  requireConstant(node: GraphNode, index: number, role: string): Tensor {
    const value = this.constant(node.inputs[index]);
    if (value !== undefined) return value;
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
      message: `The ${role} of node "${node.name}" (${node.opType}) is not constant.`,
      node: node.name,
      expected: `a constant ${role}`,
      found: node.inputs[index] ? `"${node.inputs[index]}", computed by the graph` : 'nothing',
    });
  }

  type(name: string): TensorType {
    const type = this.#graph.types.get(name);
    if (type === undefined) throw new ZkonnxError('INTERNAL', { message: `no type was inferred for tensor "${name}"` });
    return type;
  }

  chain(name: string): FloatChain | undefined {
    return this.#chains.get(name);
  }

  /** The plain dequantization that a float tensor is, if it is one. */
  dequantized(name: string): DequantizedOperand | undefined {
    return this.#dequantized.get(name);
  }

  pair(name: string): FloatPair | undefined {
    return this.#pairs.get(name);
  }

  definePair(node: GraphNode, pair: FloatPair): void {
    this.#pairs.set(node.outputs[0] as string, pair);
  }

  defineDequantized(node: GraphNode, operand: DequantizedOperand): void {
    this.#dequantized.set(node.outputs[0] as string, operand);
  }

  /** Makes output `index` of a node the float function of an integer tensor. */
  defineChain(node: GraphNode, chain: FloatChain, index = 0): void {
    this.#chains.set(node.outputs[index] as string, chain);
  }

  /** Makes output `index` of a node a program tensor that exists already: nothing changes but the name. */
  alias(node: GraphNode, id: TensorId, index = 0): void {
    this.#tensors.set(node.outputs[index] as string, id);
  }

  /** Appends an operation that computes output `index` of a node. */
  define(node: GraphNode, operation: Operation, index = 0): TensorId {
    const name = node.outputs[index] as string;
    const id = this.program.add(operation, { name, node: node.name, ...this.type(name) });
    this.#tensors.set(name, id);
    return id;
  }

  /** Declares a tensor of which only the range is known, in place of one that could not be made. */
  stranger(name: string, lo: number, hi: number): void {
    this.#tensors.set(name, this.program.add({ kind: 'input', lo, hi }, { name, node: '', ...this.type(name) }));
  }

  /** The tensor of hidden weights, or biases: one for each initializer, however often it is read. */
  hidden(name: string, node: GraphNode, tensor: Tensor, { lo, hi }: { readonly lo: number; readonly hi: number }): TensorId {
    const values = constantIntegers(tensor, node);
    const outside = values.find((value) => value < lo || value > hi);
    if (outside !== undefined) {
      throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) has a value in "${name}" that is larger than the circuit of its architecture allows.`, node: node.name, expected: `${lo} to ${hi}`, found: String(outside) });
    }
    const known = this.#hidden.get(name);
    if (known !== undefined && this.#hiddenRange(known) === `${lo},${hi}`) return known;
    const id = this.program.add({ kind: 'input', lo, hi, values }, { name: known === undefined ? name : `${name}:${node.name}`, node: node.name, type: tensor.type, shape: tensor.shape });
    this.#hidden.set(name, id);
    return id;
  }

  #hiddenRange(id: TensorId): string {
    const { lo, hi } = this.program.tensor(id).bounds;
    return `${lo[0]},${hi[0]}`;
  }

  /** Declares a graph input. */
  input(name: string, lo: number, hi: number): TensorId {
    const id = this.program.add({ kind: 'input', lo, hi }, { name, node: name, ...this.type(name) });
    this.#tensors.set(name, id);
    return id;
  }
}

/** The elements of an integer tensor, each exact in a double. */
function constantIntegers(tensor: Tensor, node: GraphNode): Integers {
  if (tensor.data instanceof Float32Array || tensor.data instanceof Float64Array) {
    throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) has a float constant where integers are needed.`, node: node.name, expected: 'an integer tensor', found: tensor.type });
  }
  const values = Float64Array.from(tensor.data as ArrayLike<number | bigint>, Number);
  const bad = values.find((value) => !Number.isSafeInteger(value));
  if (bad !== undefined) {
    throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `A constant of node "${node.name}" (${node.opType}) is beyond 2^53.`, node: node.name, expected: 'integers below 2^53', found: String(bad) });
  }
  return values;
}

/** The elements of an integer tensor of weights or parameters as 32-bit numbers. */
export function integers(tensor: Tensor, node: GraphNode): Int32Array {
  const { data } = tensor;
  if (data instanceof Float32Array || data instanceof Float64Array) {
    throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) has a float constant where integers are needed.`, node: node.name, expected: 'an integer tensor', found: tensor.type });
  }
  const result = new Int32Array(elementCount(tensor.shape));
  for (let i = 0; i < result.length; i++) {
    const value = Number(data[i]);
    if (value !== (value | 0)) {
      throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `A constant of node "${node.name}" (${node.opType}) does not fit 32 bits.`, node: node.name, expected: 'integers in int32', found: String(data[i]) });
    }
    result[i] = value;
  }
  return result;
}

/** The elements of a float32 tensor. */
export function floats(tensor: Tensor, node: GraphNode): Float32Array {
  if (tensor.data instanceof Float32Array && tensor.type === 'float32') return tensor.data;
  throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) has a scale that is not float32.`, node: node.name, expected: 'float32', found: tensor.type });
}
