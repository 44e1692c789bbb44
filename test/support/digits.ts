/** The committed digits models and all 1,797 images. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const DIGITS_FOLDER = join('examples', 'digits');

/** Paths of what ONNX Runtime's quantizer made of the MLP and the CNN. Of the other examples it makes some that cannot be proven. */
export function quantizedModels(): string[] {
  return readdirSync(DIGITS_FOLDER)
    .filter((file) => /^(mlp|cnn)\.u?int8\..*\.onnx$/.test(file))
    .sort()
    .map((file) => join(DIGITS_FOLDER, file));
}

/** The models whose rows are on record. */
export function goldenModels(): string[] {
  return [...quantizedModels(), 'bench/models/mlp-784-56-10.int8.qoperator.onnx', 'bench/models/lenet5.int8.qoperator.onnx'];
}

export interface Digits {
  /** [1, 8, 8] each. */
  readonly images: readonly Float32Array[];
  readonly labels: readonly number[];
  /** Indices of the images that training never saw. */
  readonly heldOut: readonly number[];
}

export function readDigits(): Digits {
  const data = JSON.parse(readFileSync(join(DIGITS_FOLDER, 'digits.json'), 'utf8')) as { divisor: number; images: number[][]; labels: number[]; heldOut: number[] };
  return { images: data.images.map((image) => Float32Array.from(image.flat(2), (pixel) => pixel / data.divisor)), labels: data.labels, heldOut: data.heldOut };
}
