import { FIELD_PRIME } from '../r1cs/field.js';
import { malformedProof, parseDecimal } from './proof.js';

/** Public signals as field elements. @throws PROOF_MALFORMED when there are more or fewer than `count`, or when one is not in [0, r) */
export function parseSignals(signals: readonly (string | bigint)[], count: number): bigint[] {
  if (!Array.isArray(signals) || signals.length !== count) {
    throw malformedProof('the number of public signals is not the key’s', String(count), Array.isArray(signals) ? String(signals.length) : typeof signals);
  }
  return signals.map((signal: unknown, index) => {
    const value = typeof signal === 'bigint' ? signal : parseDecimal(signal);
    if (value === undefined || value < 0n || value >= FIELD_PRIME) {
      throw malformedProof(`public signal ${index} is not a field element`, 'a decimal integer in [0, r)', String(signal).slice(0, 100));
    }
    return value;
  });
}
