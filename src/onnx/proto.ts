/**
 * The one door to onnx-proto, the protobuf reader and writer of ONNX files. Its schema ends at IR 8: newer element types arrive as
 * plain numbers and newer fields are skipped.
 */
import { createRequire } from 'node:module';
import type { onnx } from 'onnx-proto';

let loaded: typeof onnx | undefined;

/** Loaded when it is first used: it takes longer than all else that a proof of JSON inputs loads. */
function schema(): typeof onnx {
  loaded ??= (createRequire(import.meta.url)('onnx-proto') as { onnx: typeof onnx }).onnx;
  return loaded;
}

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
  return schema().ModelProto.decode(bytes);
}

/** @throws whatever protobufjs throws on bytes that it cannot read. */
export function decodeTensorProto(bytes: Uint8Array): ProtoTensor {
  return schema().TensorProto.decode(bytes);
}

/** Fields in ascending order, so the same message always gives the same bytes. */
export function encodeModelProto(model: ProtoModel): Uint8Array {
  return copyOf(schema().ModelProto.encode(model).finish());
}

export function encodeTensorProto(tensor: ProtoTensor): Uint8Array {
  return copyOf(schema().TensorProto.encode(tensor).finish());
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
