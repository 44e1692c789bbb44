import type { Tensor } from '../graph.js';
import { stridesOf } from '../shape.js';
import { movedByAxis } from './moved.js';

export const PAD_MODES = ['constant', 'reflect', 'edge', 'wrap'] as const;
export type PadMode = (typeof PAD_MODES)[number];

/** What one axis gets before and behind. Negative amounts cut off, and what they cut off is not mirrored or repeated either. */
export interface AxisPad {
  readonly before: number;
  readonly after: number;
}

/** https://onnx.ai/onnx/operators/onnx__Pad.html; `value` has one element, and is zero when left out. */
export function padTensor({ tensor, pads, mode, value }: { tensor: Tensor; pads: readonly AxisPad[]; mode: PadMode; value: Tensor | undefined }): Tensor {
  const tables = tensor.shape.map((size, axis) => axisTable(size, pads[axis] as AxisPad, mode));
  const padded = movedByAxis(tensor, tables, stridesOf(tensor.shape));
  const fill = value?.data[0];
  if (fill === undefined || mode !== 'constant') return padded;
  const inside = movedByAxis({ type: 'uint8', shape: tensor.shape, data: new Uint8Array(tensor.data.length).fill(1) }, tables, stridesOf(tensor.shape)).data;
  padded.data.forEach((_, index) => { if (inside[index] === 0) padded.data[index] = fill as never; });
  return padded;
}

/** For each coordinate of the padded axis, the coordinate it comes from, or −1. */
function axisTable(size: number, { before, after }: AxisPad, mode: PadMode): Int32Array {
  const first = Math.max(0, -before);
  const last = size - 1 - Math.max(0, -after);
  const kept = last - first + 1;
  return Int32Array.from({ length: size + before + after }, (_, at) => {
    const from = at - before;
    if (from >= first && from <= last) return from;
    switch (mode) {
      case 'constant': return -1;
      case 'edge': return Math.min(Math.max(from, first), last);
      case 'wrap': return first + modulo(from - first, kept);
      case 'reflect': {
        if (kept === 1) return first;
        const period = 2 * (kept - 1);
        const along = modulo(from - first, period);
        return first + Math.min(along, period - along);
      }
    }
  });
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
