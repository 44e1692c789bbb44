import { basename } from 'node:path';
import type { ModelInterface } from '../artifacts/index.js';
import { ZkonnxError } from '../errors/index.js';
import type { Tensor } from '../onnx/graph.js';
import { INPUT_ENDING, inputsFromValues, readInputs, type InputFile } from '../onnx/inputs.js';

export type { ImageOptions, InputFile } from '../onnx/inputs.js';

/**
 * The inputs of one inference: the path of an input file, several files that together give each input once, or values by input
 * name as in docs/inputs.md. `name` is what its proof is called; by default the name of the first file.
 */
export type InputSource =
  | string
  | { readonly files: readonly InputFile[]; readonly name?: string | undefined }
  | { readonly values: unknown; readonly name?: string | undefined };

export interface NamedInputs {
  /** Unique among all inputs of a batch. */
  readonly name: string;
  /** The inputs of the model. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Reads all inputs before anything is proven. @throws ZkonnxError USAGE without any, and of the kind input */
export function readProofInputs({ inputs }: Pick<ModelInterface, 'inputs'>, sources: readonly InputSource[]): NamedInputs[] {
  if (sources.length === 0) throw new ZkonnxError('USAGE', { message: 'There is no input to prove.', fix: 'Give at least one: --input FILE.' });
  const names = new Set<string>();
  return sources.map((source) => {
    const { name, tensors } = readOne(inputs, source);
    let unique = name;
    for (let number = 2; names.has(unique); number++) unique = `${name}-${number}`;
    names.add(unique);
    return { name: unique, tensors };
  });
}

function readOne(inputs: ModelInterface['inputs'], source: InputSource): NamedInputs {
  if (typeof source === 'string') return readOne(inputs, { files: [{ path: source }] });
  if ('values' in source) return { name: fileName(source.name), tensors: inputsFromValues({ inputs, values: source.values }) };
  return { name: fileName(source.name ?? source.files[0]?.path), tensors: readInputs({ inputs, files: source.files }) };
}

/** A name that is a file name: no folders, no ending. */
export function fileName(path: string | undefined): string {
  return basename(path ?? 'input').replace(INPUT_ENDING, '').replace(/^\.*/, '') || 'input';
}
