/** What a `.zkey` file says of itself: sizes, the points of the header, contributions. Needs no arithmetic of the curve. */
import { malformed, view, type BinFileReader } from '../r1cs/binFile.js';
import { FIELD_PRIME } from '../r1cs/field.js';
import { bytesToBigint } from '../r1cs/words.js';
import { PROTOCOL_NUMBERS, onlyGroth16 } from './proofSystem.js';
import { BASE_PRIME, G1_BYTES, G2_BYTES, loadCoordinate, storeCoordinate, type G1Affine, type G2Affine } from './baseField.js';

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

export const GROTH16_PROTOCOL = PROTOCOL_NUMBERS.groth16;
/** Bytes of the header: sizes, then α, β in G1, β, γ in G2, δ in G1 and in G2. */
export const HEADER_BYTES = 4 + 32 + 4 + 32 + 12 + 3 * G1_BYTES + 3 * G2_BYTES;
/** Words of 32 bits of one entry of the coefficient section: matrix, row, wire, value. */
export const ENTRY_WORDS = 11;
export const ENTRY_BYTES = ENTRY_WORDS * 4;

/** Bytes of the file of a key without contributions, from the size of its system; `entries` are those of A and B. */
export function zkeyBytes({ wireCount, publicCount, entries, domainSize }: { readonly wireCount: number; readonly publicCount: number; readonly entries: number; readonly domainSize: number }): number {
  const points = (publicCount + 1) * G1_BYTES + wireCount * (2 * G1_BYTES + G2_BYTES) + (wireCount - publicCount - 1) * G1_BYTES + domainSize * G1_BYTES;
  return 12 + 10 * 12 + 4 + HEADER_BYTES + points + 4 + (entries + publicCount + 1) * ENTRY_BYTES + 68;
}

/** One step of a ceremony's second phase, as a key records it. (Bowe, Gabizon and Miers, 2017.) */
export interface Contribution {
  /** 'beacon' when it was made from a public random value. */
  readonly kind: 'contribution' | 'beacon';
  readonly name: string | undefined;
  /** Of a beacon: the public value, and how often it is hashed, as a power of two. */
  readonly beacon?: { readonly value: Uint8Array; readonly iterationsExponent: number };
  /** δ in G1 after this contribution. */
  readonly deltaAfter: G1Affine;
  /** Proof of knowledge of the factor d: a point s, d·s, and d times the point of G2 that the transcript yields. */
  readonly s: G1Affine;
  readonly sx: G1Affine;
  readonly spx: G2Affine;
  /** 64 bytes: the digest of the circuit hash, of all contributions before, and of s and sx. */
  readonly transcript: Uint8Array;
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
 * @throws ARTIFACT_MALFORMED; PROOF_SYSTEM for a key of PLONK or FFLONK
 */
export async function parseLayout(file: BinFileReader): Promise<ZkeyHeader> {
  file.expectSize(ZKEY.protocol, 4);
  const protocol = view(await file.read(ZKEY.protocol)).getUint32(0, true);
  const universal = (['plonk', 'fflonk'] as const).find((system) => PROTOCOL_NUMBERS[system] === protocol);
  if (universal !== undefined) throw onlyGroth16(file.name, universal, 'it has no second phase, so it needs no ceremony of its own', 'Make it from powers of tau: `zkonnx setup MODEL --system plonk --ptau FILE`, which gives everyone the same bytes.');
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
  const words = new BigUint64Array(new Uint8Array(bytes.subarray(offset, offset + G1_BYTES)).buffer);
  const x = loadCoordinate(words, 0);
  const y = loadCoordinate(words, 4);
  if (x === undefined || y === undefined) throw malformed(name, 'a coordinate is not reduced');
  return { x, y };
}

/** Reduced coordinates in Montgomery form. @throws ARTIFACT_MALFORMED */
export function readG2(name: string, bytes: Uint8Array, offset: number): G2Affine {
  const words = new BigUint64Array(new Uint8Array(bytes.subarray(offset, offset + G2_BYTES)).buffer);
  const [x0, x1, y0, y1] = [0, 4, 8, 12].map((index) => loadCoordinate(words, index));
  if (x0 === undefined || x1 === undefined || y0 === undefined || y1 === undefined) throw malformed(name, 'a coordinate is not reduced');
  return { x: [x0, x1], y: [y0, y1] };
}

/** Three points of G1, one of G2, the transcript, the type, the length of the parameters. */
const CONTRIBUTION_BYTES = 3 * G1_BYTES + G2_BYTES + 64 + 4 + 4;
const MOST_CONTRIBUTIONS = 10_000;
const PARAMETER = { name: 1, iterationsExponent: 2, beacon: 3 } as const;

function parseContributions(name: string, bytes: Uint8Array): { circuitHash: Uint8Array; contributions: Contribution[] } {
  const data = view(bytes);
  if (bytes.length < 68) throw malformed(name, 'the section of contributions is too short');
  const count = data.getUint32(64, true);
  if (count > MOST_CONTRIBUTIONS) throw malformed(name, 'too many contributions', `at most ${MOST_CONTRIBUTIONS}`, String(count));
  const contributions: Contribution[] = [];
  let position = 68;
  for (let index = 0; index < count; index++) {
    if (position + CONTRIBUTION_BYTES > bytes.length) throw malformed(name, `contribution ${index + 1} is truncated`);
    const start = position;
    const type = data.getUint32(start + CONTRIBUTION_BYTES - 8, true);
    if (type > 1) throw malformed(name, `contribution ${index + 1} is of an unknown type`, '0 or 1', String(type));
    const parameterBytes = data.getUint32(start + CONTRIBUTION_BYTES - 4, true);
    position += CONTRIBUTION_BYTES;
    if (position + parameterBytes > bytes.length) throw malformed(name, `contribution ${index + 1} is truncated`);
    const parameters = parseParameters(name, bytes.subarray(position, position + parameterBytes));
    if ((type === 1) !== (parameters.beacon !== undefined)) throw malformed(name, `contribution ${index + 1} has the parameters of another type`);
    contributions.push({
      kind: type === 1 ? 'beacon' : 'contribution',
      ...parameters,
      deltaAfter: readG1(name, bytes, start),
      s: readG1(name, bytes, start + G1_BYTES),
      sx: readG1(name, bytes, start + 2 * G1_BYTES),
      spx: readG2(name, bytes, start + 3 * G1_BYTES),
      transcript: bytes.slice(start + 3 * G1_BYTES + G2_BYTES, start + 3 * G1_BYTES + G2_BYTES + 64),
    });
    position += parameterBytes;
  }
  if (position !== bytes.length) throw malformed(name, 'bytes after the last contribution');
  return { circuitHash: bytes.slice(0, 64), contributions };
}

/** Parameters in ascending order of their type: the name (length and UTF-8), the exponent (one byte), the beacon (length and bytes). */
function parseParameters(name: string, bytes: Uint8Array): Pick<Contribution, 'name' | 'beacon'> {
  const wrong = (): Error => malformed(name, 'the parameters of a contribution cannot be read');
  let label: string | undefined;
  let iterationsExponent: number | undefined;
  let value: Uint8Array | undefined;
  let last = 0;
  for (let position = 0; position < bytes.length; ) {
    const type = bytes[position++] as number;
    if (type <= last || type > PARAMETER.beacon) throw wrong();
    last = type;
    const length = bytes[position++];
    if (length === undefined) throw wrong();
    if (type === PARAMETER.iterationsExponent) {
      iterationsExponent = length;
      continue;
    }
    if (position + length > bytes.length) throw wrong();
    const content = bytes.slice(position, position + length);
    position += length;
    if (type === PARAMETER.name) label = new TextDecoder().decode(content);
    else value = content;
  }
  if ((iterationsExponent === undefined) !== (value === undefined)) throw wrong();
  return { name: label, ...(iterationsExponent === undefined || value === undefined ? {} : { beacon: { value, iterationsExponent } }) };
}

/** The bytes of the section of contributions. */
export function encodeContributions(circuitHash: Uint8Array, contributions: readonly Contribution[]): Uint8Array {
  const parts: Uint8Array[] = [circuitHash, word(contributions.length)];
  for (const { kind, name, beacon, deltaAfter, s, sx, spx, transcript } of contributions) {
    const label = name === undefined ? undefined : new TextEncoder().encode(name);
    const parameters = [
      ...(label === undefined ? [] : [PARAMETER.name, label.length, ...label]),
      ...(beacon === undefined ? [] : [PARAMETER.iterationsExponent, beacon.iterationsExponent, PARAMETER.beacon, beacon.value.length, ...beacon.value]),
    ];
    parts.push(g1Bytes(deltaAfter), g1Bytes(s), g1Bytes(sx), g2Bytes(spx), transcript, word(kind === 'beacon' ? 1 : 0), word(parameters.length), Uint8Array.from(parameters));
  }
  return new Uint8Array(Buffer.concat(parts));
}

function word(value: number): Uint8Array {
  return new Uint8Array(new Uint32Array([value]).buffer);
}

/** A point as the files hold it. */
export function g1Bytes({ x, y }: G1Affine): Uint8Array {
  return coordinateBytes([x, y]);
}

/** A point as the files hold it. */
export function g2Bytes({ x, y }: G2Affine): Uint8Array {
  return coordinateBytes([...x, ...y]);
}

function coordinateBytes(coordinates: readonly bigint[]): Uint8Array {
  const words = new BigUint64Array(coordinates.length * 4);
  coordinates.forEach((coordinate, index) => storeCoordinate(words, index * 4, coordinate));
  return new Uint8Array(words.buffer);
}
