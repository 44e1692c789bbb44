import { ZkonnxError } from '../errors/index.js';
import { applyBeacon, contribute, readZkeyHeader, type ContributionMade } from '../setup/index.js';
import { ceremonyEngine } from './ceremonyEngine.js';
import { ceremonyKeyPath, openCeremony, type Ceremony } from './ceremonyFolder.js';
import type { WorkflowOptions } from './progress.js';

interface CeremonyStepParameters extends WorkflowOptions {
  /** Folder of the ceremony. */
  readonly folder: string;
  /** Recorded beside the contribution; anyone who handles the file can change it. */
  readonly name?: string | undefined;
}

export interface ContributeToCeremonyParameters extends CeremonyStepParameters {
  /** Any text that others cannot know, mixed with the operating system's randomness. */
  readonly entropy?: string | undefined;
}

export interface ApplyCeremonyBeaconParameters extends CeremonyStepParameters {
  /** A public random value that nobody could know before the last contribution was made: hexadecimal, up to 255 bytes. */
  readonly value: string;
  /** It is hashed 2^this times. Default 10. */
  readonly iterationsExponent?: number | undefined;
}

export interface CeremonyStepReturnType {
  readonly folder: string;
  /** The number of the contribution, from 1. */
  readonly number: number;
  /** BLAKE2b-512 in hexadecimal, to be published by whoever made the contribution. */
  readonly hash: string;
  /** The key with it. */
  readonly keyPath: string;
}

/**
 * Adds a contribution to the newest key of a ceremony. The secret is drawn, used and forgotten in this process; nothing about it is
 * written anywhere.
 *
 * @throws ZkonnxError CEREMONY_INVALID when the contributions so far do not hold together or have ended with a beacon, USAGE,
 * ARTIFACT_MISSING, ARTIFACT_MALFORMED, FILE_NOT_WRITTEN, CANCELLED
 */
export async function contributeToCeremony({ folder, name, entropy, signal, onProgress }: ContributeToCeremonyParameters): Promise<CeremonyStepReturnType> {
  return step(folder, (ceremony, targetPath) =>
    contribute({ zkeyPath: ceremony.newest.path, targetPath, name, entropy, arithmetic: ceremonyEngine(), signal, onProgress: (fraction) => onProgress?.({ stage: 'ceremony', fraction, detail: 'contributing' }) }),
  );
}

/** Ends the contributions of a ceremony with what a public random value yields. @throws as {@link contributeToCeremony} does */
export async function applyCeremonyBeacon({ folder, name, value, iterationsExponent = 10, signal, onProgress }: ApplyCeremonyBeaconParameters): Promise<CeremonyStepReturnType> {
  const digits = value.replace(/^0x/i, '');
  if (!/^([0-9a-f]{2})+$/i.test(digits)) throw new ZkonnxError('USAGE', { message: 'The value of the beacon is not hexadecimal.', expected: 'an even number of hexadecimal digits', found: value.slice(0, 80) });
  const beacon = { value: new Uint8Array(Buffer.from(digits, 'hex')), iterationsExponent };
  return step(folder, (ceremony, targetPath) =>
    applyBeacon({ zkeyPath: ceremony.newest.path, targetPath, name, beacon, arithmetic: ceremonyEngine(), signal, onProgress: (fraction) => onProgress?.({ stage: 'ceremony', fraction, detail: 'applying the beacon' }) }),
  );
}

async function step(folder: string, make: (ceremony: Ceremony, targetPath: string) => Promise<ContributionMade>): Promise<CeremonyStepReturnType> {
  const ceremony = await openCeremony(folder);
  const { path, number } = ceremony.newest;
  const { circuitHash, contributions } = await readZkeyHeader(path);
  const refuse = (message: string, fix?: string): ZkonnxError => new ZkonnxError('CEREMONY_INVALID', { message, file: path, ...(fix === undefined ? {} : { fix }) });
  if (Buffer.from(circuitHash).toString('hex') !== ceremony.about.circuit.hash) throw refuse(`${path} is a key of another circuit or from other powers of tau.`);
  if (contributions.length !== number) throw refuse(`${path} records ${contributions.length} contributions, and its name says ${number}.`, 'Name each key after the number of its contributions.');
  if (contributions.at(-1)?.kind === 'beacon') throw refuse('The contributions have ended: the last one is a beacon.', 'Finish the ceremony: `zkonnx ceremony finalize`.');
  const keyPath = ceremonyKeyPath(ceremony.folder, number + 1);
  const made = await make(ceremony, keyPath);
  return { folder: ceremony.folder, number: made.number, hash: Buffer.from(made.hash).toString('hex'), keyPath };
}
