/** `proofs/NAME.json`: one proof with the statement that it proves. */
import { z } from 'zod';
import { ZkonnxError } from '../errors/index.js';
import { readWholeFile } from '../files/index.js';
import type { Groth16Proof } from '../verify/proof.js';
import type { PublicType } from '../verify/publicLayout.js';
import { parseJson } from './json.js';

const PublicTypes = z.enum(['bool', 'uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64'] satisfies PublicType[]);

const IntegerTensor = z.object({
  type: PublicTypes,
  shape: z.array(z.number().int().positive()),
  /** Row-major. */
  data: z.array(z.number().int()),
});
/** An integer tensor as JSON. */
export type IntegerTensor = z.infer<typeof IntegerTensor>;

const Outline = z.object({
  format: z.literal('zkonnx-proof'),
  version: z.literal(1),
  model: z.object({ name: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  /** 0x and hexadecimal digits. */
  context: z.string(),
  inputs: z.record(z.string(), IntegerTensor),
  outputs: z.record(z.string(), IntegerTensor),
  publicSignals: z.array(z.string()),
  /** Its points are checked where they are used. */
  proof: z.looseObject({}),
});

export interface ProofFile {
  readonly format: 'zkonnx-proof';
  readonly version: 1;
  readonly model: { readonly name: string; readonly sha256: string };
  readonly context: string;
  /** Quantized, by the names of the canonical graph. */
  readonly inputs: Readonly<Record<string, IntegerTensor>>;
  readonly outputs: Readonly<Record<string, IntegerTensor>>;
  readonly publicSignals: readonly string[];
  readonly proof: Groth16Proof;
}

/** @throws FILE_NOT_FOUND, PROOF_MALFORMED */
export async function readProofFile(path: string): Promise<ProofFile> {
  const bytes = await readWholeFile(path);
  try {
    const data = parseJson(bytes, Outline, path);
    return { ...data, proof: data.proof as unknown as Groth16Proof };
  } catch (cause) {
    if (!(cause instanceof ZkonnxError)) throw cause;
    throw new ZkonnxError('PROOF_MALFORMED', { ...cause.details, message: cause.message, expected: 'a proof that `zkonnx prove` wrote', cause });
  }
}
