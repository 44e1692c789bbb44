import { ZkonnxError } from '../errors/index.js';
import { SYSTEM_NAMES, type UniversalSystem } from '../setup/proofSystem.js';
import { readUniversalKey } from '../setup/universal/universalKeyFile.js';
import { verifyProof } from '../verify/verifyProof.js';
import type { KeyChecker } from './selfCheck.js';

/** Checks keys of PLONK and FFLONK, and proofs with them by our own verifier, which shares nothing with snarkjs. */
export function universalChecker(expected: UniversalSystem): KeyChecker {
  return async (zkeyPath) => {
    const { system, wireCount, publicCount, verificationKey } = await readUniversalKey(zkeyPath);
    if (system !== expected) throw new ZkonnxError('KEY_MISMATCH', { message: `${zkeyPath} is a key of another proof system.`, file: zkeyPath, expected: SYSTEM_NAMES[expected], found: SYSTEM_NAMES[system] });
    return { wireCount, publicCount, verifies: async (proof) => verifyProof({ verificationKey, ...proof }) };
  };
}
