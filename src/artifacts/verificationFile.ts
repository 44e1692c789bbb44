/** `verification.json`: all that a verifier needs, in one file. */
import { form } from '../files/index.js';
import { parsePublicLayout, type PublicLayout } from '../verify/publicLayout.js';
import { PROOF_SYSTEMS } from '../setup/proofSystem.js';
import type { AnyVerificationKey } from '../setup/anyVerificationKey.js';
import { ModelInterface } from './interface.js';
import { readJson } from './json.js';
import { KeyOrigin } from './keyOrigin.js';

const Outline = form.object({
  format: form.oneOf('zkonnx-verification'),
  version: form.oneOf(1),
  model: form.object({ name: form.text(), sha256: form.text(/^[0-9a-f]{64}$/) }),
  key: KeyOrigin,
  layout: form.anything,
  interface: ModelInterface,
  /** Its points are checked where they are used. */
  verificationKey: form.object({ protocol: form.oneOf(...PROOF_SYSTEMS), curve: form.oneOf('bn128'), nPublic: form.integer() }, { others: true }),
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
  /** Its protocol is the proof system. */
  readonly verificationKey: AnyVerificationKey;
}

/** @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED */
export async function readVerificationFile(path: string): Promise<VerificationFile> {
  const data = await readJson(path, Outline);
  return { ...data, layout: parsePublicLayout(data.layout), verificationKey: data.verificationKey as unknown as AnyVerificationKey };
}
