/** `.zkey` files of Groth16 over BN254, version 1: what snarkjs writes and proves with. */
import { bn254 } from '@noble/curves/bn254.js';
import { ZkonnxError } from '../errors/index.js';
import { BinFileReader, malformed, type BinSource } from '../r1cs/binFile.js';
import { FIELD_PRIME, modulo } from '../r1cs/field.js';
import type { R1cs } from '../r1cs/r1cs.js';
import { asWords, bigintToBytes, bytesToBigint, storeBigint } from '../r1cs/words.js';
import type { G1Affine, G2Affine } from './baseField.js';
import { ENTRY_BYTES, ENTRY_WORDS, ZKEY, ZKEY_FORMAT, parseLayout, readG1, readG2, type ZkeyHeader } from './zkeyFile.js';

const CHUNK_ENTRIES = 2 ** 16;

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
  const header = await parseLayout(file);
  for (const point of [header.alpha1, header.beta1, header.delta1]) checkG1(file.name, point);
  for (const point of [header.beta2, header.gamma2, header.delta2]) checkG2(file.name, point);
  return header;
}

/** A finite point of G1 in Montgomery form. @throws ARTIFACT_MALFORMED */
export function decodeG1(name: string, bytes: Uint8Array, offset: number): G1Affine {
  return checkG1(name, readG1(name, bytes, offset));
}

/** A finite point of G2 in Montgomery form. @throws ARTIFACT_MALFORMED */
export function decodeG2(name: string, bytes: Uint8Array, offset: number): G2Affine {
  return checkG2(name, readG2(name, bytes, offset));
}

function checkG1(name: string, point: G1Affine): G1Affine {
  if (!isFinite(bn254.G1.Point.fromAffine(point))) throw malformed(name, 'a point is not a finite point of G1');
  return point;
}

/** The validity of a point of G2 includes that it is in the subgroup of order r. */
function checkG2(name: string, point: G2Affine): G2Affine {
  const { Fp2 } = bn254.fields;
  const { x, y } = point;
  if (!isFinite(bn254.G2.Point.fromAffine({ x: Fp2.fromBigTuple([...x]), y: Fp2.fromBigTuple([...y]) }))) throw malformed(name, 'a point is not a finite point of G2');
  return point;
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
