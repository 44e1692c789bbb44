/** Typed access to the attributes of a node. An attribute of the wrong kind is an error, never a default. */
import { ZkonnxError } from '../errors/index.js';
import type { Attribute, GraphNode } from './graph.js';

/** A number attribute of ONNX kind int. */
export function intAttribute(node: GraphNode, name: string, otherwise: number): number {
  const attribute = attributeOf(node, name, 'int');
  return attribute === undefined ? otherwise : Number(attribute.value);
}

export function intsAttribute(node: GraphNode, name: string): number[] | undefined {
  return attributeOf(node, name, 'ints')?.value.map(Number);
}

/** A float32 attribute. */
export function floatAttribute(node: GraphNode, name: string, otherwise: number): number {
  return attributeOf(node, name, 'float')?.value ?? otherwise;
}

export function stringAttribute(node: GraphNode, name: string): string | undefined {
  return attributeOf(node, name, 'string')?.value;
}

function attributeOf<Kind extends Attribute['kind']>(node: GraphNode, name: string, kind: Kind): Extract<Attribute, { kind: Kind }> | undefined {
  const attribute = node.attributes.get(name);
  if (attribute === undefined) return undefined;
  if (attribute.kind === kind) return attribute as Extract<Attribute, { kind: Kind }>;
  throw new ZkonnxError('MODEL_INVALID', {
    message: `The attribute "${name}" of node "${node.name}" (${node.opType}) is of the wrong kind.`,
    node: node.name,
    expected: kind,
    found: attribute.kind,
  });
}
