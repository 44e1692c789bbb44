/** Graph → ONNX file. The same graph always gives the same bytes. */
import { ZkonnxError } from '../errors/index.js';
import { dataTypeNumber, elementBits } from './elementType.js';
import type { Attribute, Graph, GraphNode, Tensor, ValueInfo } from './graph.js';
import { encodeModelProto, encodeTensorProto, toLong, type ProtoAttribute, type ProtoGraph, type ProtoTensor, type ProtoValueInfo } from './proto.js';

/** The newest IR version that onnx-proto knows; it does not limit the opset. */
const IR_VERSION = 8;

/** AttributeProto.AttributeType. */
const KIND_NUMBER: Readonly<Record<Attribute['kind'], number>> = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 };

/**
 * Writes a model that ONNX Runtime runs: nodes, initializers and attributes in the order of the graph, weights as raw data.
 * @throws ZkonnxError TYPE_UNSUPPORTED for strings and 4-bit tensors, which are not written.
 */
export function encodeModel(graph: Graph): Uint8Array {
  return encodeModelProto({
    irVersion: IR_VERSION,
    producerName: 'zkonnx',
    opsetImport: [...graph.opsets].map(([domain, version]) => ({ domain, version })),
    graph: graphProto(graph),
  });
}

/** Writes a TensorProto file. */
export function encodeTensor(tensor: Tensor, name = ''): Uint8Array {
  return encodeTensorProto(tensorProto(tensor, name));
}

function graphProto({ name, inputs, outputs, initializers, nodes }: Graph): ProtoGraph {
  return {
    name: name || 'graph',
    input: inputs.map(valueInfo),
    output: outputs.map(valueInfo),
    initializer: [...initializers].map(([tensorName, tensor]) => tensorProto(tensor, tensorName)),
    node: nodes.map(nodeProto),
  };
}

function nodeProto({ name, opType, domain, inputs, outputs, attributes }: GraphNode): NonNullable<ProtoGraph['node']>[number] {
  return {
    name,
    opType,
    ...(domain === '' ? {} : { domain }),
    input: [...inputs],
    output: [...outputs],
    attribute: [...attributes].map(([attributeName, attribute]) => attributeProto(attributeName, attribute)),
  };
}

function valueInfo({ name, type, shape, unknownRank }: ValueInfo): ProtoValueInfo {
  const dim = shape.map((dimension) => (typeof dimension === 'number' ? { dimValue: toLong(BigInt(dimension)) } : dimension === '?' ? {} : { dimParam: dimension }));
  return { name, type: { tensorType: { elemType: dataTypeNumber(type), ...(unknownRank ? {} : { shape: { dim } }) } } } as ProtoValueInfo;
}

function tensorProto({ type, shape, data }: Tensor, name: string): ProtoTensor {
  if (elementBits(type) < 8) throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The tensor '${name}' of type ${type} cannot be written.`, found: type });
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dataType: dataTypeNumber(type), dims: shape.map((dimension) => toLong(BigInt(dimension))), rawData } as unknown as ProtoTensor;
}

function attributeProto(name: string, attribute: Attribute): ProtoAttribute {
  const type = KIND_NUMBER[attribute.kind];
  const proto = (fields: object): ProtoAttribute => ({ name, type, ...fields }) as ProtoAttribute;
  switch (attribute.kind) {
    case 'float': return proto({ f: attribute.value });
    case 'int': return proto({ i: toLong(attribute.value) });
    case 'string': return proto({ s: new TextEncoder().encode(attribute.value) });
    case 'tensor': return proto({ t: tensorProto(attribute.value, '') });
    case 'graph': return proto({ g: graphProto(attribute.value) });
    case 'floats': return proto({ floats: [...attribute.value] });
    case 'ints': return proto({ ints: attribute.value.map((value) => toLong(value)) });
    case 'strings': return proto({ strings: attribute.value.map((value) => new TextEncoder().encode(value)) });
  }
}
