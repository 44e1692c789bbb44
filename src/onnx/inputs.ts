/** Inputs of a model from files and from parsed JSON. docs/inputs.md has the forms. */
import { readFileSync, statSync } from 'node:fs';
import { ZkonnxError, isZkonnxError } from '../errors/index.js';
import { unreadable } from '../files/index.js';
import type { Tensor, ValueInfo } from './graph.js';
import { isImage } from './inputs/decodeImage.js';
import { tensorFromImage, type ImageOptions } from './inputs/image.js';
import { tensorsFromJson } from './inputs/json.js';
import { isNpy, tensorFromNpy } from './inputs/npy.js';
import { isZip, tensorsFromNpz } from './inputs/npz.js';
import { setSize, splitSets } from './inputs/sets.js';
import { checkSetOfShapes, checkShape, targetInput, type CheckShape } from './inputs/target.js';
import { tensorFromProtoFile } from './inputs/tensorProto.js';

export type { ImageColor, ImageLayout, ImageOptions } from './inputs/image.js';

/** An input file: JSON or .npz with any of the inputs; a TensorProto, a .npy array or an image with one. */
export interface InputFile {
  readonly path: string;
  /** The input that a file of one tensor is for; by default the name in the file, or the only input of the model. */
  readonly name?: string;
  /** How the pixels of an image become elements. */
  readonly image?: ImageOptions | undefined;
}

/**
 * Reads one set of inputs from files; together they must give each input once.
 * @param inputs the graph inputs with their shapes, all dimensions known
 * @throws ZkonnxError FILE_NOT_FOUND, INPUT_MALFORMED, INPUT_MISSING, INPUT_UNKNOWN, INPUT_SHAPE, INPUT_TYPE, INPUT_RANGE, USAGE
 */
export function readInputs({ inputs, files }: { inputs: readonly ValueInfo[]; files: readonly InputFile[] }): Map<string, Tensor> {
  return complete(inputs, readFiles(inputs, files, checkShape));
}

/**
 * Reads several sets of inputs from files, as calibration and evaluation want them: like {@link readInputs}, but arrays may hold many
 * inferences along their first dimension, all files the same number of them.
 * @throws ZkonnxError what readInputs throws; INPUT_SHAPE for files of different numbers
 */
export function readInputSets({ inputs, files }: { inputs: readonly ValueInfo[]; files: readonly InputFile[] }): Map<string, Tensor>[] {
  const tensors = complete(inputs, readFiles(inputs, files, checkSetOfShapes));
  return splitSets({ inputs, tensors, count: setSize({ inputs, tensors }) });
}

/**
 * Inputs from a parsed JSON value: `{ "name": VALUE, … }`, where VALUE is nested arrays or `{ "shape": […], "data": […] }`; or a
 * VALUE alone when the model has one input; or the tensors of OpenGradient.
 * @throws ZkonnxError INPUT_MALFORMED, INPUT_MISSING, INPUT_UNKNOWN, INPUT_SHAPE, INPUT_TYPE, INPUT_RANGE
 */
export function inputsFromValues({ inputs, values }: { inputs: readonly ValueInfo[]; values: unknown }): Map<string, Tensor> {
  return complete(inputs, tensorsFromJson({ inputs, values, checkShape }));
}

function readFiles(inputs: readonly ValueInfo[], files: readonly InputFile[], check: CheckShape): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  for (const file of files) {
    for (const [name, tensor] of readFile(inputs, file, check)) {
      if (found.has(name)) throw new ZkonnxError('USAGE', { message: `The input '${name}' is given twice.`, file: file.path });
      found.set(name, tensor);
    }
  }
  return found;
}

/** A larger file is none of a model that can be proven. */
const MAX_FILE_BYTES = 2 ** 30;

function readFile(inputs: readonly ValueInfo[], { path, name, image }: InputFile, check: CheckShape): Map<string, Tensor> {
  let bytes: Uint8Array;
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_BYTES) throw new ZkonnxError('INPUT_MALFORMED', { message: `The input file '${path}' has ${size} bytes; at most ${MAX_FILE_BYTES} are read.`, file: path });
    bytes = readFileSync(path);
  } catch (cause) {
    if (isZkonnxError(cause)) throw cause;
    throw new ZkonnxError('FILE_NOT_FOUND', { message: `${unreadable(`The input file '${path}'`, cause)}.`, file: path, cause });
  }
  try {
    return READERS[formatOf(path, bytes)]({ inputs, bytes, name, image, checkShape: check });
  } catch (cause) {
    if (isZkonnxError(cause)) throw new ZkonnxError(cause.code, { ...cause.details, message: cause.message, file: path, cause });
    throw cause;
  }
}

type Format = 'json' | 'tensor' | 'npy' | 'npz' | 'image';

interface FileContents {
  readonly inputs: readonly ValueInfo[];
  readonly bytes: Uint8Array;
  readonly name: string | undefined;
  readonly image: ImageOptions | undefined;
  readonly checkShape: CheckShape;
}

const READERS: Readonly<Record<Format, (contents: FileContents) => Map<string, Tensor>>> = {
  json: ({ inputs, bytes, name, checkShape: check }) => tensorsFromJson({ inputs, values: parseJson(bytes), name, checkShape: check }),
  tensor: ({ inputs, bytes, name, checkShape: check }) => tensorFromProtoFile({ inputs, bytes, name, checkShape: check }),
  npy: ({ inputs, bytes, name, checkShape: check }) => oneTensor(targetInput({ inputs, name, what: 'a .npy file' }), (input) => tensorFromNpy({ input, bytes, checkShape: check })),
  npz: ({ inputs, bytes, name, checkShape: check }) => tensorsFromNpz({ inputs, bytes, name, checkShape: check }),
  image: ({ inputs, bytes, name, image }) => oneTensor(targetInput({ inputs, name, what: 'an image' }), (input) => tensorFromImage({ input, bytes, options: image })),
};

function oneTensor(input: ValueInfo, read: (input: ValueInfo) => Tensor): Map<string, Tensor> {
  return new Map([[input.name, read(input)]]);
}

const ENDINGS: readonly (readonly [ending: RegExp, format: Format])[] = [
  [/\.json$/i, 'json'], [/\.(pb|tensorproto)$/i, 'tensor'], [/\.npy$/i, 'npy'], [/\.npz$/i, 'npz'], [/\.(png|jpe?g)$/i, 'image'],
];

/** By the ending of the name; else by the first bytes. What begins like nothing else is a TensorProto. */
function formatOf(path: string, bytes: Uint8Array): Format {
  const named = ENDINGS.find(([ending]) => ending.test(path));
  if (named !== undefined) return named[1];
  if (isNpy(bytes)) return 'npy';
  if (isZip(bytes)) return 'npz';
  if (isImage(bytes)) return 'image';
  return /^\s*[[{]/.test(new TextDecoder().decode(bytes.subarray(0, 64))) ? 'json' : 'tensor';
}

/** The endings of input files, to take off for a name. */
export const INPUT_ENDING = /\.(json|pb|tensorproto|npy|npz|png|jpe?g)$/i;

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ZkonnxError('INPUT_MALFORMED', { message: `The input is not JSON: ${(cause as Error).message}.`, cause });
  }
}

function complete(inputs: readonly ValueInfo[], found: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const missing = inputs.filter(({ name }) => !found.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new ZkonnxError('INPUT_MISSING', { message: `The input${missing.length > 1 ? 's' : ''} ${missing.map((name) => `'${name}'`).join(', ')} of the model ${missing.length > 1 ? 'were' : 'was'} not given.`, expected: inputs.map(({ name }) => name).join(', '), found: [...found.keys()].join(', ') || 'nothing' });
  return new Map(inputs.map(({ name }) => [name, found.get(name) as Tensor]));
}
