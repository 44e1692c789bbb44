import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { ZkonnxError, throwIfAborted } from '../../errors/index.js';

export interface Beacon {
  /** A public random value that nobody could know or choose before the last contribution was made; up to 255 bytes. */
  readonly value: Uint8Array;
  /** The value is hashed 2^this times, so that nobody can try many. 10 to 30. */
  readonly iterationsExponent: number;
}

/** A key records the exponent in a byte that its maker chooses, and whoever verifies it hashes as often: 2^30 times is about half an hour. */
const EXPONENTS = { least: 10, most: 30 } as const;

/** Hashes between two looks at the signal: about a hundredth of a second. */
const PIECE = 2 ** 13;

/** @throws USAGE for values that a key cannot record */
export function checkBeacon({ value, iterationsExponent }: Beacon): void {
  const refuse = (message: string, expected: string, found: string): ZkonnxError => new ZkonnxError('USAGE', { message, expected, found });
  if (value.length < 1 || value.length > 255) throw refuse('The value of a beacon has an impossible length.', '1 to 255 bytes', `${value.length} bytes`);
  if (!isPossibleExponent(iterationsExponent)) throw refuse('The number of iterations of a beacon is impossible.', `an exponent from ${EXPONENTS.least} to ${EXPONENTS.most}`, String(iterationsExponent));
}

export function isPossibleExponent(exponent: number): boolean {
  return Number.isInteger(exponent) && exponent >= EXPONENTS.least && exponent <= EXPONENTS.most;
}

/** The seed that a beacon yields: SHA-256, 2^exponent times over. @throws CANCELLED */
export async function beaconSeed({ value, iterationsExponent, signal }: Beacon & { readonly signal?: AbortSignal | undefined }): Promise<Uint8Array> {
  let digest: Uint8Array = value;
  const count = 2 ** iterationsExponent;
  for (let done = 0; done < count; done += PIECE) {
    throwIfAborted(signal);
    for (let index = Math.min(PIECE, count - done); index > 0; index--) digest = createHash('sha256').update(digest).digest();
    await setImmediate();
  }
  return digest;
}
