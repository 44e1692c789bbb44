/**
 * The coordinates of Resize with mode "nearest", in float32 step by step as ONNX Runtime computes them.
 * https://onnx.ai/onnx/operators/onnx__Resize.html
 */

export const COORDINATE_MODES = ['half_pixel', 'half_pixel_symmetric', 'pytorch_half_pixel', 'align_corners', 'asymmetric', 'tf_half_pixel_for_nn', 'tf_crop_and_resize'] as const;
export type CoordinateMode = (typeof COORDINATE_MODES)[number];

export const NEAREST_MODES = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] as const;
export type NearestMode = (typeof NEAREST_MODES)[number];

export interface ResizedAxis {
  readonly input: number;
  readonly output: number;
  /** A float32. */
  readonly scale: number;
  /** The region of tf_crop_and_resize, as fractions of the axis. */
  readonly roi: readonly [start: number, end: number];
}

const f = Math.fround;

/** For each output coordinate of an axis, the input coordinate; −1 where tf_crop_and_resize looks beside the input. */
export function nearestCoordinates(axis: ResizedAxis, { coordinates, nearest }: { coordinates: CoordinateMode; nearest: NearestMode }): Int32Array {
  return Int32Array.from({ length: axis.output }, (_, at) => {
    // ONNX Runtime leaves an axis of scale 1 alone, whatever its region is.
    if (axis.scale === 1) return at;
    const original = originalCoordinate(at, axis, coordinates);
    if (coordinates === 'tf_crop_and_resize' && (original < 0 || original > axis.input - 1)) return -1;
    return Math.min(Math.max(nearestPixel(original, nearest), 0), axis.input - 1);
  });
}

function originalCoordinate(at: number, { input, output, scale, roi: [start, end] }: ResizedAxis, mode: CoordinateMode): number {
  const center = () => f(f(at + 0.5) / scale);
  switch (mode) {
    case 'asymmetric': return f(at / scale);
    case 'half_pixel': return f(center() - 0.5);
    case 'pytorch_half_pixel': return output > 1 ? f(center() - 0.5) : 0;
    case 'tf_half_pixel_for_nn': return center();
    case 'align_corners': return output === 1 ? 0 : f(f(at * (input - 1)) / (output - 1));
    case 'tf_crop_and_resize':
      return output > 1
        ? f(f(start * (input - 1)) + f(f(f(at * f(end - start)) * (input - 1)) / (output - 1)))
        : f(0.5 * f(start + end) * (input - 1));
    case 'half_pixel_symmetric': {
      const adjustment = f(output / f(scale * input));
      const offset = f(f(input / 2) * f(1 - adjustment));
      // Its constants are doubles, so the last steps are taken in double precision.
      return f(offset + (at + 0.5) / scale - 0.5);
    }
  }
}

/** Halves that float32 missed by this much count as halves in ONNX Runtime. */
const HALF_TOLERANCE = 1e-6;

function nearestPixel(x: number, mode: NearestMode): number {
  const floor = Math.floor(x);
  if (mode === 'floor') return floor;
  if (mode === 'ceil') return Math.ceil(x);
  const fraction = x - floor;
  if (Math.abs(fraction - 0.5) < HALF_TOLERANCE) return mode === 'round_prefer_floor' ? floor : floor + 1;
  return fraction < 0.5 ? floor : floor + 1;
}
