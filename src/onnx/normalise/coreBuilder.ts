import { ZkonnxError } from '../../errors/index.js';
import { foldNode } from '../foldConstants.js';
import type { Attribute, Graph, GraphNode, Tensor, TensorType, ValueInfo } from '../graph.js';
import { schemaOf } from '../operators/registry.js';
import { InferContext } from '../operators/schema.js';
import { sameShape } from '../shape.js';
import { tensorNames } from '../validate.js';

export interface NewNode {
  readonly name: string;
  readonly opType: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Further outputs. */
  readonly others?: readonly string[];
  readonly attributes?: ReadonlyMap<string, Attribute>;
  /** Names of the original nodes that it stands for. */
  readonly from: readonly string[];
}

/** The canonical graph while it grows. A node whose inputs are all constants becomes a constant. */
export class CoreBuilder {
  readonly types = new Map<string, TensorType>();
  readonly constants = new Map<string, Tensor>();
  readonly inputs: ValueInfo[] = [];
  readonly nodes: GraphNode[] = [];
  readonly origin = new Map<string, string>();
  readonly #reserved: Set<string>;
  readonly #initializers: ReadonlySet<string>;
  readonly #nodeNames = new Set<string>();

  /** Names of the original graph stay reserved, so that a tensor that keeps its value keeps its name. */
  constructor(original: Graph) {
    this.#reserved = tensorNames(original);
    this.#initializers = new Set(original.initializers.keys());
  }

  /** A tensor name that no other tensor has. */
  fresh(base: string): string {
    let name = base;
    for (let suffix = 2; this.#reserved.has(name); suffix++) name = `${base}_${suffix}`;
    this.#reserved.add(name);
    return name;
  }

  /** The name, if the core does not use it yet; else a fresh one. */
  claim(name: string): string {
    return this.types.has(name) ? this.fresh(name) : name;
  }

  input(name: string, type: TensorType): string {
    this.types.set(name, type);
    this.inputs.push({ name, ...type });
    return name;
  }

  /** The name of a constant: `base`, where that is free or already means the same. */
  constant(base: string, tensor: Tensor): string {
    const known = this.constants.get(base);
    if (known !== undefined && sameTensor(known, tensor)) return base;
    const taken = this.types.has(base) || (this.#reserved.has(base) && !this.#initializers.has(base));
    const name = taken ? this.fresh(base) : base;
    this.types.set(name, { type: tensor.type, shape: tensor.shape });
    this.constants.set(name, tensor);
    return name;
  }

  type(name: string): TensorType {
    const type = this.types.get(name);
    if (type === undefined) throw new ZkonnxError('INTERNAL', { message: `The canonical graph has no tensor '${name}'.` });
    return type;
  }

  /** The type that the first output of a node would have. */
  typeOf({ node, output }: { node: GraphNode; output: string }): TensorType {
    const whole: GraphNode = { ...node, outputs: [output] };
    return schemaOf(whole).infer(new InferContext({ node: whole, opset: 1, types: this.types, constants: this.constants }))[0] as TensorType;
  }

  /** Appends a node and gives the name of its first output. */
  emit({ name: wanted, opType, domain = '', inputs, output, others = [], attributes = new Map(), from }: NewNode): string {
    let name = wanted;
    for (let suffix = 2; this.#nodeNames.has(name); suffix++) name = `${wanted}_${suffix}`;
    const outputs = [output, ...others];
    const node: GraphNode = { name, opType, domain, inputs, outputs, attributes };
    const schema = schemaOf(node);
    const context = new InferContext({ node, opset: 1, types: this.types, constants: this.constants });
    const types = schema.infer(context);
    const values = foldNode(context, schema);
    outputs.forEach((tensor, index) => {
      if (tensor === '') return;
      this.types.set(tensor, types[index] as TensorType);
      if (values !== undefined) this.constants.set(tensor, values[index] as Tensor);
    });
    if (values !== undefined) return output;
    this.#nodeNames.add(name);
    this.nodes.push(node);
    this.origin.set(name, from.join(' + '));
    return output;
  }
}

function sameTensor(a: Tensor, b: Tensor): boolean {
  if (a === b) return true;
  if (a.type !== b.type || !sameShape(a.shape, b.shape)) return false;
  return a.data.every((value: number | bigint, index: number) => Object.is(value, b.data[index]));
}
