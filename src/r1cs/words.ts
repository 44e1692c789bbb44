/** Integers of 256 bits as bytes: little-endian, as all of iden3's files have them. */

const MASK = (1n << 64n) - 1n;

/** Writes `value`, in [0, 2^256), as four 64-bit words. */
export function storeBigint(words: BigUint64Array, index: number, value: bigint): void {
  words[index] = value & MASK;
  words[index + 1] = (value >> 64n) & MASK;
  words[index + 2] = (value >> 128n) & MASK;
  words[index + 3] = value >> 192n;
}

/** Reads four 64-bit words. */
export function loadBigint(words: BigUint64Array, index: number): bigint {
  return (
    (words[index] as bigint) | ((words[index + 1] as bigint) << 64n) | ((words[index + 2] as bigint) << 128n) | ((words[index + 3] as bigint) << 192n)
  );
}

/** `value`, in [0, 2^256), as 32 bytes. */
export function bigintToBytes(value: bigint): Uint8Array<ArrayBuffer> {
  const words = new BigUint64Array(4);
  storeBigint(words, 0, value);
  return new Uint8Array(words.buffer);
}

/** The integer of 32 bytes at `offset`. */
export function bytesToBigint(bytes: Uint8Array, offset = 0): bigint {
  return loadBigint(new BigUint64Array(new Uint8Array(bytes.subarray(offset, offset + 32)).buffer), 0);
}

/** The bytes as 32-bit words, without a copy where the alignment allows it. Their number must be a multiple of four. */
export function asWords(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}
