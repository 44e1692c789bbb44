import { checkZkey } from '../setup/zkey.js';
import { verificationKeyFromZkey } from '../setup/verificationKey.js';
import { verifyProof } from '../verify/verifyProof.js';
import type { KeyChecker } from './selfCheck.js';

/** Checks keys, every entry of their rows included, and proofs in JavaScript. */
export const scriptChecker: KeyChecker = async (zkeyPath) => {
  const [header, verificationKey] = await Promise.all([checkZkey(zkeyPath), verificationKeyFromZkey(zkeyPath)]);
  return { wireCount: header.wireCount, publicCount: header.publicCount, verifies: async (proof) => verifyProof({ verificationKey, ...proof }) };
};
