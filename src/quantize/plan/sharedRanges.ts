import type { ObservedRange } from '../calibration/observers/observer.js';
import type { TypedGraph } from '../../onnx/graph.js';
import type { Layer } from './layer.js';

/** Tensors in groups of equal quantization: what only moves elements cannot change their scale. */
export class SharedRanges {
  readonly #parent = new Map<string, string>();

  constructor(layers: readonly Layer[], graph: TypedGraph) {
    for (const { kind, node, output } of layers) {
      const shared = kind.shared?.(node, graph) ?? [];
      const names = shared.map((name) => (node.outputs.length === 1 && name === node.outputs[0] ? output : name));
      names.slice(1).forEach((name) => this.#join(names[0] as string, name));
    }
  }

  /** The tensor that stands for the group of a tensor. */
  find(name: string): string {
    let root = name;
    for (let parent = this.#parent.get(root); parent !== undefined; parent = this.#parent.get(root)) root = parent;
    for (let current = name; current !== root; ) {
      const next = this.#parent.get(current) as string;
      this.#parent.set(current, root);
      current = next;
    }
    return root;
  }

  #join(a: string, b: string): void {
    const [left, right] = [this.find(a), this.find(b)];
    if (left !== right) this.#parent.set(right, left);
  }
}

/** The smallest range that holds both. */
export function unionOf(a: ObservedRange | undefined, b: ObservedRange): ObservedRange {
  return a === undefined ? b : { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
}
