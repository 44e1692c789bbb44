import { developmentKey } from '../setup/index.js';
import { loadNativeEngine } from '../prove/native.js';
import type { BackendChoice } from '../prove/index.js';
import { ZkonnxError } from '../errors/index.js';

export interface MakeDevelopmentKeyParameters {
  readonly r1csPath: string;
  readonly zkeyPath: string;
  /** 'auto' is the native engine where it was built, else JavaScript. */
  readonly backend: BackendChoice;
  readonly threads: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (fraction: number) => void;
}

/** Makes a development key with the native engine, or in JavaScript. The two record the same, and differ in speed only. */
export async function makeDevelopmentKey({ r1csPath, zkeyPath, backend, threads, signal, onProgress }: MakeDevelopmentKeyParameters): Promise<void> {
  const engine = backend === 'snarkjs' ? undefined : loadNativeEngine();
  if (engine !== undefined) return engine.setupDev({ r1csPath, zkeyPath, threads, signal, onProgress });
  if (backend === 'native') throw new ZkonnxError('USAGE', { message: 'the native engine is not available', fix: 'Use the backend snarkjs, or install a C++ compiler and install zkonnx again.' });
  await developmentKey({ r1cs: r1csPath, zkeyPath, threads, signal, onProgress: ({ done, total }) => onProgress(done / total) });
}
