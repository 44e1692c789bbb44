import { join, resolve } from 'node:path';
import { FILES, checkedPath, defaultFolder, readManifest, readVerificationFile, sha256, type KeyOrigin } from '../artifacts/index.js';
import { ZkonnxError } from '../errors/index.js';
import { readModel } from '../onnx/readModel.js';
import { SYSTEM_NAMES, type ProofSystem } from '../setup/proofSystem.js';
import { commitmentSignal } from '../verify/packing.js';
import { contextOffset, elementsPerWord, sideSignals, signalCount, type PublicLayout, type PublicTensor } from '../verify/publicLayout.js';
import { committedParts, type Committed, type Visibility } from '../verify/visibility.js';
import type { FolderOptions } from './progress.js';

export interface DescribeStatementParameters extends FolderOptions {
  /** Path of a `verification.json`, or of the ONNX file whose folder has one. */
  readonly source: string;
}

/** What one or several public signals hold. */
export interface SignalRange {
  readonly first: number;
  readonly count: number;
  readonly holds: 'elements' | 'context' | 'commitment';
  /** Of elements: which, and how many to a signal. */
  readonly tensor?: { readonly name: string; readonly type: string; readonly shape: readonly number[]; readonly elementsPerSignal: number };
  /** Of a commitment: of what. */
  readonly part?: Committed;
}

type Described = Pick<PublicTensor, 'name' | 'type' | 'shape'>;

export interface DescribeStatementReturnType {
  readonly model: { readonly name: string; readonly sha256: string };
  readonly visibility: Visibility;
  readonly inputs: readonly Described[];
  readonly outputs: readonly Described[];
  /** Of hashed weights. */
  readonly weights: readonly Described[];
  /** How often the canonical graph has each operator; empty where the verification file does not say. */
  readonly operators: Readonly<Record<string, number>>;
  readonly layoutVersion: number;
  readonly signals: readonly SignalRange[];
  readonly commitments: readonly { readonly of: Committed; readonly signal: number; readonly hash: string }[];
  readonly system: ProofSystem;
  readonly key: KeyOrigin & { readonly verificationKeySha256: string };
  readonly verificationPath: string;
  /** All of it in plain words, a sentence or two each. */
  readonly words: readonly string[];
}

const HASH = 'Poseidon over BN254, circomlib’s parameters, commitment version 1 (docs/artifacts.md)';

/**
 * What exactly a proof that verifies with a given key says, in data and in words. What the verification file says of itself (the kind of its
 * key, which model it is for) is repeated as such.
 *
 * @throws ZkonnxError FILE_NOT_FOUND, ARTIFACT_MISSING, ARTIFACT_MALFORMED, ARTIFACT_STALE, and of the kind model
 */
export async function describeStatement({ source, folder }: DescribeStatementParameters): Promise<DescribeStatementReturnType> {
  const verificationPath = source.endsWith('.json') ? source : await verificationOf(source, resolve(folder ?? defaultFolder(source)));
  const { model, key, layout, interface: around, verificationKey } = await readVerificationFile(verificationPath);
  const described = (tensors: readonly PublicTensor[]): Described[] => tensors.map(({ name, type, shape }) => ({ name, type, shape }));
  const result = {
    model,
    visibility: layout.visibility,
    inputs: described(layout.inputs),
    outputs: described(layout.outputs),
    weights: described(layout.weights),
    operators: around.operators ?? {},
    layoutVersion: layout.version,
    signals: signalRanges(layout),
    commitments: committedParts(layout.visibility).map((part) => ({ of: part, signal: commitmentSignal(layout, part), hash: HASH })),
    system: verificationKey.protocol,
    key: { ...key, verificationKeySha256: sha256(JSON.stringify(verificationKey)) },
    verificationPath,
  };
  return { ...result, words: inWords(result) };
}

async function verificationOf(model: string, folder: string): Promise<string> {
  const { hash } = readModel(model);
  const manifest = await readManifest(folder);
  const fix = `Run \`zkonnx setup ${model} --dev\` first, or give a verification file.`;
  if (manifest?.verification === undefined) throw new ZkonnxError('ARTIFACT_MISSING', { message: `There is no verification key for this model in ${folder}.`, file: model, fix });
  if (manifest.model.sha256 !== hash) throw new ZkonnxError('ARTIFACT_STALE', { message: `The files in ${folder} were made from another model file.`, file: join(folder, FILES.verification), expected: hash, found: manifest.model.sha256, fix });
  return checkedPath({ folder, record: manifest.verification.verification, stage: `setup ${model}` });
}

function signalRanges(layout: PublicLayout): SignalRange[] {
  const side = (part: 'outputs' | 'inputs'): SignalRange[] => {
    if (layout.visibility[part] === 'hashed') return [{ first: commitmentSignal(layout, part), count: 1, holds: 'commitment', part }];
    if (layout.visibility[part] === 'private') return [];
    return layout[part].map((tensor) => ({ first: tensor.offset, count: sideSignals([tensor], 'public'), holds: 'elements', tensor: { name: tensor.name, type: tensor.type, shape: tensor.shape, elementsPerSignal: elementsPerWord(tensor.type) } }));
  };
  const weights: SignalRange[] = layout.visibility.weights === 'hashed' ? [{ first: signalCount(layout) - 1, count: 1, holds: 'commitment', part: 'weights' }] : [];
  return [...side('outputs'), { first: contextOffset(layout), count: 1, holds: 'context' }, ...side('inputs'), ...weights];
}

function inWords({ model, visibility, inputs, outputs, weights, operators, signals, system, key }: Omit<DescribeStatementReturnType, 'words'>): string[] {
  const list = (tensors: readonly Described[]): string => tensors.map(({ name, type, shape }) => `${name} (${type} [${shape.join(', ')}])`).join(', ');
  const shown = {
    public: (what: string) => `The ${what} are public: they are what the public signals say.`,
    private: (what: string) => `The ${what} are private: the prover knows some, each within its element type, and shows nothing of them.`,
    hashed: (what: string) => `The ${what} are hashed: the prover knows some, each within its element type, whose commitment is a public signal.`,
  } as const;
  const uses = Object.entries(operators).map(([operator, count]) => (count === 1 ? operator : `${operator} ×${count}`));
  return [
    visibility.weights === 'fixed'
      ? `A proof says: the prover knows inputs ${list(inputs)} for which the integer graph of the ONNX file with the SHA-256 ${model.sha256} (${model.name}) gives the outputs ${list(outputs)}, in every bit.`
      : `A proof says: the prover knows inputs ${list(inputs)}, and weights ${list(weights)}, for which the integer graph of the architecture of ${model.name} (compiled from the ONNX file with the SHA-256 ${model.sha256}) gives the outputs ${list(outputs)}, in every bit.`,
    shown[visibility.inputs]('inputs'),
    shown[visibility.outputs]('outputs'),
    visibility.weights === 'fixed'
      ? 'The weights are constants of the circuit: the key says which they are.'
      : 'The weights are hashed: their commitment is a public signal, and it alone says which model of the architecture it is. Scales, zero points and all other constants are fixed by the key.',
    ...(uses.length === 0 ? [] : [`The graph consists of ${uses.join(', ')}.`]),
    `There are ${signals.reduce((sum, { count }) => sum + count, 0)} public signals: ${signals.map(signalWords).join('; ')}.`,
    'The context is a number that the verifier chose; the proof holds for no other one.',
    'Not proven: quantizing float inputs before, dequantizing outputs behind, a last Softmax, and where the input comes from.',
    ...(system === 'groth16' ? [] : [universalWords(system, key)]),
    key.kind === 'ceremony'
      ? `The key is called one of a ceremony by the maker of this file (${key.reason}). \`zkonnx verify-key\` finds out whether it is, and whether it belongs to the model.`
      : `The key is a development key (${key.reason}): whoever made it can forge proofs.`,
  ];
}

/** What a key without a second phase rests on. */
function universalWords(system: ProofSystem, { ptauDigest, ptauPublished }: KeyOrigin): string {
  const powers = ptauDigest === undefined ? 'made locally' : `${ptauPublished ?? 'a file that zkonnx does not know'} (BLAKE2b-512 ${ptauDigest})`;
  return `The proof system is ${SYSTEM_NAMES[system]} over BN254. Its setup is universal: the key follows from the circuit and from powers of tau alone, ${powers}, and whoever knows the secret of those can forge proofs.`;
}

function signalWords({ first, count, holds, tensor, part }: SignalRange): string {
  const where = count === 1 ? `signal ${first}` : `signals ${first} to ${first + count - 1}`;
  if (holds === 'context') return `${where}, the context`;
  if (holds === 'commitment') return `${where}, the Poseidon commitment of the ${part ?? ''}`;
  return `${where}, ${tensor?.name ?? ''}, ${tensor?.elementsPerSignal ?? 0} elements to a signal`;
}
