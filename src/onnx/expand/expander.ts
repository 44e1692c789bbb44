import type { Attribute, GraphNode, Tensor } from '../graph.js';
import type { Expansion } from './expansion.js';

/** Collects the nodes and constants that take the place of a node. */
export class Expander {
  readonly #node: GraphNode;
  readonly #fresh: (base: string) => string;
  readonly #nodes: GraphNode[] = [];
  readonly #constants = new Map<string, Tensor>();

  /** @param fresh makes a tensor name that nothing else has */
  constructor(node: GraphNode, fresh: (base: string) => string) {
    this.#node = node;
    this.#fresh = fresh;
  }

  /** Appends a node of the ONNX domain and gives the name of its output, a new one unless it is said. */
  node(opType: string, inputs: readonly string[], { attributes = {}, output = this.#fresh(`${this.#node.name}/${opType}`) }: { attributes?: Readonly<Record<string, Attribute>>; output?: string } = {}): string {
    this.#nodes.push({ name: `${this.#node.name}/${opType}_${this.#nodes.length}`, opType, domain: '', inputs, outputs: [output], attributes: new Map(Object.entries(attributes)) });
    return output;
  }

  constant(tensor: Tensor): string {
    const name = this.#fresh(`${this.#node.name}/constant`);
    this.#constants.set(name, tensor);
    return name;
  }

  /** A vector or scalar of int64. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.constant({ type: 'int64', shape, data: BigInt64Array.from(values, BigInt) });
  }

  /** Makes a tensor the output `index` of the node. */
  finish(name: string, index = 0): void {
    const output = this.#node.outputs[index];
    if (output) this.node('Identity', [name], { output });
  }

  get expansion(): Expansion {
    return { nodes: this.#nodes, constants: this.#constants };
  }
}
