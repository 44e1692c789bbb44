/** `proofs/NAME.json`: one proof with the statement that it proves. */
import { ZkonnxError } from '../errors/index.js';
import { form, readWholeFile, type Formed } from '../files/index.js';
import type { AnyProof } from '../verify/proof.js';
import type { PublicType } from '../verify/publicLayout.js';
import { parseJson } from './json.js';

const PublicTypes = form.oneOf<PublicType>('bool', 'uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64');

export const IntegerTensor = form.object({
  type: PublicTypes,
  shape: form.list(form.integer({ from: 1 })),
  /** Row-major. */
  data: form.list(form.integer()),
});
/** An integer tensor as JSON. */
export type IntegerTensor = Formed<typeof IntegerTensor>;

/** 0x and 64 hexadecimal digits each. */
export const CommitmentTexts = form.object({ outputs: form.optional(form.text()), inputs: form.optional(form.text()), weights: form.optional(form.text()) });
/** The commitments of what is hashed. */
export type CommitmentTexts = Formed<typeof CommitmentTexts>;

/** The outputs of a proof or opening file. */
export const proofTensors = form.object({ outputs: form.record(IntegerTensor) });

const Outline = form.object({
  format: form.oneOf('zkonnx-proof'),
  version: form.oneOf(1),
  model: form.object({ name: form.text(), sha256: form.text(/^[0-9a-f]{64}$/) }),
  /** 0x and hexadecimal digits. */
  context: form.text(),
  inputs: form.record(IntegerTensor),
  outputs: form.record(IntegerTensor),
  commitments: CommitmentTexts,
  publicSignals: form.list(form.text()),
  /** Its points are checked where they are used. */
  proof: form.object({}, { others: true }),
});

export interface ProofFile<Proof extends AnyProof = AnyProof> {
  readonly format: 'zkonnx-proof';
  readonly version: 1;
  readonly model: { readonly name: string; readonly sha256: string };
  readonly context: string;
  /** Quantized, by the names of the canonical graph; empty unless they are public. */
  readonly inputs: Readonly<Record<string, IntegerTensor>>;
  readonly outputs: Readonly<Record<string, IntegerTensor>>;
  /** Of what is hashed. */
  readonly commitments: CommitmentTexts;
  readonly publicSignals: readonly string[];
  /** Its protocol is the proof system. */
  readonly proof: Proof;
}

/** @throws FILE_NOT_FOUND, PROOF_MALFORMED */
export async function readProofFile(path: string): Promise<ProofFile> {
  const bytes = await readWholeFile(path);
  try {
    const data = parseJson(bytes, Outline, path);
    return { ...data, proof: data.proof as unknown as AnyProof };
  } catch (cause) {
    if (!(cause instanceof ZkonnxError)) throw cause;
    throw new ZkonnxError('PROOF_MALFORMED', { ...cause.details, message: cause.message, expected: 'a proof that `zkonnx prove` wrote', cause });
  }
}
