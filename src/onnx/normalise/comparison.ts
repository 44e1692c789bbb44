/**
 * Comparisons of float tensors. With one dequantized tensor it is part of an element-wise function (table.ts). Two dequantized tensors
 * a and b are compared as integers: dequantizing never decreases, so a < b says that the integer of b reaches a threshold, which
 * is a table of the integer of a.
 */
import { dataTypeNumber, isQuantizedType, QUANTIZED_RANGE } from '../elementType.js';
import { dequantizeValue } from '../float32.js';
import type { Attribute, GraphNode } from '../graph.js';
import type { State } from './state.js';
import { isPerTensor, type Dequantized, type Operand } from './values.js';

const COMPARISONS: ReadonlySet<string> = new Set(['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual']);

/** The core tensor of the comparison of two dequantized tensors; undefined for anything else. */
export function compareDequantized(state: State, node: GraphNode, operands: readonly Operand[], output: string): string | undefined {
  const [a, b] = operands.map((operand) => operand?.value);
  if (!COMPARISONS.has(node.opType) || a?.kind !== 'dequantized' || b?.kind !== 'dequantized' || !isEightBit(state, a) || !isEightBit(state, b)) return undefined;
  const { core } = state;
  const emit = (opType: string, inputs: readonly string[], result: string): string => core.emit({ name: node.name, opType, inputs, output: result, from: [node.name] });
  const cast = (input: string): string => {
    const attributes = new Map<string, Attribute>([['to', { kind: 'int', value: BigInt(dataTypeNumber('int32')) }]]);
    return core.emit({ name: `${node.name}_Cast`, opType: 'Cast', inputs: [input], output: core.fresh(`${output}_int32`), attributes, from: [node.name] });
  };
  /** For each integer of `left`, the smallest integer of `right` whose float is larger (or as large). */
  const threshold = (left: Dequantized, right: Dequantized, orEqual: boolean): string => {
    const table = core.constant(core.fresh(`${output}_thresholds`), { type: 'int32', shape: [256], data: thresholds(state, left, right, orEqual) });
    // A negative index counts from the end of the table.
    return core.emit({ name: `${node.name}_Gather`, opType: 'Gather', inputs: [table, cast(left.source)], output: core.fresh(`${output}_threshold`), from: [node.name] });
  };
  switch (node.opType) {
    case 'Less': return emit('GreaterOrEqual', [cast(b.source), threshold(a, b, false)], output);
    case 'LessOrEqual': return emit('GreaterOrEqual', [cast(b.source), threshold(a, b, true)], output);
    case 'Greater': return emit('GreaterOrEqual', [cast(a.source), threshold(b, a, false)], output);
    case 'GreaterOrEqual': return emit('GreaterOrEqual', [cast(a.source), threshold(b, a, true)], output);
    default: {
      const right = cast(b.source);
      const reaches = emit('GreaterOrEqual', [right, threshold(a, b, true)], core.fresh(`${output}_reaches`));
      return emit('And', [reaches, emit('Less', [right, threshold(a, b, false)], core.fresh(`${output}_stays`))], output);
    }
  }
}

function isEightBit(state: State, value: Dequantized): boolean {
  const { type } = state.core.type(value.source);
  return isPerTensor(value) && (type === 'uint8' || type === 'int8');
}

/** By the index that Gather reads: the integers from 0 on, then the negative ones. */
function thresholds(state: State, left: Dequantized, right: Dequantized, orEqual: boolean): Int32Array {
  const { lo, hi } = QUANTIZED_RANGE[typeOf(state, left)];
  const range = QUANTIZED_RANGE[typeOf(state, right)];
  const table = new Int32Array(256);
  let reached = range.lo;
  // Both dequantizations are non-decreasing, and so is the threshold.
  for (let q = lo; q <= hi; q++) {
    const x = floatOf(left, q);
    while (reached <= range.hi && (orEqual ? floatOf(right, reached) < x : floatOf(right, reached) <= x)) reached++;
    table[q < 0 ? q + 256 : q] = reached;
  }
  return table;
}

function typeOf(state: State, value: Dequantized): keyof typeof QUANTIZED_RANGE {
  const { type } = state.core.type(value.source);
  return isQuantizedType(type) ? type : 'uint8';
}

function floatOf(value: Dequantized, q: number): number {
  return dequantizeValue(q, { scale: value.scale.data[0] as number, zeroPoint: Number(value.zeroPoint.data[0]) });
}
