import { existsSync } from 'node:fs';
import { ZkonnxError } from '../errors/index.js';
import type { ProverBackend } from './backend.js';
import { selfChecking } from './selfCheck.js';

/** 'auto' is the native engine where it was built, else snarkjs. */
export type BackendChoice = 'auto' | 'native' | 'snarkjs';

export interface SelectBackendParameters {
  /** Default 'auto'. */
  readonly backend?: BackendChoice | undefined;
  /** How many proofs will be made side by side; default 1. */
  readonly concurrency?: number | undefined;
}

/**
 * A prover that checks its keys and its proofs; close it after use. Nothing heavy is loaded before it is chosen.
 * @throws USAGE when the native engine is asked for but was not built.
 */
export async function selectBackend({ backend = 'auto', concurrency = 1 }: SelectBackendParameters = {}): Promise<ProverBackend> {
  if (backend !== 'snarkjs') {
    const native = await nativeBackend();
    if (native !== undefined) return selfChecking(native);
    if (backend === 'native') throw new ZkonnxError('USAGE', { message: 'the native engine is not available', fix: 'Use the backend snarkjs, or install a C++ compiler and install zkonnx again.' });
  }
  const { snarkjsBackend } = await import('./snarkjs.js');
  return selfChecking(snarkjsBackend({ concurrency }));
}

/** The native engine, if this installation has one. It is looked for, not imported: a package without it works all the same. */
async function nativeBackend(): Promise<ProverBackend | undefined> {
  const url = new URL('./native.js', import.meta.url);
  if (!existsSync(url)) return undefined;
  const { loadNativeEngine } = (await import(url.href)) as { loadNativeEngine(): Promise<ProverBackend | undefined> };
  return loadNativeEngine();
}
