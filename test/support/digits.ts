/** The committed digits models and all 1,797 images. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_PUBLIC, type Visibility } from '../../src/verify/visibility.js';

export const DIGITS_FOLDER = join('examples', 'digits');

/** Paths of what ONNX Runtime's quantizer made of the MLP and the CNN. Of the other examples it makes some that cannot be proven. */
export function quantizedModels(): string[] {
  return readdirSync(DIGITS_FOLDER)
    .filter((file) => /^(mlp|cnn)\.u?int8\..*\.onnx$/.test(file))
    .sort()
    .map((file) => join(DIGITS_FOLDER, file));
}

/** The models whose circuits are on record. */
export function goldenModels(): string[] {
  return [...quantizedModels(), 'bench/models/mlp-784-56-10.int8.qoperator.onnx', 'bench/models/lenet5.int8.qoperator.onnx'];
}

/** What a verifier sees in the circuits of record, beside those in which everything is public. */
const HIDDEN: readonly Visibility[] = [
  { inputs: 'hashed', outputs: 'public', weights: 'fixed' },
  { inputs: 'private', outputs: 'hashed', weights: 'fixed' },
  { inputs: 'public', outputs: 'public', weights: 'hashed' },
  { inputs: 'hashed', outputs: 'hashed', weights: 'hashed' },
];

export interface GoldenCircuit {
  readonly name: string;
  readonly model: string;
  readonly visibility: Visibility;
}

/** The circuits whose rows are on record. */
export function goldenCircuits(): GoldenCircuit[] {
  const hidden = ['mlp', 'cnn'].map((name) => join(DIGITS_FOLDER, `${name}.int8.qoperator.onnx`));
  return [
    ...goldenModels().map((model) => ({ name: model, model, visibility: ALL_PUBLIC })),
    ...hidden.flatMap((model) => HIDDEN.map((visibility) => ({ name: `${model}: inputs ${visibility.inputs}, outputs ${visibility.outputs}, weights ${visibility.weights}`, model, visibility }))),
  ];
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
