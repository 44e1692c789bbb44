/** `.zkey` files of Groth16 over BN254, version 1: what snarkjs writes and proves with. */
import { bn254 } from '@noble/curves/bn254.js';
import { ZkonnxError } from '../errors/index.js';
import { BinFileReader, malformed, view, type BinSource } from '../r1cs/binFile.js';
import { FIELD_PRIME, modulo } from '../r1cs/field.js';
import type { R1cs } from '../r1cs/r1cs.js';
import { asWords, bigintToBytes, bytesToBigint, storeBigint } from '../r1cs/words.js';
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
const ENTRY_WORDS = 11;
const ENTRY_BYTES = ENTRY_WORDS * 4;
const CHUNK_ENTRIES = 2 ** 16;

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
 * Reads what a key says of itself and checks that all its sections have the sizes that follow, and that the points of the header
 * are finite points of the right groups.
 * @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED
 */
export async function readZkeyHeader(source: BinSource): Promise<ZkeyHeader> {
  const file = await BinFileReader.open(source, ZKEY_FORMAT);
  try {
    return await parseHeader(file);
  } finally {
    await file.close();
  }
}

/** As {@link readZkeyHeader}, of an open file. */
export async function parseHeader(file: BinFileReader): Promise<ZkeyHeader> {
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
  const alpha1 = decodeG1(file.name, bytes, 84);
  const beta1 = decodeG1(file.name, bytes, 148);
  const beta2 = decodeG2(file.name, bytes, 212);
  const gamma2 = decodeG2(file.name, bytes, 340);
  const delta1 = decodeG1(file.name, bytes, 468);
  const delta2 = decodeG2(file.name, bytes, 532);
  const { circuitHash, contributions } = parseContributions(file.name, await file.read(ZKEY.contributions));
  return { wireCount, publicCount, domainSize, coefficientCount, alpha1, beta1, beta2, gamma2, delta1, delta2, circuitHash, contributions };
}

/** A finite point of G1 in Montgomery form. @throws ARTIFACT_MALFORMED */
export function decodeG1(name: string, bytes: Uint8Array, offset: number): G1Affine {
  const words = new BigUint64Array(bytes.slice(offset, offset + G1_BYTES).buffer);
  const x = loadCoordinate(words, 0);
  const y = loadCoordinate(words, 4);
  if (x !== undefined && y !== undefined && isFinite(bn254.G1.Point.fromAffine({ x, y }))) return { x, y };
  throw malformed(name, 'a point is not a finite point of G1');
}

/** A finite point of G2 in Montgomery form. @throws ARTIFACT_MALFORMED */
export function decodeG2(name: string, bytes: Uint8Array, offset: number): G2Affine {
  const words = new BigUint64Array(bytes.slice(offset, offset + G2_BYTES).buffer);
  const [x0, x1, y0, y1] = [0, 4, 8, 12].map((index) => loadCoordinate(words, index));
  if (x0 !== undefined && x1 !== undefined && y0 !== undefined && y1 !== undefined) {
    const x = bn254.fields.Fp2.fromBigTuple([x0, x1]);
    const y = bn254.fields.Fp2.fromBigTuple([y0, y1]);
    // The validity of a point of G2 includes that it is in the subgroup of order r.
    if (isFinite(bn254.G2.Point.fromAffine({ x, y }))) return { x: [x0, x1], y: [y0, y1] };
  }
  throw malformed(name, 'a point is not a finite point of G2');
}

/** On the curve, in the subgroup and not at infinity, which the library writes as (0, 0), as these files do. */
function isFinite(point: { is0(): boolean; assertValidity(): void }): boolean {
  try {
    point.assertValidity();
    return !point.is0();
  } catch {
    return false;
  }
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

/**
 * The bytes of the coefficient section, as snarkjs orders them: for each row the entries of A, then of B; last the rows of A for
 * the constant and the public signals. Values are coefficient · 2^512 mod r, so that one Montgomery product with a plain
 * witness value yields a Montgomery form. C is not part of a key. Each chunk is valid until the next one is asked for.
 */
export function* coefficientChunks(r1cs: R1cs): Generator<Uint8Array> {
  const { a, b, rowCount } = r1cs;
  const publicCount = r1cs.publicOutputCount + r1cs.publicInputCount;
  yield new Uint8Array(new Uint32Array([coefficientCount(r1cs)]).buffer);
  const encoded = encodedCoefficients(r1cs);
  const chunk = new Uint32Array(CHUNK_ENTRIES * ENTRY_WORDS);
  let used = 0;
  const put = (matrix: number, row: number, wire: number, words: Uint32Array, from: number): void => {
    chunk[used++] = matrix;
    chunk[used++] = row;
    chunk[used++] = wire;
    for (let word = 0; word < 8; word++) chunk[used++] = words[from + word] as number;
  };
  for (let row = 0; row < rowCount; row++) {
    for (const matrix of [0, 1]) {
      const { rowStart, wires, coefficients } = matrix === 0 ? a : b;
      const end = rowStart[row + 1] as number;
      for (let entry = rowStart[row] as number; entry < end; entry++) {
        if (used === chunk.length) {
          yield new Uint8Array(chunk.buffer);
          used = 0;
        }
        put(matrix, row, wires[entry] as number, encoded, (coefficients[entry] as number) * 8);
      }
    }
  }
  const one = new Uint32Array(bigintToBytes(R_SQUARED).buffer);
  for (let signal = 0; signal <= publicCount; signal++) {
    if (used === chunk.length) {
      yield new Uint8Array(chunk.buffer);
      used = 0;
    }
    put(0, rowCount + signal, signal, one, 0);
  }
  yield new Uint8Array(chunk.buffer, 0, used * 4);
}

/** Entries of the coefficient section of a system. */
export function coefficientCount({ a, b, publicOutputCount, publicInputCount }: R1cs): number {
  return a.wires.length + b.wires.length + publicOutputCount + publicInputCount + 1;
}

const R_SQUARED = (1n << 512n) % FIELD_PRIME;

function encodedCoefficients({ pool }: R1cs): Uint32Array {
  const words = new BigUint64Array(pool.size * 4);
  for (let id = 0; id < pool.size; id++) storeBigint(words, id * 4, (modulo(BigInt(pool.value(id))) * R_SQUARED) % FIELD_PRIME);
  return new Uint32Array(words.buffer);
}

/**
 * Checks the entries of the coefficient section: matrix 0 or 1, a row of the domain, a wire that exists, a reduced value. A
 * prover that trusts them reads and writes only where it may.
 * @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED
 */
export async function checkZkey(source: BinSource, signal?: AbortSignal): Promise<ZkeyHeader> {
  const file = await BinFileReader.open(source, ZKEY_FORMAT);
  try {
    const header = await parseHeader(file);
    const topOfPrime = Number(FIELD_PRIME >> 224n);
    for (let done = 0; done < header.coefficientCount; done += CHUNK_ENTRIES) {
      if (signal?.aborted) throw new ZkonnxError('CANCELLED', { cause: signal.reason });
      const count = Math.min(CHUNK_ENTRIES, header.coefficientCount - done);
      const bytes = await file.read(ZKEY.coefficients, 4 + done * ENTRY_BYTES, count * ENTRY_BYTES);
      const words = asWords(bytes);
      for (let index = 0; index < count; index++) {
        const at = index * ENTRY_WORDS;
        const fits = (words[at] as number) <= 1 && (words[at + 1] as number) < header.domainSize && (words[at + 2] as number) < header.wireCount;
        const top = words[at + 10] as number;
        if (!fits || top > topOfPrime || (top === topOfPrime && bytesToBigint(bytes, at * 4 + 12) >= FIELD_PRIME)) {
          throw malformed(file.name, `entry ${done + index} of the coefficients is not valid`);
        }
      }
    }
    return header;
  } finally {
    await file.close();
  }
}
