import { ZkonnxError } from '../errors/index.js';
import type { ProofSystem } from '../setup/proofSystem.js';
import type { ProverBackend } from './backend.js';
import { selfChecking } from './selfCheck.js';

/** 'auto' is the native engine where it was built, else snarkjs. */
export type BackendChoice = 'auto' | 'native' | 'snarkjs';

export interface SelectBackendParameters {
  /** Default 'auto'. */
  readonly backend?: BackendChoice | undefined;
  /** The system of the key; default Groth16. The others are proven by snarkjs alone. */
  readonly system?: ProofSystem | undefined;
  /** How many proofs will be made side by side; default 1. */
  readonly concurrency?: number | undefined;
}

/**
 * A prover that checks its keys and its proofs; close it after use. Nothing heavy is loaded before it is chosen.
 * @throws USAGE when the native engine is asked for but was not built, PROOF_SYSTEM when it is asked for and cannot.
 */
export async function selectBackend({ backend = 'auto', system = 'groth16', concurrency = 1 }: SelectBackendParameters = {}): Promise<ProverBackend> {
  if (system !== 'groth16') {
    if (backend === 'native') throw new ZkonnxError('PROOF_SYSTEM', { message: 'The native engine proves in Groth16 only.', expected: 'the backend snarkjs, or auto', found: 'native', fix: 'Leave --backend out: snarkjs proves in PLONK and FFLONK.' });
    const [{ snarkjsBackend }, { universalChecker }] = await Promise.all([import('./snarkjs.js'), import('./universalChecker.js')]);
    return selfChecking(snarkjsBackend({ concurrency, system }), universalChecker(system));
  }
  if (backend !== 'snarkjs') {
    const native = await nativeBackend();
    if (native !== undefined) return native;
    if (backend === 'native') throw new ZkonnxError('USAGE', { message: 'the native engine is not available', fix: 'Use the backend snarkjs, or install a C++ compiler and install zkonnx again.' });
  }
  const [{ snarkjsBackend }, { scriptChecker }] = await Promise.all([import('./snarkjs.js'), import('./scriptChecker.js')]);
  return selfChecking(snarkjsBackend({ concurrency }), scriptChecker);
}

/** The native engine, if this installation has one. */
async function nativeBackend(): Promise<ProverBackend | undefined> {
  const [{ loadNativeEngine }, { nativeChecker }] = await Promise.all([import('./native.js'), import('./nativeChecker.js')]);
  const engine = loadNativeEngine();
  return engine === undefined ? undefined : selfChecking(engine, nativeChecker(engine));
}
