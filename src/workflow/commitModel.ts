import { resolve } from 'node:path';
import { defaultFolder, modelName, parseJson, proofTensors, type IntegerTensor, type ModelInterface } from '../artifacts/index.js';
import { programLayout } from '../compile/index.js';
import { ZkonnxError, throwIfAborted } from '../errors/index.js';
import { readWholeFile } from '../files/index.js';
import { commit } from '../verify/commitment.js';
import { commitmentText, parseCommitment } from '../verify/fieldElement.js';
import type { PublicLayout } from '../verify/publicLayout.js';
import type { Committed } from '../verify/visibility.js';
import { programIntegers, provenInputs } from './boundaryTensors.js';
import { openWeights } from './weightsOpening.js';
import type { FolderOptions, WorkflowOptions } from './progress.js';
import { readProofInputs, type InputSource } from './proofInputs.js';
import { randomSalt } from './randomSalt.js';
import { interfaceOf, readCore } from './readCore.js';

/** What to commit to: an input, outputs out of a proof or opening file, or the weights of the model. */
export type CommitSubject = { readonly input: InputSource } | { readonly outputFile: string } | 'weights';

export interface CommitModelParameters extends WorkflowOptions, FolderOptions {
  /** Path of a quantized ONNX file. */
  readonly model: string;
  readonly of: CommitSubject;
  /** A field element, 0 for none. Default: a new random one; of weights, the one of before. */
  readonly salt?: bigint | string | undefined;
  /** Size of a symbolic leading dimension; default 1. */
  readonly batch?: number | undefined;
}

export interface CommitModelReturnType {
  readonly model: { readonly name: string; readonly sha256: string };
  readonly of: Committed;
  /** 0x and 64 hexadecimal digits, as is the salt. */
  readonly commitment: string;
  /** Who has it can check a guess of the values. */
  readonly salt: string;
  /** What was committed to, in this order. */
  readonly tensors: readonly { readonly name: string; readonly type: string; readonly shape: readonly number[] }[];
  /** Where the salt of the weights is kept. */
  readonly openingPath?: string;
}

/**
 * The commitment of an input, of outputs, or of the weights of a model: what a proof or a contract of hashed values is compared with. That of the
 * weights is written to the model's folder, and proofs use its salt.
 *
 * @throws ZkonnxError of the kinds model and input; FILE_NOT_FOUND, ARTIFACT_MALFORMED, PROOF_MALFORMED for the salt, CANCELLED
 */
export async function commitModel({ model, of, salt, batch = 1, folder = defaultFolder(model), signal }: CommitModelParameters): Promise<CommitModelReturnType> {
  throwIfAborted(signal);
  const ofWeights = of === 'weights';
  const core = readCore({ model, batch, weights: ofWeights ? 'hashed' : 'fixed' });
  const layout = programLayout(core.program, { inputs: 'hashed', outputs: 'hashed', weights: ofWeights ? 'hashed' : 'fixed' });
  const identity = { name: modelName(model), sha256: core.file.hash };
  const described = (part: Committed) => layout[part].map(({ name, type, shape }) => ({ name, type, shape }));
  if (ofWeights) {
    const { path, opening } = await openWeights({ folder: resolve(folder), model: identity, plan: async () => ({ program: core.program, layout }), salt, signal });
    return { model: identity, of: 'weights', commitment: opening.commitment, salt: opening.salt, tensors: described('weights'), openingPath: path };
  }
  const own = salt === undefined ? randomSalt() : parseCommitment(salt, 'salt');
  const part = 'input' in of ? 'inputs' : 'outputs';
  const values = 'input' in of ? inputValues(interfaceOf(core), layout, of.input) : await outputValues(layout, of.outputFile);
  const commitment = commit({ part, tensors: layout[part], values, salt: own });
  return { model: identity, of: part, commitment: commitmentText(commitment), salt: commitmentText(own), tensors: described(part) };
}

function inputValues(around: ModelInterface, layout: PublicLayout, source: InputSource): Record<string, ArrayLike<number>> {
  const [first] = readProofInputs(around, [source]);
  if (first === undefined) throw new ZkonnxError('USAGE', { message: 'There is no input to commit to.' });
  const proven = provenInputs({ layout, entries: around.entries }, first.tensors);
  return Object.fromEntries([...proven].map(([name, tensor]) => [name, programIntegers(tensor)]));
}

/** The outputs of a proof or opening file, which must be those of the model. */
async function outputValues(layout: PublicLayout, path: string): Promise<Record<string, readonly number[]>> {
  const { outputs } = parseJson(await readWholeFile(path), proofTensors, path);
  for (const { name, type, shape } of layout.outputs) {
    const tensor: IntegerTensor | undefined = outputs[name];
    if (tensor !== undefined && (tensor.type !== type || tensor.shape.join() !== shape.join())) {
      throw new ZkonnxError('INPUT_SHAPE', { message: `"${name}" of ${path} is not what the model has.`, file: path, expected: `${type} [${shape.join(', ')}]`, found: `${tensor.type} [${tensor.shape.join(', ')}]` });
    }
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
}
