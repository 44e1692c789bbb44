/** Attributes of a node, with their types checked. A missing one gives the default, or undefined where there is none. */
import { ZkonnxError } from '../errors/index.js';
import type { Attribute, GraphNode, Tensor } from './graph.js';

function attribute<K extends Attribute['kind']>(node: GraphNode, name: string, kind: K): Extract<Attribute, { kind: K }> | undefined {
  const found = node.attributes.get(name);
  if (found === undefined) return undefined;
  if (found.kind === kind) return found as Extract<Attribute, { kind: K }>;
  throw new ZkonnxError('MODEL_INVALID', { message: `The attribute '${name}' of node '${node.name}' (${node.opType}) has the wrong kind.`, node: node.name, expected: kind, found: found.kind });
}

function toNumber(node: GraphNode, name: string, value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new ZkonnxError('MODEL_INVALID', { message: `The attribute '${name}' of node '${node.name}' (${node.opType}) is ${value}, which no shape or size reaches.`, node: node.name });
}

/** @throws ZkonnxError MODEL_INVALID when it is there but not an integer. */
export function intAttribute(node: GraphNode, name: string, otherwise: number): number;
export function intAttribute(node: GraphNode, name: string): number | undefined;
export function intAttribute(node: GraphNode, name: string, otherwise?: number): number | undefined {
  const found = attribute(node, name, 'int');
  return found === undefined ? otherwise : toNumber(node, name, found.value);
}

/** @throws ZkonnxError MODEL_INVALID when it is there but not a list of integers. */
export function intsAttribute(node: GraphNode, name: string): number[] | undefined {
  return attribute(node, name, 'ints')?.value.map((value) => toNumber(node, name, value));
}

/** A float32. @throws ZkonnxError MODEL_INVALID when it is there but not a float. */
export function floatAttribute(node: GraphNode, name: string, otherwise: number): number;
export function floatAttribute(node: GraphNode, name: string): number | undefined;
export function floatAttribute(node: GraphNode, name: string, otherwise?: number): number | undefined {
  return attribute(node, name, 'float')?.value ?? otherwise;
}

/** @throws ZkonnxError MODEL_INVALID when it is there but not a string. */
export function stringAttribute(node: GraphNode, name: string): string | undefined {
  return attribute(node, name, 'string')?.value;
}

/** @throws ZkonnxError MODEL_INVALID when it is there but not a tensor. */
export function tensorAttribute(node: GraphNode, name: string): Tensor | undefined {
  return attribute(node, name, 'tensor')?.value;
}

export function intValue(value: number): Attribute {
  return { kind: 'int', value: BigInt(value) };
}

export function intsValue(value: readonly number[]): Attribute {
  return { kind: 'ints', value: value.map(BigInt) };
}

export function floatValue(value: number): Attribute {
  return { kind: 'float', value };
}
