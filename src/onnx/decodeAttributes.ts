/** AttributeProto → Attribute. */
import { ZkonnxError } from '../errors/index.js';
import { tensorFromProto, type ReadExternal } from './decodeTensor.js';
import type { Attribute, Graph } from './graph.js';
import { toBigInt, type ProtoAttribute, type ProtoGraph } from './proto.js';

/** AttributeProto.AttributeType. */
const KIND = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const;

/**
 * The attributes of one node by name.
 * @throws ZkonnxError MODEL_INVALID for an attribute that is given twice, has no name, or is of a kind that no supported operator has.
 */
export function decodeAttributes({ protos, node, readExternal, subgraph }: {
  protos: readonly ProtoAttribute[];
  node: string;
  readExternal: ReadExternal | undefined;
  subgraph: (proto: ProtoGraph) => Graph;
}): ReadonlyMap<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  for (const proto of protos) {
    const name = proto.name ?? '';
    if (name === '' || attributes.has(name)) throw new ZkonnxError('MODEL_INVALID', { message: name === '' ? 'An attribute has no name.' : `The attribute '${name}' is given twice.`, node });
    if (proto.refAttrName) throw new ZkonnxError('MODEL_INVALID', { message: `The attribute '${name}' refers to an attribute of a function, but is not in one.`, node });
    attributes.set(name, attributeFromProto({ proto, name, node, readExternal, subgraph }));
  }
  return attributes;
}

function attributeFromProto({ proto, name, node, readExternal, subgraph }: {
  proto: ProtoAttribute;
  name: string;
  node: string;
  readExternal: ReadExternal | undefined;
  subgraph: (proto: ProtoGraph) => Graph;
}): Attribute {
  switch (proto.type || guessedKind(proto)) {
    case KIND.float: return { kind: 'float', value: proto.f ?? 0 };
    case KIND.int: return { kind: 'int', value: toBigInt(proto.i ?? 0) };
    case KIND.string: return { kind: 'string', value: text(proto.s) };
    case KIND.tensor:
      if (proto.t) return { kind: 'tensor', value: tensorFromProto({ proto: proto.t, readExternal, label: `in the attribute '${name}' of node '${node}'` }) };
      break;
    case KIND.graph:
      if (proto.g) return { kind: 'graph', value: subgraph(proto.g) };
      break;
    case KIND.floats: return { kind: 'floats', value: [...(proto.floats ?? [])] };
    case KIND.ints: return { kind: 'ints', value: (proto.ints ?? []).map((value) => toBigInt(value)) };
    case KIND.strings: return { kind: 'strings', value: (proto.strings ?? []).map(text) };
    default:
  }
  throw new ZkonnxError('MODEL_INVALID', { message: `The attribute '${name}' is empty, or of a kind that no supported operator has (number ${proto.type ?? 0}).`, node });
}

/** Files before IR 2 leave the kind out: it is the field that is there. An empty list and a zero look the same; both read as int 0. */
function guessedKind(proto: ProtoAttribute): number {
  if (proto.t) return KIND.tensor;
  if (proto.g) return KIND.graph;
  if ((proto.floats ?? []).length > 0) return KIND.floats;
  if ((proto.ints ?? []).length > 0) return KIND.ints;
  if ((proto.strings ?? []).length > 0) return KIND.strings;
  if ((proto.s ?? []).length > 0) return KIND.string;
  if (proto.f) return KIND.float;
  return KIND.int;
}

function text(bytes: Uint8Array | null | undefined): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array(0));
}
