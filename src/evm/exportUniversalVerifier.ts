import { ZkonnxError } from '../errors/index.js';
import type { AnyVerificationKey } from '../setup/anyVerificationKey.js';
import { SYSTEM_NAMES } from '../setup/proofSystem.js';
import type { UniversalVerificationKey } from '../setup/universal/universalKeyFile.js';
import { parseFflonkKey } from '../verify/fflonk.js';
import { parsePlonkKey } from '../verify/plonk.js';
import { exportVerifier, verifierFrame, type ExportedVerifier, type ExportVerifierOptions } from './exportVerifier.js';
import { universalTemplate } from './universalTemplate.js';

/** With more public signals than these, the contract that snarkjs generates does not fit into the 24,576 bytes that EIP-170 allows. */
export const MAX_UNIVERSAL_SIGNALS = { plonk: 85, fflonk: 32 } as const;

/** With more, the contract is half as large again. */
const OPTIMIZER_RUNS = 200;

export interface ExportAnyVerifierOptions extends ExportVerifierOptions {
  /** Of any system, as read from snarkjs's JSON form; it is checked here. */
  readonly verificationKey: AnyVerificationKey;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes the Solidity verifier of a key of any system. That of a key of PLONK or FFLONK holds the contract that snarkjs generates, and is under
 * the GPL. Deterministic: the same arguments give the same bytes.
 * @throws as {@link exportVerifier} does, and CANCELLED
 */
export async function exportAnyVerifier({ signal, ...options }: ExportAnyVerifierOptions): Promise<ExportedVerifier> {
  const { verificationKey } = options;
  if (verificationKey.protocol === 'groth16') return exportVerifier(options);
  const { protocol: system } = verificationKey;
  const frame = verifierFrame(options, MAX_UNIVERSAL_SIGNALS[system]);
  const { publicCount } = checkedKey(verificationKey);
  if (publicCount !== frame.plan.signals) {
    throw new ZkonnxError('KEY_MISMATCH', { message: `The ${SYSTEM_NAMES[system]} verification key does not have as many public signals as the public layout of the model.`, expected: String(frame.plan.signals), found: String(publicCount) });
  }
  // Threads are loaded for snarkjs alone.
  const { snarkjsSolidity } = await import('../setup/universal/solidityVerifier.js');
  const source = universalTemplate({ ...frame, system, optimizerRuns: OPTIMIZER_RUNS, snarkjsSource: await snarkjsSolidity(verificationKey, signal) });
  return { contractName: frame.contractName, source, optimizerRuns: OPTIMIZER_RUNS };
}

/** @throws ARTIFACT_MALFORMED */
function checkedKey(key: UniversalVerificationKey): { readonly publicCount: number } {
  return key.protocol === 'plonk' ? parsePlonkKey(key) : parseFflonkKey(key);
}
