import { dataTypeNumber } from '../../onnx/elementType.js';
import type { Attribute, ElementType, GraphNode, Tensor, TypedGraph } from '../../onnx/graph.js';
import { ZkonnxError } from '../../errors/index.js';
import type { Moments } from '../calibration/moments.js';
import type { FunctionTables } from '../functionTables.js';
import { floatsOf } from '../floatGraph.js';
import { integerType, quantizeReal, type Parameters } from '../plan/parameters.js';
import type { WeightRounding } from './weights.js';

/** A node to append. */
export interface NewNode {
  readonly name: string;
  readonly opType: string;
  readonly inputs: readonly string[];
  /** A name; by default a fresh one. */
  readonly output?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** Writes the quantized graph: integer tensors beside the float tensors that they stand for. */
export class Emitter {
  readonly nodes: GraphNode[] = [];
  readonly initializers = new Map<string, Tensor>();
  readonly warnings: string[] = [];
  /** The rewritten float model. */
  readonly graph: TypedGraph;
  readonly opset: number;
  readonly tables: FunctionTables;
  /** By the float tensor that a layer with weights makes: how its inputs vary. */
  readonly moments: ReadonlyMap<string, Moments>;
  readonly rounding: WeightRounding;
  /** The bytes of 16-bit tensors that have been split, high and low. */
  readonly bytes = new Map<string, readonly [high: string, low: string]>();
  readonly #parameters: ReadonlyMap<string, Parameters>;
  readonly #integers = new Map<string, string>();
  readonly #names: Set<string>;

  constructor({ graph, opset, parameters, tables, moments, rounding, names }: {
    graph: TypedGraph;
    opset: number;
    parameters: ReadonlyMap<string, Parameters>;
    tables: FunctionTables;
    moments: ReadonlyMap<string, Moments>;
    rounding: WeightRounding;
    names: ReadonlySet<string>;
  }) {
    this.graph = graph;
    this.opset = opset;
    this.tables = tables;
    this.moments = moments;
    this.rounding = rounding;
    this.#parameters = parameters;
    this.#names = new Set(names);
  }

  /** A name that no tensor has. */
  fresh(base: string): string {
    let name = base;
    for (let suffix = 2; this.#names.has(name); suffix++) name = `${base}_${suffix}`;
    this.#names.add(name);
    return name;
  }

  /** How a float tensor is quantized. */
  parameters(tensor: string): Parameters {
    const found = this.#parameters.get(tensor);
    if (found === undefined) throw new ZkonnxError('INTERNAL', { message: `the tensor '${tensor}' has no quantization` });
    return found;
  }

  shape(tensor: string): readonly number[] {
    return this.graph.types.get(tensor)?.shape ?? [];
  }

  /** The int8 tensor of a float tensor that is there already; a constant is quantized when it is first read. */
  integers(tensor: string): string {
    const known = this.#integers.get(tensor);
    if (known !== undefined) return known;
    const constant = this.graph.initializers.get(tensor);
    if (constant === undefined) throw new ZkonnxError('INTERNAL', { message: `the tensor '${tensor}' is read before it is computed` });
    if (constant.type !== 'float32') return this.keep(tensor, constant);
    const parameters = this.parameters(tensor);
    const values = Array.from(floatsOf(constant), (value) => quantizeReal(value, parameters));
    const name = this.constant(`${tensor}_quantized`, { type: integerType(parameters), shape: constant.shape, data: parameters.bits === 8 ? Int8Array.from(values) : Int32Array.from(values) });
    this.#integers.set(tensor, name);
    return name;
  }

  /** The name that the integers of a float tensor get. */
  claim(tensor: string): string {
    const name = this.fresh(`${tensor}_quantized`);
    this.#integers.set(tensor, name);
    return name;
  }

  /** Makes a tensor that exists the integers of a float tensor. */
  alias(tensor: string, integers: string): void {
    this.#integers.set(tensor, integers);
  }

  /** An integer constant of the model under its own name. */
  keep(name: string, tensor: Tensor): string {
    this.initializers.set(name, tensor);
    return name;
  }

  constant(base: string, tensor: Tensor): string {
    const name = this.fresh(base);
    this.initializers.set(name, tensor);
    return name;
  }

  scalar(base: string, type: 'int8' | 'int32' | 'float32', value: number): string {
    const data = type === 'int8' ? Int8Array.of(value) : type === 'int32' ? Int32Array.of(value) : Float32Array.of(value);
    return this.constant(base, { type, shape: [], data });
  }

  int64s(base: string, values: readonly number[]): string {
    return this.constant(base, { type: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
  }

  add({ name, opType, inputs, output, attributes = {} }: NewNode): string {
    const result = output ?? this.fresh(`${name}_result`);
    this.nodes.push({ name, opType, domain: '', inputs, outputs: [result], attributes: new Map(Object.entries(attributes)) });
    return result;
  }

  cast(name: string, input: string, to: ElementType, output?: string): string {
    return this.add({ name, opType: 'Cast', inputs: [input], ...(output === undefined ? {} : { output }), attributes: { to: { kind: 'int', value: BigInt(dataTypeNumber(to)) } } });
  }

  /** Scale and zero point of a float tensor, as operators take them. */
  quantization(tensor: string): [scale: string, zeroPoint: string] {
    const parameters = this.parameters(tensor);
    return [this.scalar(`${tensor}_scale`, 'float32', parameters.scale), this.scalar(`${tensor}_zero_point`, integerType(parameters), parameters.zeroPoint)];
  }
}
