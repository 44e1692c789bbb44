/** An ONNX file → {@link Graph}: plain data, checked, in topological order. https://onnx.ai/onnx/repo-docs/IR.html */
import { ZkonnxError, isZkonnxError } from '../errors/index.js';
import { decodeAttributes } from './decodeAttributes.js';
import { tensorFromProto, type ReadExternal } from './decodeTensor.js';
import { elementTypeOf } from './elementType.js';
import { constantNodeValue } from './constantNode.js';
import { inlineFunctions } from './inlineFunctions.js';
import type { Dimension, Graph, GraphNode, Tensor, ValueInfo } from './graph.js';
import { checkOpsets, normalDomain, opsetsOf } from './opsets.js';
import { decodeModelProto, toBigInt, type ProtoGraph, type ProtoModel, type ProtoNode, type ProtoValueInfo } from './proto.js';
import { attempt, type Refusals } from './refusals.js';
import { topologicalOrder } from './topologicalOrder.js';
import { checkGraph } from './validate.js';
import { checkWire } from './wire.js';

/** Subgraphs (If, Loop, Scan) within subgraphs. */
const MAX_SUBGRAPH_DEPTH = 8;

export interface DecodeOptions {
  /** The bytes of the model file. */
  readonly bytes: Uint8Array;
  /** The name of the file, for messages. */
  readonly file?: string;
  /** Reads external data; {@link readModel} gives one that stays inside the folder of the model. */
  readonly readExternal?: ReadExternal;
  /** Hears of an opset that is not supported, instead of it being thrown. */
  readonly refusals?: Refusals | undefined;
}

/**
 * Decodes and checks a model. Constant nodes become initializers, initializers that are graph inputs too count as initializers
 * only, functions that the file defines are inlined, unnamed nodes are called `OpType_index`, and the nodes are put in topological order.
 * @throws ZkonnxError MODEL_EMPTY, MODEL_MALFORMED, MODEL_TOO_LARGE, MODEL_INVALID, MODEL_CYCLE, MODEL_OPSET_UNSUPPORTED,
 * MODEL_EXTERNAL_DATA, TYPE_UNSUPPORTED, OPERATOR_UNSUPPORTED (functions of the file that cannot be inlined).
 */
export function decodeModel({ bytes, file, readExternal, refusals }: DecodeOptions): Graph {
  if (bytes.length === 0) throw new ZkonnxError('MODEL_EMPTY', { message: 'The model file has no bytes.', file });
  try {
    const model = decodeProto(bytes, file);
    if (!model.graph) throw new ZkonnxError('MODEL_MALFORMED', { message: 'The file can be read as a protobuf message but has no graph in it: it is not an ONNX model.' });
    if ((model.graph.node ?? []).length === 0 && (model.graph.output ?? []).length === 0) {
      throw new ZkonnxError('MODEL_MALFORMED', { message: 'The graph has neither nodes nor outputs: the file is not a whole ONNX model.' });
    }
    const opsets = opsetsOf(model);
    const graph = graphFromProto({ proto: inlineFunctions(model, model.graph), opsets, readExternal, outer: new Set(), depth: 0 });
    attempt(refusals, undefined, () => checkOpsets(graph), () => undefined);
    return graph;
  } catch (cause) {
    if (isZkonnxError(cause) && file !== undefined && cause.details.file === undefined) {
      throw new ZkonnxError(cause.code, { ...cause.details, message: cause.message, file, cause });
    }
    throw cause;
  }
}

function decodeProto(bytes: Uint8Array, file: string | undefined): ProtoModel {
  checkWire({ bytes, message: 'model', file });
  try {
    return decodeModelProto(bytes);
  } catch (cause) {
    throw new ZkonnxError('MODEL_MALFORMED', { message: `The file is not a readable ONNX model: ${cause instanceof Error ? cause.message : String(cause)}.`, file, cause });
  }
}

interface GraphContext {
  readonly proto: ProtoGraph;
  readonly opsets: ReadonlyMap<string, number>;
  readonly readExternal: ReadExternal | undefined;
  /** Tensors of the graphs around a subgraph, which it may read. */
  readonly outer: ReadonlySet<string>;
  readonly depth: number;
}

function graphFromProto({ proto, opsets, readExternal, outer, depth }: GraphContext): Graph {
  if (depth > MAX_SUBGRAPH_DEPTH) throw new ZkonnxError('MODEL_INVALID', { message: `Subgraphs are nested more than ${MAX_SUBGRAPH_DEPTH} deep.` });
  if ((proto.sparseInitializer ?? []).length > 0) {
    throw new ZkonnxError('TYPE_UNSUPPORTED', { message: 'The model has sparse initializers, which are not supported.', fix: 'Store the weights as dense tensors.' });
  }
  const initializers = new Map<string, Tensor>();
  for (const tensor of proto.initializer ?? []) {
    const name = tensor.name ?? '';
    if (name === '') throw new ZkonnxError('MODEL_INVALID', { message: 'An initializer has no name.' });
    if (initializers.has(name)) throw new ZkonnxError('MODEL_INVALID', { message: `Two initializers are called '${name}'.` });
    initializers.set(name, tensorFromProto({ proto: tensor, readExternal }));
  }
  // Before IR 4 every initializer had to be listed as an input as well; it is still a constant of the model.
  const inputs = (proto.input ?? []).filter(({ name }) => !initializers.has(name ?? '')).map((value) => valueInfo(value, 'input'));
  const outputs = (proto.output ?? []).map((value) => valueInfo(value, 'output'));

  const visible = new Set([...outer, ...initializers.keys(), ...inputs.map(({ name }) => name), ...(proto.node ?? []).flatMap((node) => node.output ?? [])]);
  const subgraph = (inner: ProtoGraph): Graph => graphFromProto({ proto: inner, opsets, readExternal, outer: visible, depth: depth + 1 });
  const decoded = nodesFromProto(proto.node ?? [], readExternal, subgraph);

  checkGraph({ inputs, outputs, initializers, nodes: decoded, outer });
  const nodes: GraphNode[] = [];
  for (const node of topologicalOrder(decoded)) {
    if (node.opType === 'Constant' && node.domain === '') initializers.set(node.outputs[0] as string, constantNodeValue(node));
    else nodes.push(node);
  }
  return { name: proto.name ?? '', inputs, outputs, initializers, nodes, opsets };
}

function nodesFromProto(protos: readonly ProtoNode[], readExternal: ReadExternal | undefined, subgraph: (proto: ProtoGraph) => Graph): GraphNode[] {
  const given = new Set(protos.map(({ name }) => name ?? ''));
  const used = new Set<string>();
  return protos.map((proto, index) => {
    const opType = proto.opType ?? '';
    if (opType === '') throw new ZkonnxError('MODEL_INVALID', { message: `Node number ${index} has no operator.`, node: proto.name ?? '' });
    const wanted = proto.name || `${opType}_${index}`;
    // A second node of the same name, or a generated name that the file uses for another node, gets a suffix.
    let name = wanted;
    for (let suffix = 2; used.has(name) || (name !== (proto.name ?? '') && given.has(name)); suffix++) name = `${wanted}_${suffix}`;
    used.add(name);
    return {
      name,
      opType,
      domain: normalDomain(proto.domain),
      inputs: [...(proto.input ?? [])],
      outputs: [...(proto.output ?? [])],
      attributes: decodeAttributes({ protos: proto.attribute ?? [], node: name, readExternal, subgraph }),
    };
  });
}

function valueInfo(proto: ProtoValueInfo, role: 'input' | 'output'): ValueInfo {
  const name = proto.name ?? '';
  if (name === '') throw new ZkonnxError('MODEL_INVALID', { message: `A graph ${role} has no name.` });
  const tensor = proto.type?.tensorType;
  if (!tensor) {
    const kind = proto.type?.sequenceType ? 'a sequence' : proto.type?.mapType ? 'a map' : proto.type?.optionalType ? 'an optional' : 'not typed';
    throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The graph ${role} '${name}' is ${kind}; only tensors can be proven.`, expected: 'a tensor', found: kind });
  }
  const type = elementTypeOf(tensor.elemType ?? 0);
  if (type === undefined) throw new ZkonnxError('TYPE_UNSUPPORTED', { message: `The graph ${role} '${name}' has the element type number ${tensor.elemType ?? 0}, which is not known.` });
  if (!tensor.shape) return { name, type, shape: [], unknownRank: true };
  const shape = (tensor.shape.dim ?? []).map((dim): Dimension => {
    if (dim.dimParam) return dim.dimParam;
    if (dim.dimValue === undefined || dim.dimValue === null) return '?';
    const value = toBigInt(dim.dimValue);
    // protobufjs cannot tell a missing size from 0, and exporters write 0 and −1 for a size that is not known.
    if (value <= 0n) return '?';
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ZkonnxError('MODEL_INVALID', { message: `The graph ${role} '${name}' has the dimension ${value}.` });
    return Number(value);
  });
  return { name, type, shape };
}
