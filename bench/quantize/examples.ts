/** The float examples, the images to calibrate and to judge them on, and what ONNX Runtime's quantizer made of them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bindShapes } from '../../src/onnx/bindShapes.js';
import { decodeModel } from '../../src/onnx/decode.js';
import type { Tensor, TypedGraph } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import type { Label } from '../../src/quantize/drift/taskStatistics.js';

const FOLDER = join('examples', 'digits');

export interface Example {
  readonly name: string;
  readonly title: string;
  /** Whether the output is to be the input. */
  readonly reconstructs?: true;
}

export const EXAMPLES: readonly Example[] = [
  { name: 'mlp', title: 'MLP' },
  { name: 'cnn', title: 'CNN' },
  { name: 'resnet', title: 'residual CNN' },
  { name: 'separable', title: 'depthwise-separable CNN' },
  { name: 'autoencoder', title: 'autoencoder', reconstructs: true },
];

/** Where the float model is. */
export function floatPath({ name }: Example): string {
  return join(FOLDER, `${name}.float.onnx`);
}

/** The files that ONNX Runtime's quantizer made of an example. */
export function runtimeFiles({ name }: Example): string[] {
  return ['qoperator', 'qdq'].map((form) => join(FOLDER, `${name}.int8.${form}.onnx`)).filter((path) => existsSync(path));
}

export type InputSet = ReadonlyMap<string, Tensor>;

export interface Images {
  readonly training: readonly InputSet[];
  readonly heldOut: readonly InputSet[];
  /** Of the held-out images. */
  readonly labels: readonly number[];
}

/** All images as inputs. */
export function readImages(): Images {
  const { images, divisor, labels, heldOut } = JSON.parse(readFileSync(join(FOLDER, 'digits.json'), 'utf8')) as { images: number[][]; divisor: number; labels: number[]; heldOut: number[] };
  const unseen = new Set(heldOut);
  const set = (index: number): InputSet => new Map([['input', { type: 'float32', shape: [1, 1, 8, 8], data: Float32Array.from((images[index] as number[]).flat(2), (pixel) => pixel / divisor) } satisfies Tensor]]);
  return {
    training: images.flatMap((_, index) => (unseen.has(index) ? [] : [set(index)])),
    heldOut: heldOut.map(set),
    labels: heldOut.map((index) => labels[index] as number),
  };
}

/** What is right for each held-out image. */
export function labelsOf({ reconstructs }: Example, { heldOut, labels }: Images): readonly Label[] {
  return reconstructs === true ? heldOut.map((set) => set.get('input')?.data as Float32Array) : labels;
}

/** A model for one image at a time. */
export function typedModel(bytes: Uint8Array): TypedGraph {
  return inferTypes(bindShapes(decodeModel({ bytes })));
}
