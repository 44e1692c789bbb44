/** The challenges of PLONK and FFLONK: Keccak-256 of points and field elements, big-endian, modulo r, as snarkjs and its contracts have it. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { FIELD_PRIME } from '../r1cs/field.js';
import type { G1Point } from './points.js';

/** The challenge that follows from these: 64 bytes of each point (zeros at infinity), 32 of each element. */
export function challenge(...parts: readonly (G1Point | bigint)[]): bigint {
  const words = parts.flatMap((part) => {
    if (typeof part === 'bigint') return [part];
    if (part.is0()) return [0n, 0n];
    const { x, y } = part.toAffine();
    return [x, y];
  });
  return bigEndian(keccak_256(Uint8Array.from(words.flatMap(wordBytes)))) % FIELD_PRIME;
}

function wordBytes(word: bigint): number[] {
  const digits = word.toString(16).padStart(64, '0');
  return Array.from({ length: 32 }, (_, index) => Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16));
}

function bigEndian(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
