import type { BinSource } from '../r1cs/binFile.js';
import { readKeySystem, readUniversalKey, type UniversalVerificationKey } from './universal/universalKeyFile.js';
import { verificationKeyFromZkey, type VerificationKey } from './verificationKey.js';

/** A verification key of any system, told apart by its protocol. */
export type AnyVerificationKey = VerificationKey | UniversalVerificationKey;

/** The verification key that belongs to a proving key of any system, equal to what snarkjs exports. @throws as the readers of the systems do */
export async function verificationKeyOf(source: BinSource): Promise<AnyVerificationKey> {
  return (await readKeySystem(source)) === 'groth16' ? verificationKeyFromZkey(source) : (await readUniversalKey(source)).verificationKey;
}
