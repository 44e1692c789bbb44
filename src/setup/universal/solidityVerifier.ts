import { SnarkjsPool } from '../../snarkjs/index.js';
import type { UniversalVerificationKey } from './universalKeyFile.js';

/**
 * The Solidity contract that snarkjs generates for a key; it is under GPL-3.0. The key must have been checked: what is in it goes into the
 * text as it is.
 * @throws ZkonnxError CANCELLED, INTERNAL
 */
export async function snarkjsSolidity(verificationKey: UniversalVerificationKey, signal?: AbortSignal): Promise<string> {
  const snarkjs = new SnarkjsPool(1);
  try {
    return await snarkjs.solidityVerifier({ verificationKey: { ...verificationKey } }, signal);
  } finally {
    await snarkjs.close();
  }
}
