/** `.wtns` files, version 2: a header with the prime, then 32 bytes for each wire, in normal form. */
import { ZkonnxError } from '../errors/index.js';
import { BinFileReader, containerHead, malformed, sectionHead, view, type BinSource } from './binFile.js';
import { FIELD_PRIME } from './field.js';
import type { Witness } from './witness.js';
import { asWords, bigintToBytes, bytesToBigint } from './words.js';

const FORMAT = { magic: 'wtns', version: 2 } as const;
const HEADER = 1;
const VALUES = 2;
const HEADER_SIZE = 40;
const VALUES_POSITION = 12 + 12 + HEADER_SIZE + 12;

/** The bytes of a `.wtns` file over the scalar field of BN254. @throws INTERNAL when a wide value is not below the prime. */
export function witnessToBytes(witness: Witness): Uint8Array<ArrayBuffer> {
  const count = witness.values.length;
  const bytes = new Uint8Array(VALUES_POSITION + count * 32);
  bytes.set(containerHead(FORMAT, 2));
  bytes.set(sectionHead(HEADER, HEADER_SIZE), 12);
  view(bytes).setUint32(24, 32, true);
  bytes.set(bigintToBytes(FIELD_PRIME), 28);
  view(bytes).setUint32(60, count, true);
  bytes.set(sectionHead(VALUES, count * 32), 64);
  const words = new Uint32Array(bytes.buffer);
  const primeWords = new Uint32Array(bigintToBytes(FIELD_PRIME).buffer);
  let position = VALUES_POSITION / 4;
  for (let wire = 0; wire < count; wire++, position += 8) {
    const value = witness.values[wire] as number;
    if (value >= 0) words[position] = value;
    else {
      words.set(primeWords, position);
      // The lowest word of the prime, 0xf0000001, exceeds 2^31, so that nothing is borrowed.
      words[position] = (primeWords[0] as number) + value;
    }
  }
  witness.wideWires.forEach((wire, index) => {
    const value = witness.wideValues[index];
    if (value === undefined || value < 0n || value >= FIELD_PRIME || wire >= count) {
      throw new ZkonnxError('INTERNAL', { message: `wire ${wire} of the witness has no valid wide value` });
    }
    bytes.set(bigintToBytes(value), VALUES_POSITION + wire * 32);
  });
  return bytes;
}

/** Reads a `.wtns` file over the scalar field of BN254. @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED */
export async function readWitness(source: BinSource): Promise<Witness> {
  const file = await BinFileReader.open(source, FORMAT);
  try {
    file.expectSize(HEADER, HEADER_SIZE);
    const header = await file.read(HEADER);
    if (view(header).getUint32(0, true) !== 32 || bytesToBigint(header, 4) !== FIELD_PRIME) throw malformed(file.name, 'not over the scalar field of BN254');
    const count = view(header).getUint32(36, true);
    file.expectSize(VALUES, count * 32);
    return parseValues(file.name, await file.read(VALUES), count);
  } finally {
    await file.close();
  }
}

function parseValues(name: string, bytes: Uint8Array, count: number): Witness {
  const words = asWords(bytes);
  const primeWords = new Uint32Array(bigintToBytes(FIELD_PRIME).buffer);
  const values = new Int32Array(count);
  const wideWires: number[] = [];
  const wideValues: bigint[] = [];
  for (let wire = 0; wire < count; wire++) {
    const position = wire * 8;
    const low = words[position] as number;
    let high = 0;
    let sameHigh = true;
    for (let word = 1; word < 8; word++) {
      high |= words[position + word] as number;
      sameHigh &&= words[position + word] === primeWords[word];
    }
    const below = low - (primeWords[0] as number);
    if (high === 0 && low < 2 ** 31) values[wire] = low;
    else if (sameHigh && below < 0 && below >= -(2 ** 31)) values[wire] = below;
    else {
      const value = bytesToBigint(bytes, wire * 32);
      if (value >= FIELD_PRIME) throw malformed(name, `the value of wire ${wire} is not below the prime`);
      wideWires.push(wire);
      wideValues.push(value);
    }
  }
  if (values[0] !== 1) throw malformed(name, 'wire 0 is not the constant 1');
  return { values, wideWires: Uint32Array.from(wideWires), wideValues };
}
