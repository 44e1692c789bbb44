import { join, resolve, dirname } from 'node:path';
import { FILES, checkedPath, defaultFolder, readManifest, readProofFile, readVerificationFile, type KeyOrigin, type ProofFile, type VerificationFile } from '../artifacts/index.js';
import { ZkonnxError, isZkonnxError } from '../errors/index.js';
import { readModel } from '../onnx/readModel.js';
import { commitmentText, packPublic, parseCommitment, parseContext, verifyProof, type Committed, type Context, type PublicLayout, type Visibility } from '../verify/index.js';
import type { ProofSystem } from '../setup/proofSystem.js';
import { floatOutputs, tensorFromJson } from './boundaryTensors.js';

/** Whom to believe about the model: a verification file, or one's own folder of the model. */
export interface VerificationSource {
  /** Path of a `verification.json`. Default: the one in the folder above the proof's. */
  readonly verification?: string | undefined;
  /** The ONNX file: its own folder's verification file is used, after checking that it belongs to these bytes. */
  readonly model?: string | undefined;
  /** The folder of `model`; default `artifacts/NAME`. */
  readonly folder?: string | undefined;
}

export interface VerifyProofFileParameters extends VerificationSource {
  /** Path of a proof that `proveInputs` wrote. */
  readonly proof: string;
  /** What the requester chose; when given, a proof for another context is refused. */
  readonly context?: Context | undefined;
  /** What the verifier knows of what is hashed; a proof with another commitment is refused. */
  readonly commitments?: { readonly [Part in Committed]?: bigint | string | undefined } | undefined;
}

export interface VerifyProofFileReturnType {
  /** Of the key. With hashed weights the one that the circuit was compiled from: which weights the proof is of, only their commitment says. */
  readonly model: { readonly name: string; readonly sha256: string };
  /** 0x and hexadecimal digits. */
  readonly context: string;
  readonly inputs: ProofFile['inputs'];
  readonly outputs: ProofFile['outputs'];
  /** Of what is hashed; 0x and 64 hexadecimal digits. */
  readonly commitments: ProofFile['commitments'];
  readonly visibility: Visibility;
  /** The model's float outputs, computed from the proven integers; not part of the proof. */
  readonly floats: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;
  /** Of the key, and so of the proof. */
  readonly system: ProofSystem;
  readonly key: KeyOrigin;
  /** Where the verification key came from. */
  readonly verificationPath: string;
  /** Milliseconds of the verification alone. */
  readonly verifyMs: number;
}

/**
 * Verifies a proof file: that the model of the verification key gives exactly these outputs for these inputs, for this context; of what is hashed, for values
 * with these commitments.
 * Returning means that it does.
 *
 * @throws ZkonnxError PROOF_INVALID, PROOF_MALFORMED, ARTIFACT_MISSING, ARTIFACT_MALFORMED, ARTIFACT_STALE, FILE_NOT_FOUND
 */
export async function verifyProofFile({ proof: path, context, commitments = {}, ...source }: VerifyProofFileParameters): Promise<VerifyProofFileReturnType> {
  const file = await readProofFile(path);
  const { verification, verificationPath } = await findVerification(path, source);
  const { layout, verificationKey } = verification;
  // Hashed weights: one key for all models of an architecture; which one it is, is what their commitment says.
  if (layout.visibility.weights === 'fixed' && file.model.sha256 !== verification.model.sha256) {
    throw new ZkonnxError('PROOF_INVALID', { message: 'The proof is for another model than the verification key.', file: path, expected: verification.model.sha256, found: file.model.sha256 });
  }
  if (context !== undefined && parseContext(context) !== parseContext(file.context)) {
    throw new ZkonnxError('PROOF_INVALID', { message: 'The proof was made for another context.', file: path, expected: `0x${parseContext(context).toString(16)}`, found: file.context });
  }
  checkCommitments({ file, layout, commitments, path });
  const publicSignals = statementSignals({ file, layout, path });
  const start = performance.now();
  if (!verifyProof({ verificationKey, proof: file.proof, publicSignals })) throw new ZkonnxError('PROOF_INVALID', { message: 'The proof does not verify.', file: path });
  const verifyMs = performance.now() - start;
  const outputs = new Map(Object.entries(file.outputs).map(([name, tensor]) => [name, tensorFromJson(tensor)]));
  const floats = [...floatOutputs(verification.interface, outputs)].map(([name, { shape, data }]) => [name, { shape, data: Array.from(data as Float32Array) }] as const);
  return { model: verification.model, context: file.context, inputs: file.inputs, outputs: file.outputs, commitments: file.commitments, visibility: layout.visibility, floats: Object.fromEntries(floats), system: verificationKey.protocol, key: verification.key, verificationPath, verifyMs };
}

/** The public signals of what the file states. The signals that it lists must be the same numbers, written in the same way. */
export function statementSignals({ file, layout, path }: { readonly file: ProofFile; readonly layout: PublicLayout; readonly path: string }): bigint[] {
  const malformed = (message: string, expected?: string, found?: string): ZkonnxError => new ZkonnxError('PROOF_MALFORMED', { message, file: path, expected, found });
  for (const side of ['inputs', 'outputs'] as const) {
    for (const { name, type, shape } of layout[side]) {
      const tensor = Object.hasOwn(file[side], name) ? file[side][name] : undefined;
      if (tensor !== undefined && (tensor.type !== type || tensor.shape.join() !== shape.join())) throw malformed(`"${name}" of the proof is not what the model has.`, `${type} [${shape.join(', ')}]`, `${tensor.type} [${tensor.shape.join(', ')}]`);
    }
  }
  const values = (tensors: ProofFile['inputs']) => Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
  let signals: bigint[];
  try {
    signals = packPublic({ layout, outputs: values(file.outputs), context: file.context, inputs: values(file.inputs), commitments: file.commitments });
  } catch (cause) {
    if (!isZkonnxError(cause)) throw cause;
    throw new ZkonnxError('PROOF_MALFORMED', { ...cause.details, message: `The proof file is not well-formed: ${cause.message}.`, file: path, cause });
  }
  const different = signals.findIndex((signal, index) => String(signal) !== file.publicSignals[index]);
  if (signals.length !== file.publicSignals.length || different >= 0) {
    throw new ZkonnxError('PROOF_INVALID', {
      message: 'The public signals of the proof are not those of the inputs, outputs, commitments and context beside it.',
      file: path,
      expected: different < 0 ? `${signals.length} signals` : `signal ${different} = ${String(signals[different])}`,
      found: different < 0 ? `${file.publicSignals.length} signals` : (file.publicSignals[different] ?? 'none').slice(0, 100),
    });
  }
  return signals;
}

/** @throws PROOF_INVALID when the proof is of something else than the verifier knows, USAGE when that is not hashed */
function checkCommitments({ file, layout, commitments, path }: { readonly file: ProofFile; readonly layout: PublicLayout; readonly commitments: NonNullable<VerifyProofFileParameters['commitments']>; readonly path: string }): void {
  for (const [part, expected] of Object.entries(commitments) as [Committed, bigint | string | undefined][]) {
    if (expected === undefined) continue;
    if (layout.visibility[part] !== 'hashed') throw new ZkonnxError('USAGE', { message: `The ${part} are not hashed, so there is no commitment of them to compare.`, expected: 'hashed', found: layout.visibility[part] });
    const [wanted, found] = [parseCommitment(expected), parseCommitment(file.commitments[part] ?? '')];
    if (wanted !== found) throw new ZkonnxError('PROOF_INVALID', { message: `The proof is of other ${part}.`, file: path, expected: commitmentText(wanted), found: commitmentText(found) });
  }
}

/** The verification file to believe, and where it was found. */
export async function findVerification(proofPath: string, { verification, model, folder }: VerificationSource): Promise<{ verification: VerificationFile; verificationPath: string }> {
  if (verification !== undefined && model !== undefined) throw new ZkonnxError('USAGE', { message: 'Give a verification file or a model, not both.' });
  if (model !== undefined) return fromModel(model, resolve(folder ?? defaultFolder(model)));
  const path = verification ?? join(dirname(dirname(resolve(proofPath))), FILES.verification);
  try {
    return { verification: await readVerificationFile(path), verificationPath: path };
  } catch (error) {
    if (verification !== undefined || !isZkonnxError(error) || error.code !== 'FILE_NOT_FOUND') throw error;
    throw new ZkonnxError('ARTIFACT_MISSING', { message: `There is no ${FILES.verification} in the folder above the proof.`, file: path, fix: 'Say what to verify against: --key verification.json, or --model MODEL.', cause: error });
  }
}

async function fromModel(model: string, folder: string): Promise<{ verification: VerificationFile; verificationPath: string }> {
  const { hash } = readModel(model);
  const fix = `Run \`zkonnx setup ${model} --dev\`, or give the verification file of the model's maker with --key.`;
  const manifest = await readManifest(folder);
  if (manifest?.verification === undefined) throw new ZkonnxError('ARTIFACT_MISSING', { message: `There is no verification key for this model in ${folder}.`, file: model, fix });
  const verificationPath = await checkedPath({ folder, record: manifest.verification.verification, stage: `setup ${model}` });
  const verification = await readVerificationFile(verificationPath);
  if (verification.model.sha256 !== hash) throw new ZkonnxError('ARTIFACT_STALE', { message: `${verificationPath} is of another model file.`, file: verificationPath, expected: hash, found: verification.model.sha256, fix });
  return { verification, verificationPath };
}
