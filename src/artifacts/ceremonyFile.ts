/** `ceremony.json`: what a ceremony is about. Its state is in the keys beside it, each of which records all contributions. */
import { join } from 'node:path';
import { form, type Formed } from '../files/index.js';
import { readJson, writeJson } from './json.js';

/** The names of the files in a ceremony's folder. */
export const CEREMONY_FILES = {
  ceremony: 'ceremony.json',
  r1cs: 'circuit.r1cs',
  finalKey: 'final.zkey',
  transcript: 'transcript.json',
  transcriptText: 'transcript.txt',
} as const;

const Sha256 = form.text(/^[0-9a-f]{64}$/);
const Blake2b = form.text(/^[0-9a-f]{128}$/);

const Side = form.oneOf('public', 'private', 'hashed');

const CeremonyFile = form.object({
  format: form.oneOf('zkonnx-ceremony'),
  version: form.oneOf(1),
  model: form.object({ name: form.text(), sha256: Sha256 }),
  circuit: form.object({
    /** What the circuit depends on beside the model. */
    batch: form.integer({ from: 1 }),
    visibility: form.object({ inputs: Side, outputs: Side, weights: form.oneOf('fixed', 'hashed') }),
    rows: form.integer({ from: 1 }),
    wires: form.integer({ from: 1 }),
    publicSignals: form.integer({ from: 1 }),
    /** SHA-256 of circuit.r1cs. */
    sha256: Sha256,
    /** BLAKE2b-512 that every key of the ceremony records: of all points of the initial key. */
    hash: Blake2b,
  }),
  powersOfTau: form.object({
    file: form.text(),
    power: form.integer({ from: 1 }),
    blake2b: Blake2b,
    /** What the file is published as; absent when its digest is not known to zkonnx. */
    published: form.optional(form.text()),
  }),
});
export type CeremonyFile = Formed<typeof CeremonyFile>;

/** @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED */
export function readCeremonyFile(folder: string): Promise<CeremonyFile> {
  return readJson(join(folder, CEREMONY_FILES.ceremony), CeremonyFile);
}

/** @throws FILE_NOT_WRITTEN, CANCELLED */
export async function writeCeremonyFile(folder: string, data: CeremonyFile, signal?: AbortSignal): Promise<void> {
  await writeJson({ path: join(folder, CEREMONY_FILES.ceremony), data, signal });
}
