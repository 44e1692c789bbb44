/** Graphs written in a few lines, for tests. */
import { newTensorData } from '../elementType.js';
import type { Attribute, ElementType, Graph, GraphNode, Tensor, ValueInfo } from '../graph.js';

/** A whole number or list is an int attribute; a float is written `{ float: 0.5 }`, a graph `{ graph }`. */
export type AttributeValue = number | readonly number[] | string | { readonly float: number } | { readonly graph: Graph };

/** A tensor from plain numbers. */
export function tensor(type: ElementType, shape: readonly number[], values: Iterable<number>): Tensor {
  const list = [...values];
  const data = newTensorData(type, list.length);
  list.forEach((value, index) => { data[index] = (typeof data[index] === 'bigint' ? BigInt(value) : value) as never; });
  return { type, shape, data };
}

export class GraphBuilder {
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #initializers = new Map<string, Tensor>();
  readonly #nodes: GraphNode[] = [];

  input(name: string, type: ElementType, shape: ValueInfo['shape']): this {
    this.#inputs.push({ name, type, shape });
    return this;
  }

  output(name: string, type: ElementType, shape: ValueInfo['shape']): this {
    this.#outputs.push({ name, type, shape });
    return this;
  }

  constant(name: string, type: ElementType, shape: readonly number[], values: Iterable<number>): this {
    this.#initializers.set(name, tensor(type, shape, values));
    return this;
  }

  node(opType: string, inputs: readonly string[], outputs: string | readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}, domain = ''): this {
    const list = typeof outputs === 'string' ? [outputs] : outputs;
    this.#nodes.push({ name: `${list[0]}_node`, opType, domain, inputs, outputs: list, attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, attributeOf(value)])) });
    return this;
  }

  /** Scale and zero point as constants `name_scale` and `name_zero`, and the node `output = QuantizeLinear(input)`. */
  quantize(input: string, output: string, { type, scale, zeroPoint }: { type: ElementType; scale: number; zeroPoint: number }): this {
    return this.constant(`${output}_scale`, 'float32', [], [scale]).constant(`${output}_zero`, type, [], [zeroPoint]).node('QuantizeLinear', [input, `${output}_scale`, `${output}_zero`], output);
  }

  /** The node `output = DequantizeLinear(input)` with constants of its own; one scale, or one per index of the axis. */
  dequantize(input: string, output: string, { type, scale, zeroPoint, axis }: { type: ElementType; scale: number | readonly number[]; zeroPoint: number; axis?: number }): this {
    const scales = typeof scale === 'number' ? [scale] : scale;
    const shape = typeof scale === 'number' ? [] : [scale.length];
    return this.constant(`${output}_scale`, 'float32', shape, scales)
      .constant(`${output}_zero`, type, shape, scales.map(() => zeroPoint))
      .node('DequantizeLinear', [input, `${output}_scale`, `${output}_zero`], output, axis === undefined ? {} : { axis });
  }

  build(opset = 13): Graph {
    return {
      name: 'test',
      inputs: this.#inputs,
      outputs: this.#outputs,
      initializers: this.#initializers,
      nodes: this.#nodes,
      opsets: new Map([['', opset], ['com.microsoft', 1]]),
    };
  }
}

function attributeOf(value: AttributeValue): Attribute {
  if (typeof value === 'number') return { kind: 'int', value: BigInt(value) };
  if (typeof value === 'string') return { kind: 'string', value };
  if ('graph' in value) return { kind: 'graph', value: value.graph };
  if ('float' in value) return { kind: 'float', value: value.float };
  return { kind: 'ints', value: value.map(BigInt) };
}

/** Deterministic pseudo-random integers from lo to hi (an LCG with the constants of Numerical Recipes). */
export function integers({ count, lo, hi, seed }: { count: number; lo: number; hi: number; seed: number }): number[] {
  let state = seed >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return lo + Math.floor((state / 2 ** 32) * (hi - lo + 1));
  });
}
