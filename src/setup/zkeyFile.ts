/** What a `.zkey` file says of itself: sizes, the points of the header, contributions. Needs no arithmetic of the curve. */
import { malformed, view, type BinFileReader } from '../r1cs/binFile.js';
import { FIELD_PRIME } from '../r1cs/field.js';
import { bytesToBigint } from '../r1cs/words.js';
import { BASE_PRIME, G1_BYTES, G2_BYTES, loadCoordinate, type G1Affine, type G2Affine } from './baseField.js';

export const ZKEY_FORMAT = { magic: 'zkey', version: 1 } as const;

/** Section types. */
export const ZKEY = {
  protocol: 1,
  header: 2,
  ic: 3,
  coefficients: 4,
  a: 5,
  b1: 6,
  b2: 7,
  c: 8,
  h: 9,
  contributions: 10,
} as const;

export const GROTH16_PROTOCOL = 1;
const HEADER_BYTES = 4 + 32 + 4 + 32 + 12 + 3 * G1_BYTES + 3 * G2_BYTES;
/** Words of 32 bits of one entry of the coefficient section: matrix, row, wire, value. */
export const ENTRY_WORDS = 11;
export const ENTRY_BYTES = ENTRY_WORDS * 4;

/** Bytes of the file of a key without contributions, from the size of its system; `entries` are those of A and B. */
export function zkeyBytes({ wireCount, publicCount, entries, domainSize }: { readonly wireCount: number; readonly publicCount: number; readonly entries: number; readonly domainSize: number }): number {
  const points = (publicCount + 1) * G1_BYTES + wireCount * (2 * G1_BYTES + G2_BYTES) + (wireCount - publicCount - 1) * G1_BYTES + domainSize * G1_BYTES;
  return 12 + 10 * 12 + 4 + HEADER_BYTES + points + 4 + (entries + publicCount + 1) * ENTRY_BYTES + 68;
}

/** One step of a ceremony's second phase, as a key records it. */
export interface Contribution {
  /** 'beacon' when it was made from a public random value. */
  readonly kind: 'contribution' | 'beacon';
  readonly name: string | undefined;
}

export interface ZkeyHeader {
  readonly wireCount: number;
  /** Public signals, without the constant. */
  readonly publicCount: number;
  readonly domainSize: number;
  readonly coefficientCount: number;
  readonly alpha1: G1Affine;
  readonly beta1: G1Affine;
  readonly beta2: G2Affine;
  readonly gamma2: G2Affine;
  readonly delta1: G1Affine;
  readonly delta2: G2Affine;
  /** 64 bytes: what the circuit was, before the contributions. */
  readonly circuitHash: Uint8Array;
  readonly contributions: readonly Contribution[];
}

/**
 * What an open key says of itself, after checking that all its sections have the sizes that follow. Coordinates are reduced; whether
 * the points are on the curve is not looked at: see zkey.ts.
 * @throws ARTIFACT_MALFORMED
 */
export async function parseLayout(file: BinFileReader): Promise<ZkeyHeader> {
  file.expectSize(ZKEY.protocol, 4);
  const protocol = view(await file.read(ZKEY.protocol)).getUint32(0, true);
  if (protocol !== GROTH16_PROTOCOL) throw malformed(file.name, 'not a Groth16 key', 'protocol 1', `protocol ${protocol}`);
  file.expectSize(ZKEY.header, HEADER_BYTES);
  const bytes = await file.read(ZKEY.header);
  const data = view(bytes);
  const fieldsFit = data.getUint32(0, true) === 32 && data.getUint32(36, true) === 32 && bytesToBigint(bytes, 4) === BASE_PRIME && bytesToBigint(bytes, 40) === FIELD_PRIME;
  if (!fieldsFit) throw malformed(file.name, 'not a key over the curve BN254');
  const wireCount = data.getUint32(72, true);
  const publicCount = data.getUint32(76, true);
  const domainSize = data.getUint32(80, true);
  if (publicCount >= wireCount) throw malformed(file.name, 'more public signals than wires');
  if (domainSize === 0 || (domainSize & (domainSize - 1)) !== 0) throw malformed(file.name, 'the domain is not a power of two', undefined, String(domainSize));
  const coefficientCount = view(await file.read(ZKEY.coefficients, 0, 4)).getUint32(0, true);
  for (const [type, size] of [
    [ZKEY.ic, (publicCount + 1) * G1_BYTES],
    [ZKEY.coefficients, 4 + coefficientCount * ENTRY_BYTES],
    [ZKEY.a, wireCount * G1_BYTES],
    [ZKEY.b1, wireCount * G1_BYTES],
    [ZKEY.b2, wireCount * G2_BYTES],
    [ZKEY.c, (wireCount - publicCount - 1) * G1_BYTES],
    [ZKEY.h, domainSize * G1_BYTES],
  ] as const) {
    file.expectSize(type, size);
  }
  const alpha1 = readG1(file.name, bytes, 84);
  const beta1 = readG1(file.name, bytes, 148);
  const beta2 = readG2(file.name, bytes, 212);
  const gamma2 = readG2(file.name, bytes, 340);
  const delta1 = readG1(file.name, bytes, 468);
  const delta2 = readG2(file.name, bytes, 532);
  const { circuitHash, contributions } = parseContributions(file.name, await file.read(ZKEY.contributions));
  return { wireCount, publicCount, domainSize, coefficientCount, alpha1, beta1, beta2, gamma2, delta1, delta2, circuitHash, contributions };
}

/** A pair of reduced coordinates in Montgomery form. @throws ARTIFACT_MALFORMED */
export function readG1(name: string, bytes: Uint8Array, offset: number): G1Affine {
  const words = new BigUint64Array(bytes.slice(offset, offset + G1_BYTES).buffer);
  const x = loadCoordinate(words, 0);
  const y = loadCoordinate(words, 4);
  if (x === undefined || y === undefined) throw malformed(name, 'a coordinate is not reduced');
  return { x, y };
}

/** Reduced coordinates in Montgomery form. @throws ARTIFACT_MALFORMED */
export function readG2(name: string, bytes: Uint8Array, offset: number): G2Affine {
  const words = new BigUint64Array(bytes.slice(offset, offset + G2_BYTES).buffer);
  const [x0, x1, y0, y1] = [0, 4, 8, 12].map((index) => loadCoordinate(words, index));
  if (x0 === undefined || x1 === undefined || y0 === undefined || y1 === undefined) throw malformed(name, 'a coordinate is not reduced');
  return { x: [x0, x1], y: [y0, y1] };
}

/** Two points of G1, the proof of knowledge's point of G2, the transcript, the type: before the parameters of a contribution. */
const CONTRIBUTION_BYTES = 3 * G1_BYTES + G2_BYTES + 64 + 4 + 4;
const MOST_CONTRIBUTIONS = 10_000;

function parseContributions(name: string, bytes: Uint8Array): { circuitHash: Uint8Array; contributions: Contribution[] } {
  const data = view(bytes);
  if (bytes.length < 68) throw malformed(name, 'the section of contributions is too short');
  const count = data.getUint32(64, true);
  if (count > MOST_CONTRIBUTIONS) throw malformed(name, 'too many contributions', `at most ${MOST_CONTRIBUTIONS}`, String(count));
  const contributions: Contribution[] = [];
  let position = 68;
  for (let index = 0; index < count; index++) {
    if (position + CONTRIBUTION_BYTES > bytes.length) throw malformed(name, `contribution ${index + 1} is truncated`);
    const type = data.getUint32(position + CONTRIBUTION_BYTES - 8, true);
    const parameterBytes = data.getUint32(position + CONTRIBUTION_BYTES - 4, true);
    position += CONTRIBUTION_BYTES;
    if (position + parameterBytes > bytes.length) throw malformed(name, `contribution ${index + 1} is truncated`);
    contributions.push({ kind: type === 1 ? 'beacon' : 'contribution', name: nameParameter(bytes.subarray(position, position + parameterBytes)) });
    position += parameterBytes;
  }
  if (position !== bytes.length) throw malformed(name, 'bytes after the last contribution');
  return { circuitHash: bytes.slice(0, 64), contributions };
}

/** A contribution's name is its first parameter, of type 1: a byte of length, then UTF-8. */
function nameParameter(parameters: Uint8Array): string | undefined {
  const length = parameters[1];
  if (parameters[0] !== 1 || length === undefined || parameters.length < 2 + length) return undefined;
  return new TextDecoder().decode(parameters.subarray(2, 2 + length));
}
