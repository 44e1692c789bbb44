/**
 * Finding all that cannot be proven, not only the first of it: a pass that is given a collector reports what it cannot do with a node
 * and goes on as if the node's results had come from outside.
 */
import { isZkonnxError, type ZkonnxError } from '../errors/index.js';
import type { GraphNode } from './graph.js';

export class Refusals {
  readonly #errors = new Map<string, ZkonnxError>();
  readonly #blocked = new Map<string, string>();

  /** One error for each node, in the order in which they were found; '' is the model as a whole. */
  get errors(): ReadonlyMap<string, ZkonnxError> {
    return this.#errors;
  }

  /** Nodes that cannot be looked at because of another one: its name. */
  get blocked(): ReadonlyMap<string, string> {
    return this.#blocked;
  }

  get any(): boolean {
    return this.#errors.size > 0;
  }

  /**
   * Records an error under the node that it names, or else under `node`.
   * @throws the error, if it is not about the model: defects and cancellation are no refusals.
   */
  add(error: unknown, node?: Pick<GraphNode, 'name'>): void {
    if (!isZkonnxError(error) || error.kind !== 'model') throw error;
    const name = error.details.node ?? node?.name ?? '';
    if (!this.#errors.has(name)) this.#errors.set(name, error);
  }

  block(node: Pick<GraphNode, 'name'>, because: string): void {
    if (!this.#errors.has(node.name)) this.#blocked.set(node.name, because);
  }
}

/** Runs a step; with a collector its refusal is recorded and `otherwise` is the result. */
export function attempt<T>(refusals: Refusals | undefined, node: Pick<GraphNode, 'name'> | undefined, step: () => T, otherwise: () => T): T {
  if (refusals === undefined) return step();
  try {
    return step();
  } catch (error) {
    refusals.add(error, node);
    return otherwise();
  }
}
