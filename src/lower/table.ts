/** Functions of one small integer: a Gather from a constant table, and float32 chains that do not rise. */
import { ZkonnxError } from '../errors/index.js';
import type { GraphNode } from '../onnx/graph.js';
import { hull } from '../program/interval.js';
import type { TensorId } from '../program/program.js';
import { integers, type LoweringContext } from './context.js';

/** Wider operands would make tables of more than this many entries. */
const MOST_ENTRIES = 2 ** 16;

export interface TablesParameters {
  readonly source: TensorId;
  readonly inner: number;
  readonly functions: readonly ((x: number) => number)[];
}

/**
 * Appends integer functions of a small integer as tables.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED when the operand can take more than 65,536 values.
 */
export function defineTables(node: GraphNode, context: LoweringContext, { source, inner, functions }: TablesParameters): void {
  const { lo, hi } = hull(context.program.tensor(source).bounds);
  if (hi - lo >= MOST_ENTRIES) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
      message: `Node "${node.name}" (${node.opType}) is a function of an integer that is too wide for a table.`,
      node: node.name,
      expected: `at most ${MOST_ENTRIES.toLocaleString('en')} values`,
      found: `[${lo}, ${hi}]`,
      fix: 'Quantize its operand to 8 bits first.',
    });
  }
  const tables = functions.map((evaluate) => Float64Array.from({ length: hi - lo + 1 }, (_, i) => evaluate(lo + i)));
  context.define(node, { kind: 'table', inputs: [source], inner, lo, tables });
}

/** Gather of a constant vector by a computed index. https://onnx.ai/onnx/operators/onnx__Gather.html */
export function lowerTableGather(node: GraphNode, context: LoweringContext): void {
  const data = context.requireConstant(node, 0, 'table');
  const source = context.tensor(node.inputs[1] as string, node);
  const values = integers(data, node);
  const { lo, hi } = hull(context.program.tensor(source).bounds);
  if (data.shape.length !== 1 || lo < -values.length || hi >= values.length) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
      message: `Node "${node.name}" (Gather) is not a look-up in a constant vector.`,
      node: node.name,
      expected: `a vector, and an index in [${-values.length}, ${values.length - 1}]`,
      found: `shape [${data.shape.join(', ')}], index in [${lo}, ${hi}]`,
    });
  }
  defineTables(node, context, { source, inner: 1, functions: [(x) => values[x < 0 ? x + values.length : x] as number] });
}
