import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { sha256OfFile, type CeremonyFile } from '../artifacts/index.js';
import { ZkonnxError } from '../errors/index.js';
import { ceremonyFault, phaseFault, readPowersOfTau, readZkeyHeader } from '../setup/index.js';
import type { Visibility } from '../verify/visibility.js';
import { ceremonyEngine } from './ceremonyEngine.js';
import { ceremonyCircuit, openCeremony, type Ceremony } from './ceremonyFolder.js';
import { transcriptEntries, writeTranscript, type CeremonyTranscript } from './ceremonyTranscript.js';
import { compileModel } from './compileModel.js';
import type { WorkflowOptions } from './progress.js';

export interface VerifyCeremonyParameters extends WorkflowOptions {
  /** Folder of the ceremony. */
  readonly folder: string;
  /** The powers of tau that it started from. */
  readonly ptauPath: string;
  /** The ONNX file: it is compiled anew, and must give the circuit of the ceremony. Without it the circuit of the folder is believed. */
  readonly model?: string | undefined;
  readonly memoryLimit?: number | undefined;
}

export interface VerifyCeremonyReturnType {
  readonly folder: string;
  readonly transcript: CeremonyTranscript;
  /** Whether the model was compiled anew and gave this circuit. */
  readonly modelChecked: boolean;
}

/**
 * Verifies the newest key of a ceremony against its circuit, the powers of tau and all contributions, and writes the transcript.
 *
 * @throws ZkonnxError CEREMONY_INVALID with what is wrong, KEY_MISMATCH when the model gives another circuit, ARTIFACT_MISSING,
 * ARTIFACT_STALE, ARTIFACT_MALFORMED, FILE_NOT_FOUND, CANCELLED, and what {@link compileModel} throws
 */
export async function verifyCeremony({ folder, ptauPath, model, memoryLimit, signal, onProgress }: VerifyCeremonyParameters): Promise<VerifyCeremonyReturnType> {
  const ceremony = await openCeremony(folder);
  const temporary = await mkdtemp(join(tmpdir(), 'zkonnx-'));
  try {
    if (model !== undefined) await checkModel({ ceremony, compiled: await compileModel({ model, ...compiledAs(ceremony), memoryLimit, folder: temporary, signal, onProgress }) });
    const r1csPath = await ceremonyCircuit(ceremony);
    onProgress?.({ stage: 'ceremony', fraction: 0, detail: 'hashing the powers of tau' });
    const { digest } = await readPowersOfTau(ptauPath, signal);
    if (digest !== ceremony.about.powersOfTau.blake2b) throw new ZkonnxError('CEREMONY_INVALID', { message: `${ptauPath} is not the file that the ceremony started from.`, file: ptauPath, expected: ceremony.about.powersOfTau.blake2b, found: digest, fix: `Give ${ceremony.about.powersOfTau.file}.` });
    onProgress?.({ stage: 'ceremony', fraction: 0.1, detail: 'making the key without contributions' });
    const engine = ceremonyEngine();
    const initialPath = join(temporary, 'initial.zkey');
    await engine.initialKey({ r1csPath, ptauPath, zkeyPath: initialPath, signal });
    const { path } = ceremony.newest;
    const fault = await phaseFault({ initialPath, zkeyPath: path, arithmetic: engine, signal, onProgress: (fraction) => onProgress?.({ stage: 'ceremony', fraction: 0.5 + fraction / 2, detail: 'comparing points' }) });
    if (fault !== undefined) throw new ZkonnxError('CEREMONY_INVALID', { message: `${path} does not verify: ${fault}.`, file: path });
    const transcript = await transcriptOf(ceremony);
    await writeTranscript(ceremony.folder, transcript, signal);
    onProgress?.({ stage: 'ceremony', fraction: 1 });
    return { folder: ceremony.folder, transcript, modelChecked: model !== undefined };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** What a ceremony's circuit depends on beside the model. */
export function compiledAs({ about: { circuit } }: { readonly about: Pick<CeremonyFile, 'circuit'> }): { readonly batch: number; readonly visibility: Visibility } {
  return { batch: circuit.batch, visibility: circuit.visibility };
}

async function checkModel({ ceremony: { about }, compiled }: { readonly ceremony: Ceremony; readonly compiled: { readonly model: { readonly sha256: string }; readonly r1csSha256: string } }): Promise<void> {
  if (compiled.model.sha256 !== about.model.sha256) throw new ZkonnxError('KEY_MISMATCH', { message: 'The ceremony is about another model.', expected: compiled.model.sha256, found: about.model.sha256 });
  if (compiled.r1csSha256 !== about.circuit.sha256) throw new ZkonnxError('KEY_MISMATCH', { message: 'The ceremony is about another circuit than the model gives.', expected: compiled.r1csSha256, found: about.circuit.sha256 });
}

async function transcriptOf({ about, newest }: Ceremony): Promise<CeremonyTranscript> {
  const header = await readZkeyHeader(newest.path);
  const missing = ceremonyFault(header);
  return {
    ...about,
    format: 'zkonnx-ceremony-transcript',
    contributions: transcriptEntries(header.contributions),
    key: { file: basename(newest.path), bytes: (await stat(newest.path)).size, sha256: await sha256OfFile(newest.path) },
    ...(missing === undefined ? {} : { missing }),
  };
}
