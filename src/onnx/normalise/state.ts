import type { EntryQuantize } from './canonicalGraph.js';
import { CoreBuilder } from './coreBuilder.js';
import type { Tensor, TypedGraph } from '../graph.js';
import type { Operand, Target, Value } from './values.js';

/** The oldest canonical opset: MaxPool and Clip take 8-bit integers since 12, Squeeze and Unsqueeze take their axes as an input since 13. */
const CANONICAL_OPSET = 13;

/** What makes integers of a float value of the original graph; given to the state, so that those who need the state can be what it uses. */
export interface IntegerForms {
  /** QuantizeLinear of the value, as the core tensor `output`. */
  readonly quantize: (state: State, value: Value, name: string, target: Target, output: string) => string;
  /** Its truth values, as the core tensor `output`; undefined when they are not a function of one quantized tensor. */
  readonly truth: (state: State, value: Value, name: string, output: string) => string | undefined;
}

/** Everything that the rewrites share while one graph is normalised. */
export class State {
  readonly original: TypedGraph;
  readonly core: CoreBuilder;
  /** By tensor name of the original graph. */
  readonly values = new Map<string, Value>();
  readonly entries: EntryQuantize[] = [];
  /** Float tensors that are in the core already, as part of an element-wise region: original name → core name. */
  readonly floats = new Map<string, string>();
  /** Movements of functions, as functions of what is moved: by the name of their result. */
  readonly pushed = new Map<string, Value>();
  /** The shapes of the operands of those functions. */
  readonly pushedShapes = new Map<string, readonly number[]>();
  /** The opset of the canonical graph. QuantizeLinear of 16-bit types is in the ONNX domain from 21 on. */
  readonly opset: number;
  readonly #quantized = new Map<string, string>();
  readonly #truths = new Map<string, string>();
  readonly #forms: IntegerForms;

  constructor(original: TypedGraph, forms: IntegerForms) {
    this.original = original;
    const sixteenBit = [...original.types.values()].some(({ type }) => type === 'uint16' || type === 'int16');
    this.opset = Math.max(original.opsets.get('') ?? CANONICAL_OPSET, CANONICAL_OPSET, sixteenBit ? 21 : 0);
    this.core = new CoreBuilder(original);
    this.#forms = forms;
  }

  /** The core tensor that equals QuantizeLinear of a float tensor of the original graph, made once per quantization. */
  quantized(value: Value, name: string, target: Target, output?: string): string {
    const key = `${target.type} ${target.scale} ${target.zeroPoint} ${name}`;
    const known = this.#quantized.get(key);
    if (known !== undefined) return known;
    const tensor = this.#forms.quantize(this, value, name, target, output ?? this.core.fresh(`${name}_quantized`));
    this.#quantized.set(key, tensor);
    return tensor;
  }

  /** The core tensor of truth values of floats, made once; undefined when they are not a function of one quantized tensor. */
  truth(value: Value, name: string): string | undefined {
    const known = this.#truths.get(name);
    if (known !== undefined) return known;
    const tensor = this.#forms.truth(this, value, name, this.core.claim(name));
    if (tensor !== undefined) this.#truths.set(name, tensor);
    return tensor;
  }

  /** A constant that several nodes may share. */
  shared(name: string, make: () => Tensor): string {
    return this.core.constants.has(name) ? name : this.core.constant(name, make());
  }

  /** The value of an operand that is a constant of the model, float or integer. */
  constantOf(operand: Operand): Tensor | undefined {
    if (operand === undefined) return undefined;
    if (operand.value.kind === 'constant') return operand.value.value;
    return operand.value.kind === 'integer' ? this.core.constants.get(operand.value.tensor) : undefined;
  }
}
