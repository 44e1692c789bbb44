/** Files of labels: what is right for each inference of a set. docs/quantization.md has the forms. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ZkonnxError, isZkonnxError } from '../errors/index.js';
import type { ValueInfo } from '../onnx/graph.js';
import { readInputSets } from '../onnx/inputs.js';
import type { Label } from '../quantize/drift/taskStatistics.js';
import { fileName } from './proofInputs.js';

/**
 * One label for each inference.
 * @param names of the inferences, in order
 * @param output what the labels are about: for a file of values they have its shape
 * @throws ZkonnxError FILE_NOT_FOUND, INPUT_MALFORMED, INPUT_MISSING, INPUT_SHAPE, INPUT_TYPE
 */
export function readLabels({ path, names, output }: { path: string; names: readonly string[]; output: ValueInfo }): Label[] {
  const labels = /\.(npy|npz|pb)$/i.test(path) ? fromArray(path, output) : fromJson(path, names);
  if (labels.length !== names.length) throw new ZkonnxError('INPUT_SHAPE', { message: `The file '${path}' has ${labels.length} labels for ${names.length} inferences.`, expected: `${names.length} labels`, found: String(labels.length), file: path });
  return labels;
}

function fromArray(path: string, output: ValueInfo): Label[] {
  // An array of whole numbers holds classes, one of floats what the output should be.
  const read = (input: ValueInfo): Label[] => readInputSets({ inputs: [input], files: [{ path, name: input.name }] }).map((set) => {
    const { data } = [...set.values()][0] as { data: ArrayLike<number | bigint> };
    return input.type === 'float32' ? Float32Array.from(data as ArrayLike<number>) : Number(data[0]);
  });
  try {
    return read({ name: 'labels', type: 'int64', shape: [1] });
  } catch (error) {
    if (!isZkonnxError(error) || (error.code !== 'INPUT_SHAPE' && error.code !== 'INPUT_TYPE')) throw error;
    return read({ name: output.name, type: 'float32', shape: output.shape });
  }
}

function fromJson(path: string, names: readonly string[]): Label[] {
  const list = parse(path);
  const entries = list.map((entry, index) => entryOf(entry, path, index));
  if (!entries.every(({ file }) => file !== undefined)) return entries.map(({ label }) => label);
  const byName = new Map(entries.map(({ file, label }) => [fileName(basename(file as string)), label]));
  return names.map((name) => {
    const label = byName.get(name);
    if (label === undefined) throw new ZkonnxError('INPUT_MISSING', { message: `The file '${path}' has no label for '${name}'.`, file: path, expected: 'an entry with the name of the input file' });
    return label;
  });
}

function parse(path: string): readonly unknown[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ZkonnxError('FILE_NOT_FOUND', { message: `The file of labels '${path}' cannot be read: ${(cause as Error).message}.`, file: path, cause });
  }
  try {
    const value = JSON.parse(text) as unknown;
    if (Array.isArray(value)) return value;
  } catch (cause) {
    throw new ZkonnxError('INPUT_MALFORMED', { message: `The file of labels '${path}' is not JSON: ${(cause as Error).message}.`, file: path, cause });
  }
  throw new ZkonnxError('INPUT_MALFORMED', { message: `The file of labels '${path}' is not a list.`, file: path, expected: '[3, 1, 4] or [{ "file": "a.json", "label": 3 }]' });
}

function entryOf(entry: unknown, path: string, index: number): { readonly label: number; readonly file?: string } {
  const { label, file } = (typeof entry === 'object' && entry !== null ? entry : { label: entry }) as { label?: unknown; file?: unknown };
  if (typeof label !== 'number' || !Number.isSafeInteger(label) || label < 0) throw new ZkonnxError('INPUT_MALFORMED', { message: `Entry ${index} of '${path}' is no label.`, file: path, expected: 'the number of a class, or { "file", "label" }', found: JSON.stringify(entry)?.slice(0, 80) });
  return { label, ...(typeof file === 'string' ? { file } : {}) };
}
