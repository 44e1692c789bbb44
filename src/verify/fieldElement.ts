import { FIELD_PRIME } from '../r1cs/field.js';
import { malformedProof, parseDecimal } from './proof.js';

/** A field element from a bigint, a decimal string, or 0x and up to 64 hexadecimal digits; undefined for anything else. */
export function parseFieldElement(value: unknown): bigint | undefined {
  const integer = typeof value === 'bigint' ? value : typeof value === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(value) ? BigInt(value) : parseDecimal(value);
  return integer === undefined || integer < 0n || integer >= FIELD_PRIME ? undefined : integer;
}

/** A commitment or a salt as people write it: a bigint, a decimal string, or 0x and up to 64 hexadecimal digits. @throws PROOF_MALFORMED */
export function parseCommitment(value: bigint | string, what = 'commitment'): bigint {
  const element = parseFieldElement(value);
  if (element === undefined) throw malformedProof(`the ${what} is not a field element`, 'an integer in [0, r), decimal or 0x and up to 64 hexadecimal digits', String(value).slice(0, 100));
  return element;
}

/** 0x and 64 hexadecimal digits. */
export function commitmentText(value: bigint): string {
  return `0x${value.toString(16).padStart(64, '0')}`;
}
