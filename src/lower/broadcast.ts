import { unravel } from '../program/linear.js';

/** For each element of a result, the element of an operand that numpy broadcasting gives it. https://onnx.ai/onnx/repo-docs/Broadcasting.html */
export function broadcastIndex(operand: readonly number[], result: readonly number[]): Int32Array {
  const padded = [...new Array<number>(result.length - operand.length).fill(1), ...operand];
  const strides = padded.map((size, axis) => (size === 1 ? 0 : padded.slice(axis + 1).reduce((total, inner) => total * inner, 1)));
  const length = result.reduce((total, size) => total * size, 1);
  return Int32Array.from({ length }, (_, flat) => unravel(flat, result).reduce((sum, coordinate, axis) => sum + coordinate * (strides[axis] as number), 0));
}
