/**
 * Look-ups in a constant vector where elements read different parts of it: what a function with one form per channel is
 * written as, Gather(tables, x + offset). Each part is a table of its own, so a channel costs what one function costs.
 */
import type { GraphNode } from '../onnx/graph.js';
import { integers, type LoweringContext } from './context.js';

/** Appends the look-up. Returns false, having appended nothing, where all elements read the same part. */
export function lowerLaneTables(node: GraphNode, context: LoweringContext): boolean {
  const data = context.requireConstant(node, 0, 'table');
  const source = context.tensor(node.inputs[1] as string, node);
  const { bounds, shape } = context.program.tensor(source);
  const { lo, hi } = bounds;
  const values = integers(data, node);
  const width = (hi[0] as number) - (lo[0] as number) + 1;
  const regular = lo.every((least, i) => least >= 0 && (hi[i] as number) < values.length && (hi[i] as number) - least + 1 === width);
  if (data.shape.length !== 1 || !regular || lo.every((least) => least === lo[0])) return false;
  const lanes = lanesOf(lo);
  const offset = context.program.add(
    { kind: 'linear', inputs: [source], map: { kind: 'sum', factors: [1], indices: [Int32Array.from(lo.keys())], constant: Int32Array.from(lo, (least) => -least) } },
    { name: `${node.outputs[0]}:entry`, node: node.name, type: 'int32', shape },
  );
  context.define(node, {
    kind: 'table',
    inputs: [offset],
    inner: lanes.inner,
    lo: 0,
    tables: lanes.starts.map((start) => Float64Array.from({ length: width }, (_, i) => values[start + i] as number)),
  });
  return true;
}

/** The parts in the order of the elements: element i reads the part that begins at starts[⌊i / inner⌋ mod starts.length]. */
function lanesOf(lo: Float64Array): { inner: number; starts: number[] } {
  const change = lo.findIndex((least) => least !== lo[0]);
  const starts: number[] = [];
  for (let i = 0; i < lo.length && (i === 0 || lo[i] !== lo[0]); i += change) starts.push(lo[i] as number);
  const periodic = lo.every((least, i) => least === starts[Math.floor(i / change) % starts.length]);
  return periodic ? { inner: change, starts } : { inner: 1, starts: Array.from(lo) };
}
