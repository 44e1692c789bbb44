/** `verification.json`: all that a verifier needs, in one file. */
import { z } from 'zod';
import { parsePublicLayout, type PublicLayout } from '../verify/publicLayout.js';
import type { VerificationKey } from '../setup/verificationKey.js';
import { ModelInterface } from './interface.js';
import { readJson } from './json.js';
import { KeyOrigin } from './keyOrigin.js';

const Outline = z.object({
  format: z.literal('zkonnx-verification'),
  version: z.literal(1),
  model: z.object({ name: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  key: KeyOrigin,
  layout: z.unknown(),
  interface: ModelInterface,
  /** Its points are checked where they are used. */
  verificationKey: z.looseObject({ protocol: z.literal('groth16'), curve: z.literal('bn128'), nPublic: z.number().int(), IC: z.array(z.unknown()) }),
});

export interface VerificationFile {
  readonly format: 'zkonnx-verification';
  readonly version: 1;
  readonly model: { readonly name: string; readonly sha256: string };
  /** As the maker of the file says; `verify-key` finds out. */
  readonly key: KeyOrigin;
  readonly layout: PublicLayout;
  /** For display; nothing of it is proven. */
  readonly interface: ModelInterface;
  readonly verificationKey: VerificationKey;
}

/** @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED */
export async function readVerificationFile(path: string): Promise<VerificationFile> {
  const data = await readJson(path, Outline);
  return { ...data, layout: parsePublicLayout(data.layout), verificationKey: data.verificationKey as unknown as VerificationKey };
}
