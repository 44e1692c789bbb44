/** `proofs/NAME.opening.json`: what a proof does not show, for the prover alone. */
import { form, type Formed } from '../files/index.js';
import { readJson } from './json.js';
import { CommitmentTexts, IntegerTensor } from './proofFile.js';

const Opening = form.object({
  format: form.oneOf('zkonnx-opening'),
  version: form.oneOf(1),
  model: form.object({ name: form.text(), sha256: form.text() }),
  /** The salt of each commitment, 0x and hexadecimal digits; 0 for none. */
  salts: CommitmentTexts,
  commitments: CommitmentTexts,
  /** Quantized, by the names of the canonical graph. */
  inputs: form.record(IntegerTensor),
  outputs: form.record(IntegerTensor),
});
export type OpeningFile = Formed<typeof Opening>;

const WeightsOpening = form.object({
  format: form.oneOf('zkonnx-weights-opening'),
  version: form.oneOf(1),
  model: form.object({ name: form.text(), sha256: form.text() }),
  salt: form.text(),
  commitment: form.text(),
});
/** `weights.opening.json`: the salt of hashed weights, the same for all proofs of a model. The weights are in the model. */
export type WeightsOpeningFile = Formed<typeof WeightsOpening>;

/** @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED */
export function readWeightsOpeningFile(path: string): Promise<WeightsOpeningFile> {
  return readJson(path, WeightsOpening);
}

/** @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED */
export function readOpeningFile(path: string): Promise<OpeningFile> {
  return readJson(path, Opening);
}
