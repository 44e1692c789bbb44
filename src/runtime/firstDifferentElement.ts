import type { TensorData } from '../onnx/graph.js';

/** The flat index of the first element that differs, or −1. */
export function firstDifferentElement(a: TensorData, b: TensorData): number {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index++) if (!Object.is(a[index], b[index])) return index;
  return -1;
}
