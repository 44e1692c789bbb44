/**
 * The graph as the rest of zkonnx sees it: plain data, decoded once, with names, static shapes and element types. Nothing in
 * here knows protobuf. A graph is never changed in place; passes build new ones.
 */

/** Element types by their ONNX name (TensorProto.DataType, in lower case). `uint4`… and the float8 kinds can be named, not computed with. */
export type ElementType =
  | 'float32' | 'float64' | 'float16' | 'bfloat16'
  | 'uint8' | 'int8' | 'uint16' | 'int16' | 'int32' | 'int64' | 'uint32' | 'uint64'
  | 'bool' | 'string' | 'complex64' | 'complex128'
  | 'float8e4m3fn' | 'float8e4m3fnuz' | 'float8e5m2' | 'float8e5m2fnuz' | 'float8e8m0' | 'float4e2m1'
  | 'uint4' | 'int4' | 'uint2' | 'int2';

/** Storage of tensor elements: one entry per element in row-major order. int64 and uint64 are BigInt arrays; bool is 0 or 1. */
export type TensorData =
  | Float32Array | Float64Array
  | Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array | Uint32Array
  | BigInt64Array | BigUint64Array;

export interface Tensor {
  readonly type: ElementType;
  /** Dimensions, outermost first. A scalar has none. */
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export type Attribute =
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'ints'; readonly value: readonly bigint[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'graph'; readonly value: Graph };

export interface GraphNode {
  /** Unique within the graph. Nodes that the file leaves unnamed are called `OpType_index`. */
  readonly name: string;
  readonly opType: string;
  /** '' is the ONNX domain (`ai.onnx` is folded into it). */
  readonly domain: string;
  /** Tensor names; '' is an optional input that was left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** A dimension: a number, or the name of a symbolic one (`?` when it has no name). */
export type Dimension = number | string;

export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
  /** The file does not say how many dimensions there are; `shape` is empty then. */
  readonly unknownRank?: true;
}

/** The type and the fully known shape of a tensor. */
export interface TensorType {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

export interface Graph {
  readonly name: string;
  /** Graph inputs without the initializers. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** In topological order. */
  readonly nodes: readonly GraphNode[];
  /** Opset version per domain. */
  readonly opsets: ReadonlyMap<string, number>;
}

/** A graph in which the type and the static shape of every tensor are known. */
export interface TypedGraph extends Graph {
  /** By tensor name: inputs, initializers and every node output. */
  readonly types: ReadonlyMap<string, TensorType>;
}

/** The number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
