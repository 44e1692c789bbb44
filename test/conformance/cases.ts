/** The node tests of ONNX, as they lie in a folder: index.json, and per case model.onnx with test_data_set_0/{input,output}_N.pb. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeModel } from '../../src/onnx/decode.js';
import { decodeTensor } from '../../src/onnx/decodeTensor.js';
import type { Graph, Tensor } from '../../src/onnx/graph.js';
import { decodeModelProto, encodeModelProto, toBigInt, toLong } from '../../src/onnx/proto.js';

/** One line of index.json. */
export interface CaseEntry {
  readonly name: string;
  readonly ops: readonly string[];
  readonly category: string;
  readonly integerOnly: boolean;
  /** The operator is written out as the function that defines it. */
  readonly expanded: boolean;
}

export interface ConformanceCase {
  readonly entry: CaseEntry;
  /** Inputs with the shapes of the case's data. */
  readonly graph: Graph;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly expected: ReadonlyMap<string, Tensor>;
  /** Of an expanded case, the case with the operator itself: it says which inputs are parameters. */
  readonly compact?: Graph;
}

/** Cases of integers and of quantized tensors are counted apart from those of floats. */
export type CaseKind = 'integer and quantized' | 'wrapped';

export function kindOf({ integerOnly, category }: CaseEntry): CaseKind {
  return integerOnly || category === 'quantized' ? 'integer and quantized' : 'wrapped';
}

/** Where the cases are: a folder beside the repository, or ZKONNX_SHARED. */
export function casesFolder(): string {
  return join(process.env['ZKONNX_SHARED'] ?? join('..', 'shared'), 'onnx-node-tests');
}

/** The cases of a folder, or undefined when it is not there. */
export function listCases(folder: string): readonly CaseEntry[] | undefined {
  const index = join(folder, 'index.json');
  if (!existsSync(index)) return undefined;
  return (JSON.parse(readFileSync(index, 'utf8')) as { tests: CaseEntry[] }).tests;
}

/** @throws ZkonnxError whatever decoding the model or a tensor throws */
export function readCase(folder: string, entry: CaseEntry): ConformanceCase {
  const data = join(folder, entry.name, 'test_data_set_0');
  const graph = readGraph(folder, entry.name, entry);
  const compactName = entry.name.replace(/_expanded.*/, '');
  const compact = entry.expanded && existsSync(join(folder, compactName, 'model.onnx')) ? readGraph(folder, compactName, entry) : undefined;
  const tensors = (kind: string, names: readonly string[]) =>
    new Map(names.map((name, index): [string, Tensor] => [name, decodeTensor({ bytes: readFileSync(join(data, `${kind}_${index}.pb`)) })]));
  const inputs = tensors('input', graph.inputs.map(({ name }) => name));
  return {
    entry,
    graph: { ...graph, inputs: graph.inputs.map((input) => ({ name: input.name, type: input.type, shape: (inputs.get(input.name) as Tensor).shape })) },
    inputs,
    expected: tensors('output', graph.outputs.map(({ name }) => name)),
    ...(compact === undefined ? {} : { compact }),
  };
}

function readGraph(folder: string, name: string, entry: CaseEntry): Graph {
  return decodeModel({ bytes: withCurrentOpset(readFileSync(join(folder, name, 'model.onnx')), entry) });
}

/** The oldest opset that zkonnx reads. */
const OLDEST_OPSET = 11;

/** Operators whose definition of an older opset is still that of opset 11, letter for letter. */
const UNCHANGED: ReadonlySet<string> = new Set(['And', 'ConvInteger', 'MatMulInteger', 'Not', 'Or', 'QLinearConv', 'ReverseSequence', 'Shrink', 'Xor']);

/** A test imports the opset in which its operator was defined last; one older than opset 11 is imported as opset 11 instead. */
function withCurrentOpset(bytes: Uint8Array, { ops }: CaseEntry): Uint8Array {
  if (!ops.every((op) => UNCHANGED.has(op))) return bytes;
  const model = decodeModelProto(bytes);
  const opsetImport = (model.opsetImport ?? []).map((entry) => (toBigInt(entry.version ?? 0) < OLDEST_OPSET ? { ...entry, version: toLong(BigInt(OLDEST_OPSET)) } : entry));
  return encodeModelProto({ ...model, opsetImport } as typeof model);
}
