/**
 * The one door to onnx-proto, the protobuf reader and writer of ONNX files. Its schema ends at IR 8: newer element types arrive as
 * plain numbers and newer fields are skipped.
 */
import onnxProto, { type onnx } from 'onnx-proto';

export type ProtoModel = onnx.IModelProto;
export type ProtoGraph = onnx.IGraphProto;
export type ProtoFunction = onnx.IFunctionProto;
export type ProtoNode = onnx.INodeProto;
export type ProtoAttribute = onnx.IAttributeProto;
export type ProtoTensor = onnx.ITensorProto;
export type ProtoValueInfo = onnx.IValueInfoProto;
/** A 64-bit integer as protobufjs reads and writes it. */
export interface ProtoLong {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

/** @throws whatever protobufjs throws on bytes that it cannot read. */
export function decodeModelProto(bytes: Uint8Array): ProtoModel {
  return onnxProto.onnx.ModelProto.decode(bytes);
}

/** @throws whatever protobufjs throws on bytes that it cannot read. */
export function decodeTensorProto(bytes: Uint8Array): ProtoTensor {
  return onnxProto.onnx.TensorProto.decode(bytes);
}

/** Fields in ascending order, so the same message always gives the same bytes. */
export function encodeModelProto(model: ProtoModel): Uint8Array {
  return copyOf(onnxProto.onnx.ModelProto.encode(model).finish());
}

export function encodeTensorProto(tensor: ProtoTensor): Uint8Array {
  return copyOf(onnxProto.onnx.TensorProto.encode(tensor).finish());
}

/** A copy with a buffer of its own: protobufjs gives views into pooled memory, at any alignment. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** The value of a protobuf int64 (or uint64 with `unsigned`), which protobufjs gives as a Long or as a number. */
export function toBigInt(value: unknown, unsigned = false): bigint {
  if (typeof value === 'number') return BigInt(value);
  const { low, high } = value as ProtoLong;
  const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return unsigned ? bits : BigInt.asIntN(64, bits);
}

/** A protobuf int64 or uint64 for protobufjs to write. */
export function toLong(value: bigint, unsigned = false): ProtoLong {
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)), unsigned };
}
