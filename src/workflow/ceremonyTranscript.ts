/** The transcript of a ceremony, to be published: as JSON, and as text for people. */
import { join } from 'node:path';
import { CEREMONY_FILES, writeJson, type CeremonyFile } from '../artifacts/index.js';
import { writeFileAtomically } from '../files/index.js';
import { contributionHash, printableName, type Contribution } from '../setup/index.js';

export interface TranscriptEntry {
  /** From 1. */
  readonly number: number;
  readonly kind: 'contribution' | 'beacon';
  /** As whoever handled the file wrote it: names are not signed. */
  readonly name?: string;
  /** BLAKE2b-512, in hexadecimal: what the contributor was told, and has published. */
  readonly hash: string;
  readonly beacon?: { readonly value: string; readonly iterationsExponent: number };
}

export interface CeremonyTranscript extends Omit<CeremonyFile, 'format' | 'version'> {
  readonly format: 'zkonnx-ceremony-transcript';
  readonly version: 1;
  readonly contributions: readonly TranscriptEntry[];
  /** The key that has been verified. */
  readonly key: { readonly file: string; readonly bytes: number; readonly sha256: string };
  /** What is still missing for a ceremony key, in words; absent when nothing is. */
  readonly missing?: string;
}

export function transcriptEntries(contributions: readonly Contribution[]): TranscriptEntry[] {
  return contributions.map((contribution, index) => {
    const { kind, name, beacon } = contribution;
    return {
      number: index + 1,
      kind,
      ...(name === undefined ? {} : { name }),
      hash: Buffer.from(contributionHash(contribution)).toString('hex'),
      ...(beacon === undefined ? {} : { beacon: { value: Buffer.from(beacon.value).toString('hex'), iterationsExponent: beacon.iterationsExponent } }),
    };
  });
}

/** Writes transcript.json and transcript.txt. @throws FILE_NOT_WRITTEN, CANCELLED */
export async function writeTranscript(folder: string, transcript: CeremonyTranscript, signal: AbortSignal | undefined): Promise<void> {
  await writeJson({ path: join(folder, CEREMONY_FILES.transcript), data: transcript, signal });
  await writeFileAtomically({ path: join(folder, CEREMONY_FILES.transcriptText), data: transcriptText(transcript), signal });
}

/** The transcript for people. */
export function transcriptText({ model, circuit, powersOfTau, contributions, key, missing }: CeremonyTranscript): string {
  return `${[
    `Ceremony of ${model.name}`,
    '',
    `model          SHA-256 ${model.sha256}`,
    `circuit        ${circuit.rows} rows, ${circuit.wires} wires, ${circuit.publicSignals} public signals`,
    `               R1CS SHA-256 ${circuit.sha256}`,
    'circuit hash',
    ...hashLines(circuit.hash),
    `powers of tau  ${powersOfTau.file}, 2^${powersOfTau.power}: ${powersOfTau.published ?? 'not a file that zkonnx knows: compare its digest with the published one'}`,
    ...hashLines(powersOfTau.blake2b),
    '',
    ...contributions.flatMap(({ number, kind, name, hash, beacon }) => [
      `${kind} ${number}${name === undefined ? '' : `: ${printableName(name)}`}`,
      ...hashLines(hash),
      ...(beacon === undefined ? [] : [`    value ${beacon.value}, hashed 2^${beacon.iterationsExponent} times`]),
    ]),
    ...(contributions.length === 0 ? ['no contributions yet'] : []),
    '',
    `key            ${key.file}, ${key.bytes} bytes, SHA-256 ${key.sha256}`,
    missing === undefined ? 'The key follows from the circuit, the powers of tau and these contributions.' : `Not yet a ceremony key: ${missing}.`,
    'Every contributor should find the hash that they published above. Names are not signed.',
  ].join('\n')}\n`;
}

/** 64 bytes in four lines of four words, as snarkjs prints them. */
export function hashLines(hash: string): string[] {
  const words = hash.match(/.{8}/g) ?? [];
  return [0, 4, 8, 12].map((first) => `    ${words.slice(first, first + 4).join(' ')}`);
}
