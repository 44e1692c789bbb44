/** `.r1cs` files, version 1 (https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md), without custom gates. */
import { createHash } from 'node:crypto';
import { BinFileReader, malformed, view, writeBinFile, type BinSource } from './binFile.js';
import { CoefficientPool } from './coefficientPool.js';
import { modulo } from './field.js';
import { coefficient } from './linearCombination.js';
import type { R1cs, SparseMatrix } from './r1cs.js';
import { asWords, bigintToBytes, bytesToBigint, storeBigint } from './words.js';

const FORMAT = { magic: 'r1cs', version: 1 } as const;
const HEADER = 1;
const CONSTRAINTS = 2;
const LABELS = 3;
/** Words of 32 bits of one entry: the wire and the coefficient. */
const ENTRY_WORDS = 9;
const CHUNK_WORDS = 2 ** 20;

/** Bytes of the file of a system of that size. */
export function r1csBytes({ rows, wires, entries }: { readonly rows: number; readonly wires: number; readonly entries: number }): number {
  return 12 + 3 * 12 + 64 + rows * 12 + entries * ENTRY_WORDS * 4 + wires * 8;
}

export interface WriteR1csParameters {
  readonly r1cs: R1cs;
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
}

/** Writes an `.r1cs` file; the same system gives the same bytes. @throws FILE_NOT_WRITTEN, CANCELLED */
export async function writeR1csFile({ r1cs, path, signal }: WriteR1csParameters): Promise<void> {
  await writeBinFile({ ...FORMAT, path, sectionCount: 3, signal }, async (writer) => {
    for (const [type, chunks] of [
      [HEADER, headerChunks],
      [CONSTRAINTS, constraintChunks],
      [LABELS, labelChunks],
    ] as const) {
      await writer.section(type, async (append) => {
        for (const chunk of chunks(r1cs)) await append(chunk);
      });
    }
  });
}

/** A digest (BLAKE2b, 64 bytes) of the header and the constraints, whatever the file they are in. */
export function r1csDigest(r1cs: R1cs): Uint8Array {
  const hash = createHash('blake2b512').update('zkonnx r1cs 1\n');
  for (const chunk of headerChunks(r1cs)) hash.update(chunk);
  for (const chunk of constraintChunks(r1cs)) hash.update(chunk);
  return new Uint8Array(hash.digest());
}

function* headerChunks(r1cs: R1cs): Generator<Uint8Array> {
  const bytes = new Uint8Array(64);
  const data = view(bytes);
  data.setUint32(0, 32, true);
  bytes.set(bigintToBytes(r1cs.prime), 4);
  data.setUint32(36, r1cs.wireCount, true);
  data.setUint32(40, r1cs.publicOutputCount, true);
  data.setUint32(44, r1cs.publicInputCount, true);
  data.setUint32(48, r1cs.privateInputCount, true);
  data.setBigUint64(52, BigInt(r1cs.wireCount), true);
  data.setUint32(60, r1cs.rowCount, true);
  yield bytes;
}

/** Each chunk is valid until the next one is asked for. */
function* constraintChunks(r1cs: R1cs): Generator<Uint8Array> {
  const encoded = encodedCoefficients(r1cs);
  let chunk = new Uint32Array(CHUNK_WORDS);
  let used = 0;
  for (let row = 0; row < r1cs.rowCount; row++) {
    for (const matrix of [r1cs.a, r1cs.b, r1cs.c]) {
      const start = matrix.rowStart[row] as number;
      const end = matrix.rowStart[row + 1] as number;
      const needed = 1 + (end - start) * ENTRY_WORDS;
      if (used + needed > chunk.length) {
        yield new Uint8Array(chunk.buffer, 0, used * 4);
        used = 0;
        if (needed > chunk.length) chunk = new Uint32Array(needed);
      }
      chunk[used++] = end - start;
      for (let entry = start; entry < end; entry++) {
        chunk[used++] = matrix.wires[entry] as number;
        const from = (matrix.coefficients[entry] as number) * 8;
        for (let word = 0; word < 8; word++) chunk[used++] = encoded[from + word] as number;
      }
    }
  }
  yield new Uint8Array(chunk.buffer, 0, used * 4);
}

/** Wires have no names of their own: each is its own label. */
function* labelChunks(r1cs: R1cs): Generator<Uint8Array> {
  for (let first = 0; first < r1cs.wireCount; first += CHUNK_WORDS) {
    const count = Math.min(CHUNK_WORDS, r1cs.wireCount - first);
    const chunk = new Uint32Array(count * 2);
    for (let index = 0; index < count; index++) chunk[index * 2] = first + index;
    yield new Uint8Array(chunk.buffer);
  }
}

/** The eight words of every coefficient of the pool, by id; reduced modulo the prime. */
function encodedCoefficients({ pool, prime }: R1cs): Uint32Array {
  const words = new BigUint64Array(pool.size * 4);
  for (let id = 0; id < pool.size; id++) storeBigint(words, id * 4, modulo(BigInt(pool.value(id)), prime));
  return new Uint32Array(words.buffer);
}

/**
 * Reads an `.r1cs` file. Entries keep the order of the file; coefficients become signed, the ones above half the prime negative.
 * @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED
 */
export async function readR1csFile(source: BinSource): Promise<R1cs> {
  const file = await BinFileReader.open(source, FORMAT);
  try {
    file.expectSize(HEADER, 64);
    const header = await file.read(HEADER);
    const data = view(header);
    if (data.getUint32(0, true) !== 32) throw malformed(file.name, 'unsupported field size', '32 bytes', `${data.getUint32(0, true)} bytes`);
    const prime = bytesToBigint(header, 4);
    const wireCount = data.getUint32(36, true);
    const publicOutputCount = data.getUint32(40, true);
    const publicInputCount = data.getUint32(44, true);
    const privateInputCount = data.getUint32(48, true);
    const rowCount = data.getUint32(60, true);
    if (prime < 2n) throw malformed(file.name, 'the prime is less than 2');
    if (1 + publicOutputCount + publicInputCount + privateInputCount > wireCount) throw malformed(file.name, 'more inputs and outputs than wires');
    // Ties the number of wires to the size of the file, so that a damaged header cannot ask for all memory.
    file.expectSize(LABELS, wireCount * 8);
    if (file.size(CONSTRAINTS) % 4 !== 0 || file.size(CONSTRAINTS) < rowCount * 12) throw malformed(file.name, 'the section of constraints is too short');
    const { a, b, c, pool } = parseConstraints(file.name, asWords(await file.read(CONSTRAINTS)), { prime, wireCount, rowCount });
    return { prime, wireCount, publicOutputCount, publicInputCount, privateInputCount, rowCount, a, b, c, pool };
  } finally {
    await file.close();
  }
}

interface Sizes {
  readonly prime: bigint;
  readonly wireCount: number;
  readonly rowCount: number;
}

function parseConstraints(name: string, words: Uint32Array, sizes: Sizes): { a: SparseMatrix; b: SparseMatrix; c: SparseMatrix; pool: CoefficientPool } {
  const { wireCount, rowCount } = sizes;
  const counts = countEntries(name, words, rowCount);
  const matrices = counts.map((count) => ({ rowStart: new Uint32Array(rowCount + 1), wires: new Uint32Array(count), coefficients: new Uint32Array(count) }));
  const used = [0, 0, 0];
  const pool = new CoefficientPool();
  const decode = coefficientDecoder(name, words, sizes.prime);
  let position = 0;
  for (let row = 0; row < rowCount; row++) {
    for (let which = 0; which < 3; which++) {
      const matrix = matrices[which] as (typeof matrices)[number];
      let entry = used[which] as number;
      const end = entry + (words[position++] as number);
      for (; entry < end; entry++, position += ENTRY_WORDS) {
        const wire = words[position] as number;
        if (wire >= wireCount) throw malformed(name, `row ${row} uses a wire that does not exist`, `a wire below ${wireCount}`, String(wire));
        matrix.wires[entry] = wire;
        matrix.coefficients[entry] = pool.id(decode(position + 1));
      }
      used[which] = end;
      matrix.rowStart[row + 1] = end;
    }
  }
  const [a, b, c] = matrices as [SparseMatrix, SparseMatrix, SparseMatrix];
  return { a, b, c, pool };
}

/** Entries of A, B and C; finds out before anything is allocated whether the rows fit the section exactly. */
function countEntries(name: string, words: Uint32Array, rowCount: number): [number, number, number] {
  const counts: [number, number, number] = [0, 0, 0];
  let position = 0;
  for (let row = 0; row < rowCount; row++) {
    for (let which = 0; which < 3; which++) {
      const count = position < words.length ? (words[position] as number) : Infinity;
      position += 1 + count * ENTRY_WORDS;
      if (position > words.length) throw malformed(name, `row ${row} leaves the section of constraints`);
      counts[which as 0 | 1 | 2] += count;
    }
  }
  if (position !== words.length) throw malformed(name, 'bytes after the last constraint');
  return counts;
}

function coefficientDecoder(name: string, words: Uint32Array, prime: bigint): (position: number) => number | bigint {
  const primeWords = new Uint32Array(bigintToBytes(prime).buffer);
  const largePrime = primeWords[7] !== 0;
  const half = prime / 2n;
  return (position) => {
    const low = words[position] as number;
    const next = words[position + 1] as number;
    // Small coefficients, of either sign, never become bigints.
    if (largePrime) {
      let zero = true;
      let sameHigh = true;
      for (let word = 2; word < 8; word++) {
        zero &&= words[position + word] === 0;
        sameHigh &&= words[position + word] === primeWords[word];
      }
      if (zero && next < 2 ** 20) return low + next * 2 ** 32;
      const below = low - (primeWords[0] as number) + (next - (primeWords[1] as number)) * 2 ** 32;
      if (sameHigh && below < 0 && Number.isSafeInteger(below)) return below;
    }
    const value = bytesToBigint(new Uint8Array(words.buffer, words.byteOffset + position * 4, 32));
    if (value >= prime) throw malformed(name, 'a coefficient is not below the prime');
    return coefficient(value > half ? value - prime : value);
  };
}
